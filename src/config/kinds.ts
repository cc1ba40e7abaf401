import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { z } from 'zod';

/** A sentence in the two languages of the documents. */
export interface Bilingual {
  readonly en: string;
  readonly ja: string;
}

/** What a reading knows beside the text of the one variable. */
export interface ReadingContext {
  /** Where plain http may go to: nowhere, to this machine, or (the simulator) anywhere. */
  readonly plainHttp: 'refused' | 'loopback' | 'anywhere';
}

type Parsed<T> = { readonly value: T } | { readonly fault: string };

/** One way of writing a value: what is acceptable, and what it becomes. A fault never repeats the text. */
export interface Kind<T> {
  readonly accepts: Bilingual;
  readonly parse: (text: string, context: ReadingContext) => Parsed<T>;
  /** Texts that this kind takes, and texts that it refuses: what the tests of every variable are made from. */
  readonly examples: { readonly good: readonly string[]; readonly bad: readonly string[] };
}

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost']);
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const KIBIBYTE = 1024;

function fault(what: string): { readonly fault: string } {
  return { fault: what };
}

/** One line of text. */
export function text(
  accepts: Bilingual = { en: 'text', ja: '文字列' },
  pattern = /^[^\p{Cc}]+$/u,
  example = 'example',
): Kind<string> {
  const parse = (given: string): Parsed<string> =>
    !/\p{Cc}/u.test(given) && pattern.test(given) ? { value: given } : fault('is not of that form');
  return { accepts, parse, examples: { good: [example], bad: ['\u0000'] } };
}

export function file(): Kind<string> {
  return text({ en: 'path of a file', ja: 'ファイルのパス' }, undefined, '/etc/jitsuin/file');
}

/** It becomes absolute. */
export function folder(): Kind<string> {
  const path = text({ en: 'path of a folder', ja: 'フォルダーのパス' }, undefined, '/var/lib/jitsuin');
  return mapped(path, (given) => ({ value: resolve(given) }));
}

/** What a kind takes, turned into something else or refused after all. */
export function mapped<From, To>(kind: Kind<From>, turn: (value: From) => Parsed<To>): Kind<To> {
  return {
    accepts: kind.accepts,
    examples: kind.examples,
    parse: (given, context) => {
      const parsed = kind.parse(given, context);
      return 'fault' in parsed ? parsed : turn(parsed.value);
    },
  };
}

/** One of some words. */
export function choice<const Word extends string>(...words: readonly Word[]): Kind<Word> {
  const list = words.map((word) => `\`${word}\``).join(', ');
  const parse = (given: string): Parsed<Word> => {
    const found = words.find((word) => word.toLowerCase() === given.toLowerCase());
    return found === undefined ? fault('is none of these words') : { value: found };
  };
  return {
    accepts: { en: list, ja: list },
    parse,
    examples: { good: [...words, (words[0] ?? '').toUpperCase()], bad: ['no-such-word'] },
  };
}

const NO: ReadonlySet<string> = new Set(['0', 'false', 'no', 'off']);
const YES: ReadonlySet<string> = new Set(['1', 'true', 'yes', 'on']);

/** No or yes, in one spelling and the usual ones; each becomes a word of its own. */
export function flag<const No extends string, const Yes extends string>(no: No, yes: Yes): Kind<No | Yes> {
  const parse = (given: string): Parsed<No | Yes> => {
    const word = given.toLowerCase();
    if (NO.has(word)) return { value: no };
    return YES.has(word) ? { value: yes } : fault('is neither yes nor no');
  };
  return {
    accepts: {
      en: '`0` or `1` (also `false`/`true`, `no`/`yes`, `off`/`on`)',
      ja: '`0` または `1`（`false`/`true`、`no`/`yes`、`off`/`on` も可）',
    },
    parse,
    examples: { good: ['0', '1', 'true', 'FALSE', 'yes', 'no', 'on', 'off'], bad: ['2', 'ja', '１'] },
  };
}

interface Range {
  readonly min: number;
  readonly max: number;
}

function bounded(value: number, { min, max }: Range): Parsed<number> {
  if (!Number.isSafeInteger(value)) return fault('is not a whole number of that unit');
  return value < min || value > max ? fault('is out of that range') : { value };
}

/** A whole number in decimal digits. */
export function whole(min: number, max: number): Kind<number> {
  const range = `${min} … ${max}`;
  return {
    accepts: { en: `whole number, ${range}`, ja: `整数 ${range}` },
    parse: (given) =>
      /^-?[0-9]+$/.test(given) ? bounded(Number(given), { min, max }) : fault(notDigits(given)),
    examples: {
      good: [String(min), String(max)],
      bad: [String(min - 1), String(max + 1), '1.5', '1e1', '0x10', '１０', '10k'],
    },
  };
}

function notDigits(given: string): string {
  return /[０-９]/.test(given) ? 'holds full-width digits' : 'is not written as a number';
}

export function port(min: 0 | 1 = 0): Kind<number> {
  const kind = whole(min, 65_535);
  const free = { en: '; 0 takes a free one', ja: '。0 は空きポート' };
  return {
    accepts: {
      en: `port, ${min} … 65535${min === 0 ? free.en : ''}`,
      ja: `ポート番号 ${min} … 65535${min === 0 ? free.ja : ''}`,
    },
    parse: kind.parse,
    examples: { good: kind.examples.good, bad: [...kind.examples.bad, 'tcp://10.0.0.1:80'] },
  };
}

const DURATION_UNITS = { ms: 1, s: SECOND, min: MINUTE, m: MINUTE, h: HOUR, d: DAY } as const;
const PLAIN_UNITS = { seconds: SECOND, minutes: MINUTE, days: DAY } as const;
const PLAIN_UNITS_JA = { seconds: '秒', minutes: '分', days: '日' } as const;

/**
 * A length of time: a bare number counts the unit that the variable's name says; `30s`, `5min`, `2h`, `7d` say it
 * themselves. `min` and `max` count the bare unit. It becomes milliseconds.
 */
export function duration(unit: keyof typeof PLAIN_UNITS, min: number, max: number): Kind<number> {
  const bare = PLAIN_UNITS[unit];
  const parse = (given: string): Parsed<number> => {
    const [, digits = '', written] = /^([0-9]+) ?([a-z]*)$/.exec(given) ?? [];
    if (digits === '') return fault(notDigits(given));
    const factor = written === '' ? bare : DURATION_UNITS[written as keyof typeof DURATION_UNITS];
    if (factor === undefined) return fault('has an unknown unit');
    return bounded(Number(digits) * factor, { min: min * bare, max: max * bare });
  };
  const range = `${min} … ${max}`;
  return {
    accepts: {
      en: `${unit}, ${range} (also \`30s\`, \`5min\`, \`2h\`, \`7d\`)`,
      ja: `${PLAIN_UNITS_JA[unit]} ${range}（\`30s\`、\`5min\`、\`2h\`、\`7d\` も可）`,
    },
    parse,
    examples: {
      good: [String(min), String(max), `${(max * bare) / SECOND}s`, `${max * bare}ms`],
      bad: [String(max + 1), '-1', '1.5', '10x', '１０', 'soon', '1e3'],
    },
  };
}

const SIZE_UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kib: KIBIBYTE,
  mib: KIBIBYTE ** 2,
  gib: KIBIBYTE ** 3,
  kb: 1000,
  mb: 1000 ** 2,
  gb: 1000 ** 3,
};

/** A number of octets: bare, or `512KiB`, `16MiB` (1024), `5MB` (1000). */
export function size(min: number, max: number): Kind<number> {
  const parse = (given: string): Parsed<number> => {
    const [, digits = '', written = ''] = /^([0-9]+) ?([A-Za-z]*)$/.exec(given) ?? [];
    if (digits === '') return fault(notDigits(given));
    const factor = SIZE_UNITS[written.toLowerCase()];
    if (factor === undefined) return fault('has an unknown unit');
    return bounded(Number(digits) * factor, { min, max });
  };
  const range = `${min} … ${max}`;
  return {
    accepts: {
      en: `octets, ${range} (also \`512KiB\`, \`16MiB\`, \`5MB\`)`,
      ja: `オクテット数 ${range}（\`512KiB\`、\`16MiB\`、\`5MB\` も可）`,
    },
    parse,
    examples: {
      good: [String(min), String(max), `${Math.floor(max / KIBIBYTE)}KiB`, `${max} B`],
      bad: [String(min - 1), String(max + 1), '16M', '1.5MiB', '１６', 'big'],
    },
  };
}

/** https; plain http only where the context allows it; no user, query or fragment. Without the slashes at its end. */
export function baseUrl(): Kind<string> {
  return mapped(secureUrl(), (value) => ({ value: value.replace(/\/+$/, '') }));
}

/** https; plain http only where the context allows it; no user, query or fragment. */
export function secureUrl(most = 2048): Kind<string> {
  return {
    accepts: {
      en: 'https URL without user, query and fragment',
      ja: 'https の URL（利用者名・クエリー・フラグメントなし）',
    },
    parse: (given, context) => parseSecureUrl(given, most, context),
    examples: {
      good: ['https://example.jp/path'],
      bad: [
        'example.jp',
        'http://example.jp/',
        'https://u:p@example.jp/',
        'https://example.jp/?q',
        'ftp://e.jp/',
      ],
    },
  };
}

function parseSecureUrl(given: string, most: number, { plainHttp }: ReadingContext): Parsed<string> {
  if (!z.url().safeParse(given).success) return fault('is not a URL');
  if (given.length > most) return fault(`is longer than ${most} characters`);
  const url = new URL(given);
  if (url.username !== '' || url.password !== '') return fault('holds a user or a password');
  if (url.hash !== '' || url.search !== '') return fault('holds a query or a fragment');
  if (url.protocol === 'https:') return { value: given };
  if (url.protocol !== 'http:') return fault('is neither https nor http');
  if (plainHttp === 'anywhere') return { value: given };
  if (!LOOPBACK.has(url.hostname)) return fault('is plain http');
  if (plainHttp === 'loopback') return { value: given };
  return fault('is plain http: set JITSUIN_ALLOW_LOOPBACK_HTTP=1 to use http on this machine');
}

/** Compared exactly by others: https, and written in its normal form. */
export function exactUrl(): Kind<string> {
  const url = secureUrl(255);
  const parse = (given: string, context: ReadingContext): Parsed<string> => {
    const parsed = url.parse(given, context);
    if ('fault' in parsed || new URL(given).href === given) return parsed;
    return fault('is compared exactly, and is not in its normal form');
  };
  return {
    accepts: {
      en: `${url.accepts.en}, in its normal form, at most 255 characters`,
      ja: `${url.accepts.ja}。正規化した形、255 文字以内`,
    },
    parse,
    examples: { good: url.examples.good, bad: [...url.examples.bad, 'https://example.jp/a/../b'] },
  };
}

/** As `baseUrl`, with a host name: passkeys belong to names, so an address is refused. */
export function namedUrl(): Kind<string> {
  const kind = mapped<string, string>(baseUrl(), (value) =>
    isIP(new URL(value).hostname.replace(/^\[|\]$/g, '')) === 0
      ? { value }
      : fault('is an address: passkeys belong to names, not addresses'),
  );
  return {
    parse: kind.parse,
    accepts: {
      en: `${kind.accepts.en}, with a host name`,
      ja: `${kind.accepts.ja}。ホスト名で`,
    },
    examples: {
      good: kind.examples.good,
      bad: [...kind.examples.bad, 'https://192.0.2.1', 'https://[2001:db8::1]'],
    },
  };
}

/** Origins with commas or blanks between them. */
export function origins(): Kind<readonly string[]> {
  const url = secureUrl();
  const parse = (given: string, context: ReadingContext): Parsed<readonly string[]> => {
    const list = given.split(/[\s,]+/).filter((origin) => origin !== '');
    for (const origin of list) {
      const parsed = url.parse(origin, context);
      if ('fault' in parsed) return parsed;
      if (new URL(origin).origin !== origin) return fault('holds a URL with a path');
    }
    return { value: list };
  };
  return {
    accepts: {
      en: 'https origins, commas between them',
      ja: 'https のオリジンをコンマ区切り',
    },
    parse,
    examples: { good: ['https://a.example.jp,https://b.example.jp'], bad: ['https://a.example.jp/x', 'x'] },
  };
}

/** Issuers with commas or blanks between them. */
export function issuers(): Kind<readonly string[]> {
  const url = secureUrl();
  const parse = (given: string, context: ReadingContext): Parsed<readonly string[]> => {
    const list = given.split(/[\s,]+/).filter((issuer) => issuer !== '');
    for (const issuer of list) {
      const parsed = url.parse(issuer, context);
      if ('fault' in parsed) return parsed;
    }
    return { value: list };
  };
  return {
    accepts: { en: 'https URLs, commas between them', ja: 'https の URL をコンマ区切り' },
    parse,
    examples: { good: ['https://a.example.jp/x,https://b.example.jp'], bad: ['http://a.example.jp', 'x'] },
  };
}

/** The address of a server, with what opens it inside: one of some schemes. */
export function serverUrl(...schemes: readonly string[]): Kind<string> {
  const shown = schemes.map((scheme) => `\`${scheme}://…\``).join(', ');
  const parse = (given: string): Parsed<string> => {
    const scheme = /^([a-z0-9+.-]+):\/\//.exec(given)?.[1];
    if (scheme === undefined || !schemes.includes(scheme)) return fault('does not begin so');
    if (/[\s\u3000]/.test(given)) return fault('holds a blank');
    if (given.includes('#'))
      return fault('holds #: write it as %23 (and % as %25, @ as %40, / as %2F) in a password');
    return { value: given };
  };
  return {
    accepts: { en: shown, ja: shown },
    parse,
    examples: {
      good: schemes.map((scheme) => `${scheme}://user:pass%23word@server.example/1`),
      bad: ['server.example', 'mysql://server.example/', `${schemes[0]}://server .example`],
    },
  };
}

/** Words with one blank between them. */
export function words(accepts: Bilingual, pattern: RegExp, example: string): Kind<readonly string[]> {
  const parse = (given: string): Parsed<readonly string[]> =>
    pattern.test(given) ? { value: given.split(' ') } : fault('is not such a list');
  return { accepts, parse, examples: { good: [example], bad: [`${example}  x`, '\u0000'] } };
}

const HOST_NAME = String.raw`(?:\*?\.)?[0-9a-z_-]+(?:\.[0-9a-z_-]+)*\.?(?:/\d{1,2})?`;
const IPV6 = String.raw`\[[0-9a-f:]+\]|[0-9a-f]*:[0-9a-f:]+(?:/\d{1,3})?`;
const HOST_ENTRY = new RegExp(String.raw`^(?:\*|${HOST_NAME}|${IPV6})(?::\d{1,5})?$`, 'i');

/** Hosts, domains and networks with commas or blanks between them, as `NO_PROXY` has them. */
export function hosts(): Kind<readonly string[]> {
  const parse = (given: string): Parsed<readonly string[]> => {
    const list = given.split(/[\s,]+/).filter((entry) => entry !== '');
    return list.every((entry) => HOST_ENTRY.test(entry)) ? { value: list } : fault('holds what is no host');
  };
  return {
    accepts: {
      en: 'hosts, domains, addresses and networks (`10.0.0.0/8`), commas between them; `*` is every one',
      ja: 'ホスト・ドメイン・アドレス・ネットワーク（`10.0.0.0/8`）をコンマ区切り。`*` はすべて',
    },
    parse,
    examples: {
      good: ['localhost,.example.jp,10.0.0.0/8,example.jp:8443,::1,[::1]:443', '*'],
      bad: ['https://example.jp', 'a b/c'],
    },
  };
}
