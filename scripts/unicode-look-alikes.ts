/**
 * Writes `src/web/characters/unicode-look-alikes.ts` from the Unicode security tables.
 * usage: npx tsx scripts/unicode-look-alikes.ts confusables.txt
 * The file: https://www.unicode.org/Public/security/latest/confusables.txt (UTS #39; licence beside the output).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';

const OUTPUT = new URL('../src/web/characters/unicode-look-alikes.ts', import.meta.url);
const PLAIN = /^[A-Za-z0-9]$/;
/** Radicals and compatibility ideographs: each one stands for a character of its own that looks the same. */
const COMPATIBILITY = /[\u2e80-\u2fdf\uf900-\ufaff\u{2f800}-\u{2fa1f}]/u;
/** Written every day in Japanese text: full-width forms, Roman numerals. */
const USUAL = /[\uff00-\uffef\u2160-\u2188]/u;
const KANA = /[\u30a1-\u30fcー]/u;

interface Pair {
  readonly from: string;
  readonly to: string;
}

/** The rows that map one character to one. */
function pairsOf(table: string): Pair[] {
  return table.split('\n').flatMap((line) => {
    const [source = '', target = ''] = (line.split('#')[0] ?? '').split(';').map((cell) => cell.trim());
    const [from, to] = [characters(source), characters(target)];
    return [...from].length === 1 && [...to].length === 1 ? [{ from, to }] : [];
  });
}

function characters(cell: string): string {
  const points = cell.split(/\s+/).filter((point) => /^[0-9A-F]{4,6}$/.test(point));
  return String.fromCodePoint(...points.map((point) => Number.parseInt(point, 16)));
}

/** Letters and digits that are not ASCII and are drawn as an ASCII letter or digit. */
function ofAscii(pairs: readonly Pair[]): string[] {
  return pairs
    .filter(({ from, to }) => PLAIN.test(to) && /[\p{L}\p{N}]/u.test(from))
    .map(({ from }) => from)
    .filter((from) => from > '\u007f' && !USUAL.test(from));
}

function hanOfKatakana(pairs: readonly Pair[]): readonly (readonly [string, string])[] {
  return pairs.flatMap(({ from, to }) => {
    if (/\p{Script=Han}/u.test(to) && KANA.test(from)) return [[to, from] as const];
    return /\p{Script=Han}/u.test(from) && KANA.test(to) ? [[from, to] as const] : [];
  });
}

function literal(points: readonly string[]): string {
  const all = [...new Set(points)].sort();
  const lines: string[] = [];
  for (let at = 0; at < all.length; at += 12)
    lines.push(
      `  ${all
        .slice(at, at + 12)
        .map(hex)
        .join(', ')},`,
    );
  return `[\n${lines.join('\n')}\n]`;
}

function hex(character: string): string {
  return `0x${(character.codePointAt(0) ?? 0).toString(16)}`;
}

const table = readFileSync(process.argv[2] ?? '', 'utf8');
const version = /^# Version: (\S+)/m.exec(table)?.[1] ?? 'unknown';
const pairs = pairsOf(table);
const compatibility = pairs.filter(({ from }) => COMPATIBILITY.test(from)).map(({ from }) => from);
const katakana = hanOfKatakana(pairs).filter(([han]) => !COMPATIBILITY.test(han));
writeFileSync(
  OUTPUT,
  `/**
 * Written by scripts/unicode-look-alikes.ts from confusables.txt, version ${version} (UTS #39). Copyright of the table:
 * Unicode, Inc.; licence: UNICODE-LICENSE.txt in this folder.
 */

// biome-ignore format: a table
const ASCII = ${literal(ofAscii(pairs))};

// biome-ignore format: a table
const COMPATIBILITY = ${literal(compatibility)};

/** Letters and digits that are not ASCII and are drawn as an ASCII letter or digit. */
export const ASCII_LOOK_ALIKES: ReadonlySet<string> = new Set(ASCII.map((point) => String.fromCodePoint(point)));

/** Radicals and compatibility ideographs that are drawn as another character. */
export const COMPATIBILITY_IDEOGRAPHS: ReadonlySet<string> = new Set(
  COMPATIBILITY.map((point) => String.fromCodePoint(point)),
);

/** Chinese characters and the katakana that is drawn as they are. */
export const TABLE_KATAKANA_OF_HAN: Readonly<Record<string, string>> = {
${katakana.map(([han, kana]) => `  ${han}: '${kana}',`).join('\n')}
};
`,
);
