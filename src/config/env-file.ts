import { readFileSync } from 'node:fs';
import { JitsuinError } from '../core/errors.ts';
import type { Environment, SettingFault } from './names.ts';
import { nearest } from './nearest.ts';

/** A file of KEY=VALUE lines as it was read. */
interface EnvFile {
  readonly values: Environment;
  /** Name → where it stands, for example `sp.env line 4`. */
  readonly origins: ReadonlyMap<string, string>;
  readonly faults: readonly SettingFault[];
}

/**
 * Reads a file of settings, by rules of our own (the runtime's reader cuts a value at `#` and takes what is
 * unclosed for a value): one KEY=VALUE a line, `export` before it if you like; `#` begins a comment at the start of
 * a line and after a blank; quotes, straight ones, for a value that has blanks at its ends or ` #` inside. What
 * cannot be read is a fault with its line.
 * @throws JitsuinError `config.invalid` when there is no such file or it is not UTF-8
 */
export function readEnvFile(path: string): EnvFile {
  return parseEnvFile(textOf(path), path);
}

function textOf(path: string): string {
  const octets = octetsOf(path);
  const utf16 = (octets[0] === 0xff && octets[1] === 0xfe) || (octets[0] === 0xfe && octets[1] === 0xff);
  if (utf16) throw invalid(path, 'is written in UTF-16: save it as UTF-8');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octets);
  } catch {
    throw invalid(path, 'is not UTF-8 (Shift_JIS, perhaps): save it as UTF-8');
  }
}

function octetsOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
    const says: Readonly<Record<string, string>> = {
      ENOENT: 'does not exist: give --env-file the file that holds the settings ("jitsuin init" writes some)',
      EACCES: 'may not be read by this user',
      EISDIR: 'is a folder, not a file',
    };
    throw invalid(path, says[code] ?? 'cannot be read');
  }
}

function invalid(path: string, says: string): JitsuinError {
  return new JitsuinError('config.invalid', `The file of settings ${says}.`, { at: path });
}

/** `file` stands in the origins. */
export function parseEnvFile(text: string, file: string): EnvFile {
  const values: Record<string, string> = {};
  const lines = new Map<string, number>();
  const faults: SettingFault[] = [];
  text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .forEach((line, index) => {
      const read = readLine(line);
      if (read === undefined) return;
      const where = `${file} line ${index + 1}`;
      const first = 'name' in read ? lines.get(read.name) : undefined;
      if (first !== undefined)
        faults.push(faultAt(where, `sets ${nameIn(read)} again: line ${first} sets it too`));
      else if ('fault' in read) faults.push(faultAt(where, read.fault));
      if (!('name' in read) || first !== undefined) return;
      lines.set(read.name, index + 1);
      if ('value' in read) values[read.name] = read.value;
    });
  const origins = new Map([...lines].map(([name, line]) => [name, `${file} line ${line}`]));
  return { values, origins, faults };
}

function faultAt(name: string, says: string): SettingFault {
  return { name, code: 'config.invalid', says };
}

function nameIn(read: Line): string {
  return 'name' in read ? read.name : '';
}

type Line =
  | { readonly name: string; readonly value: string }
  | { readonly name: string; readonly fault: string }
  | { readonly fault: string };

/** Settings of the runtime and the machine, which were taken up before anybody read this file. */
const NOT_OURS = /^(?:NODE_(?!ENV$)\w+|UV_THREADPOOL_SIZE|TZ|LD_\w+)$/;
const NAME = /^(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*(.*)$/s;
/** Written without our prefix, so that only a file can be asked whether they were meant. */
const WITHOUT_PREFIX = ['DATABASE_URL', 'REDIS_URL'] as const;
const CONTROL = /(?!\t)[\p{Cc}\p{Zl}\p{Zp}]/u;

function readLine(line: string): Line | undefined {
  const trimmed = line.replace(/^[ \t]+|[ \t]+$/g, '');
  if (/^[\s\u3000]*$/.test(trimmed) || trimmed.startsWith('#')) return undefined;
  if (CONTROL.test(trimmed)) return { fault: 'holds a control character' };
  const [, name, written = ''] = NAME.exec(trimmed) ?? [];
  if (name === undefined) return { fault: lineFault(trimmed) };
  if (NOT_OURS.test(name))
    return {
      name,
      fault: `sets ${name}, which is not read from here: set it in the environment of the process`,
    };
  const meant = WITHOUT_PREFIX.find(
    (known) => known !== name && nearest(name.toUpperCase(), [known], 1) !== undefined,
  );
  if (meant !== undefined)
    return { name, fault: `sets ${name}, which nothing reads. Did you mean ${meant}?` };
  const value = valueIn(written);
  return 'fault' in value ? { name, fault: `(${name}) ${value.fault}` } : { name, value: value.value };
}

function lineFault(line: string): string {
  if (/^[\s\u3000]/.test(line)) return 'begins with a full-width blank (U+3000)';
  if (line.startsWith('＃')) return 'begins with a full-width ＃: a comment begins with #';
  if (!line.includes('='))
    return line.includes('＝') ? 'has a full-width ＝ in the place of =' : 'has no =: write NAME=VALUE';
  return 'does not begin with a name: letters, digits and _ before the =';
}

type Value = { readonly value: string } | { readonly fault: string };

const WIDE_BLANKS = /^[\u3000\u00a0\u2000-\u200b\ufeff]|[\u3000\u00a0\u2000-\u200b\ufeff]$/u;

function valueIn(written: string): Value {
  const quote = /^["']/.exec(written)?.[0];
  if (quote !== undefined) return quotedValue(written, quote);
  const [, value = ''] = /^(.*?)(?:[ \t]+#.*)?$/s.exec(written.startsWith('#') ? '' : written) ?? [];
  if (/^[“”„‟‘’‚‛«»「『＂＇`]/u.test(value))
    return { fault: 'begins with a typographic quotation mark: use " or \'' };
  if (/[“”‟’‛»」』＂＇]$/u.test(value)) return { fault: 'ends with a typographic quotation mark' };
  if (WIDE_BLANKS.test(value))
    return { fault: 'begins or ends with a blank that is not ASCII (U+3000, perhaps)' };
  if (/["']$/.test(value)) return { fault: 'ends with a quotation mark that was never opened' };
  if (value.endsWith('\\')) return { fault: 'ends with \\: a value is one line' };
  if (/\$\{\w+\}|\$\(/.test(value))
    return { fault: 'holds a $ with braces or brackets after it, which nothing here replaces' };
  return { value };
}

/** Within `"`, `\n`, `\"` and `\\` are what they are in a shell; within `'` everything is itself. */
function quotedValue(written: string, quote: string): Value {
  const body = quote === '"' ? /^"((?:[^"\\]|\\.)*)"(.*)$/s : /^'([^']*)'(.*)$/s;
  const [, inner, rest = ''] = body.exec(written) ?? [];
  if (inner === undefined) return { fault: `opens with ${quote} and never closes: a value is one line` };
  if (!/^[ \t]*(?:#.*)?$/.test(rest)) return { fault: `goes on after its closing ${quote}` };
  if (quote === "'") return { value: inner };
  return {
    value: inner.replace(/\\(["\\n])/g, (_all, escaped: string) => (escaped === 'n' ? '\n' : escaped)),
  };
}
