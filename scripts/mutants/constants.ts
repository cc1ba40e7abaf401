/** The named numbers of the programs: lives, sizes, budgets, skews. `test/CONSTANTS.md` lists them, each with who notices another value. */
import { readFileSync } from 'node:fs';

export interface NamedConstant {
  readonly file: string;
  readonly name: string;
  /** As it is written. */
  readonly value: string;
  readonly unit: string;
  /** What the source says of it, on one line; empty where the name says all. */
  readonly meaning: string;
}

const DECLARATION =
  /(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n|\/\/ ?(.*)\n)?^(?:export )?const ([A-Z][A-Z0-9_]*)(?:: \w+)? = ([-+*/\s\w.]+);(?: \/\/ (.*))?$/gm;

/** Those of one file whose value is made of numbers and other constants. */
export function namedConstants(file: string, source: string): readonly NamedConstant[] {
  return [...source.matchAll(DECLARATION)].flatMap(([, block, line, name = '', written = '', after]) => {
    const value = written.replaceAll(/\s+/g, ' ').replace(/ as \w+$/, '');
    const isPlain = /\d/.test(value.replaceAll(/[A-Z]\w*/g, '')) || /^[A-Z]\w*_MILLIS$/.test(value);
    if (!isPlain || /[a-wyz]/.test(value.replaceAll(/0x\w+|\d+[en]\d*/g, ''))) return [];
    const meaning = (block ?? line ?? after ?? '')
      .replaceAll(/\s*\n\s*\*\s?/g, ' ')
      .replaceAll(/\s+/g, ' ')
      .trim();
    return [{ file, name, value, unit: unitOf(name, value, meaning), meaning }];
  });
}

/** Whether this program's constants promise something to somebody: not those of a laptop's simulator and of the command line. */
export const isOfThePrograms = (path: string) =>
  path.endsWith('.ts') && !/\/generated\/|^src\/(?:simulator|cli|faces)\//.test(path);

const UNITS: readonly (readonly [RegExp, string])[] = [
  [/_SECONDS|, seconds|\bSeconds\b/, 's'],
  [/_MILLIS|MINUTE|HOUR|DAY|; ms\b|[Mm]illiseconds/, 'ms'],
  [/OCTETS|OCTETS_|\bOctets\b|octets|KiB|1024|1_048_576|_LIMIT\b/, 'octets'],
  [/MiB/, 'MiB'],
  [
    /LEASE|WAIT|PAUSE|TIMEOUT|LIFE|DRAIN|PATIENCE|SKEW|AGAIN|SOON|EVERY|SILENCE|_REST\b|ANY_TIME|IDLE|FRESH|TOLERANCE|LOOK/,
    'ms',
  ],
  [/CHARACTERS|LENGTH|LONGEST_NAME|DISPLAY_NAME/, 'characters or octets'],
];

function unitOf(name: string, value: string, meaning: string): string {
  const found = UNITS.find(([pattern]) => pattern.test(`${name} ${value} ${meaning}`));
  return found?.[1] ?? 'count';
}

/** What `npm run mutants -- --constants` writes of one number of a constant: the test that noticed another one, or the reason. */
export interface Noticed {
  readonly file: string;
  readonly constant: string;
  readonly by?: string;
}

const HEAD = `# Constants, and who would notice another value

Each named number of the programs, as the source has it, with the test that goes red when it is one more (\`npm run mutants --
--constants\`), or the reason why nobody can notice. \`unit/promises/every-constant\` compares this list with the source: a new constant
has no row, another value has another row, and a row whose test is gone is refused. Made by the command; do not edit.

| constant | value | unit | what it is | noticed by |
| --- | ---: | --- | --- | --- |
`;

/** Numbers that promise nothing to anybody, and why. */
const INNER: readonly (readonly [RegExp, string])[] = [
  [
    /^src\/(?:core\/(?:xml|c14n)|adapters\/xml-peers)\//,
    '– a place in a table, or a number of the XML standards or of DOM',
  ],
  [/\/web\/console\/(?:plot|path-picture)/, '– a measure of a picture'],
  [
    / (?:PAGE|PAGES|\w*BATCH\w*|\w+_AT_ONCE|TOGETHER|LOOKED_AT)$/,
    '– how much at once; no answer depends on it',
  ],
  [/ (?:STATEMENTS_KEPT|KEYS_KEPT|ENDPOINTS_KEPT|MOST_REMEMBERED)$/, '– the size of a cache'],
];

const cell = (text: string) => text.replaceAll('|', '\\|');

export function constantsTable(constants: readonly NamedConstant[], noticed: readonly Noticed[]): string {
  const rows = constants.map(({ file, name, value, unit, meaning }) => {
    const own = noticed.filter((one) => one.file === file && one.constant === name);
    const by = own.find((one) => one.by !== undefined && own.every((other) => other.by !== undefined))?.by;
    const inner = INNER.find(([pattern]) => pattern.test(`${file} ${name}`))?.[1];
    const who = by ?? inner ?? 'nobody';
    return `| \`${file.replace(/^src\//, '')}\` ${name} | ${value} | ${unit} | ${cell(meaning)} | ${cell(who)} |`;
  });
  return `${HEAD}${rows.join('\n')}\n`;
}

export const constantsOf = (root: string, files: readonly string[]) =>
  files
    .filter(isOfThePrograms)
    .flatMap((file) => namedConstants(file, readFileSync(`${root}/${file}`, 'utf8')));
