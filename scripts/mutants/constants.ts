/** The named numbers of the programs: lives, sizes, budgets, skews. `test/CONSTANTS.md` lists them, each with who notices another. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

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

/** Constant as it is written → the test that went red when it was one more, or the reason why nobody can notice. */
export type Noticed = Readonly<Record<string, string>>;
export const NOTICED_FILE = 'test/constants-noticed.json';
export const keyOfConstant = ({ file, name, value }: Pick<NamedConstant, 'file' | 'name' | 'value'>) =>
  `${file} ${name} = ${value}`;
export const NOT_TRIED = 'not tried yet';

const HEAD = `# Constants, and who would notice another value

Each named number of the programs with the test that goes red when it is one more, or the reason why nobody can notice. Made by
\`npm run mutants -- --constants\`, which tries them all; a constant that is newer than its last run has no row.

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

export function constantsTable(constants: readonly NamedConstant[], noticed: Noticed): string {
  const rows = constants.map((constant) => {
    const { file, name, value, unit, meaning } = constant;
    const inner = INNER.find(([pattern]) => pattern.test(`${file} ${name}`))?.[1];
    const who = noticed[keyOfConstant(constant)] ?? inner ?? NOT_TRIED;
    return `| \`${file.replace(/^src\//, '')}\` ${name} | ${value} | ${unit} | ${cell(meaning)} | ${cell(who)} |`;
  });
  return `${HEAD}${rows.join('\n')}\n`;
}

/** All of them, in the order of their files. */
export function allConstants(root: string): readonly NamedConstant[] {
  const files = ['src', 'workers'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`),
  );
  return files
    .filter(isOfThePrograms)
    .sort()
    .flatMap((file) => namedConstants(file, readFileSync(join(root, file), 'utf8')));
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const noticedConstants = () => JSON.parse(readFileSync(join(ROOT, NOTICED_FILE), 'utf8')) as Noticed;
