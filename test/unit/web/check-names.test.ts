import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { XML_SIGNATURE_CHECKS } from '../../../src/verifier/xmldsig/validation.ts';
import { CHECK_NAMES, checkName } from '../../../src/web/verify/check-names.ts';

/** What is looked for in the source: each way in which a check gets its name. */
const NAMING: readonly RegExp[] = [
  /\bname: '([a-z0-9-]+)',\s*(?:result|code|subIndication)\b/g,
  /\bname: (?:\w+ \? )'([a-z0-9-]+)'/g,
  /\bname: \w+ \? '[a-z0-9-]+' : '([a-z0-9-]+)'/g,
  /, name: '([a-z0-9-]+)' \}/g,
  /\bconst (?:name|NAME|FOUND) = '([a-z0-9-]+)'/g,
  /^ {2}\[\s*'([a-z0-9-]+)',/gm,
  /\b(?:failed|finding|hashFailed|altered|noProof)\('([a-z0-9-]+)'/g,
];

/** Rooms of the verifier that make checks; the RFC 5280 lint and the algorithms' tables are lists of other things. */
const inFolder = (folder: string) =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `${folder}/${file}`);
const FILES = [
  ...['', '/evidence', '/revocation', '/timestamp', '/xmldsig'].flatMap((room) =>
    inFolder(`src/verifier${room}`),
  ),
  ...['path', 'path-checks', 'jpki-profile'].map((file) => `src/verifier/x509/${file}.ts`),
  'src/verifier/policy/algorithm-check.ts',
  'src/roles/signature-verifier/wiring.ts',
];

function namesMade(): readonly string[] {
  const found = FILES.flatMap((file) => {
    const source = readFileSync(file, 'utf8');
    const listed = [...source.matchAll(/\bnotReached\((?:trial|\{[^}]*\}), ([^)]*)\)/g)].flatMap(
      ([, list = '']) => [...list.matchAll(/'([a-z0-9-]+)'/g)],
    );
    return [...NAMING.flatMap((pattern) => [...source.matchAll(pattern)]), ...listed];
  });
  return [...new Set([...XML_SIGNATURE_CHECKS, ...found.map(([, name = '']) => name)])].sort();
}

it('every check that the verifier makes has words in both languages, and no words are left over', () => {
  const names = namesMade();
  expect(names.length).toBeGreaterThan(45);
  expect(Object.keys(CHECK_NAMES).sort()).toEqual(names);
  for (const name of names) {
    const { ja, en } = checkName(name);
    expect(ja, name).toMatch(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u);
    expect(en, name).toMatch(/^[\p{ASCII}]+$/u);
  }
});

it('a name of another program is shown as it is', () => {
  expect(checkName('of-tomorrow')).toEqual({ ja: 'of-tomorrow', en: 'of-tomorrow' });
});
