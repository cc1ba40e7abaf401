import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../../src/core/encoding.ts';
import { formCatalogue } from '../../../src/core/forms/catalogue.ts';
import { readForm } from '../../../src/core/forms/read-form.ts';
import { profileOfForm } from '../../../src/core/xmldsig/profile-table.ts';

const FOLDER = new URL('../../../src/core/forms/files/', import.meta.url);
const FILES = readdirSync(FOLDER).map((name) => ({
  name,
  text: readFileSync(new URL(name, FOLDER), 'utf8'),
}));
const EGOV = FILES.find(({ name }) => name === 'egov-standard.json')?.text ?? '';

type Json = Record<string, unknown>;

/** The form of e-Gov with one member changed, by its path. */
function changed(path: string, value: unknown, text = EGOV): Uint8Array {
  const root = JSON.parse(text) as Json;
  const steps = path.split('.');
  const last = steps.pop() ?? '';
  const holder = steps.reduce<Json>((object, step) => object[step] as Json, root);
  if (value === undefined) delete holder[last];
  else holder[last] = value;
  return toUtf8(JSON.stringify(root));
}

describe('the forms that ship', () => {
  it.each(FILES)('$name has at most 60 lines, and its digest is that of the file', ({ name, text }) => {
    expect(text.split('\n').length - 1).toBeLessThanOrEqual(60);
    const form = formCatalogue().get(name.replace('.json', ''));
    expect(form?.sha256).toBe(createHash('sha256').update(text).digest('hex'));
  });

  it('are those of the facts, and the three profiles are among them', () => {
    expect([...formCatalogue().keys()]).toEqual(FILES.map(({ name }) => name.replace('.json', '')).sort());
    const profiles = [...formCatalogue().values()].filter((form) => profileOfForm(form) !== undefined);
    expect(profiles.map(({ name }) => name)).toEqual(['by-id', 'enveloped', 'guideline']);
  });
});

/** Where a name is a word of the outside (API, options, an example), never a way to tell what is signed. */
const NAMED_IN = [
  'src/cli/applications/submit.ts',
  'src/cli/demo.ts',
  'src/config/variables/relying-party.ts',
  'src/contracts/public-api.ts',
  'src/contracts/verification.ts',
  'src/core/brand.ts',
  'src/core/forms/read-form.ts', // a transform has this word too
  'src/core/xmldsig/profile-table.ts', // the default
  'src/http/openapi/examples.ts',
  'src/offline/page.ts', // the choice of its reader
  'src/verifier/forms/inspect.ts', // a layout has this word too
];

it('no code that makes or judges knows a form by its name', () => {
  const names = FILES.map(({ name }) => name.replace('.json', ''));
  const quoted = new RegExp(`'(?:${names.join('|')})'`);
  const sources = ['src', 'workers'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && !path.includes('generated/') && !path.endsWith('shipped.ts'))
      .map((path) => `${folder}/${path}`),
  );
  const naming = sources.filter((path) => quoted.test(readFileSync(path, 'utf8')));
  expect(naming.sort()).toEqual(NAMED_IN);
});

describe('a form file is refused', () => {
  it.each<readonly [what: string, path: string, value: unknown]>([
    ['without a name', 'form', undefined],
    ['with a name that is a path', 'form', '../x'],
    ['without a basis', 'basis', 'guessed'],
    ['with a member that nobody knows', 'xpath', '//*'],
    ['with an expression as a step', 'places.config.path', ['DataRoot', '構成情報[1]']],
    ['with a pattern as a name', 'places.names.path', ['DataRoot', '.*']],
    ['with * below the document element', 'places.config.path', ['DataRoot', '*']],
    ['with another document element in a path', 'places.config.path', ['Other', '構成情報']],
    ['with a count without an upper limit', 'places.names.count', [1]],
    ['with a count of too many', 'places.names.count', [1, 100_000]],
    ['with an algorithm of another kind', 'algorithm', ['hmac-sha256']],
    ['with SHA-1', 'algorithm', ['rsa-sha1']],
    ['with no algorithm', 'algorithm', []],
    ['with another key policy', 'keyInfo', 'any'],
    [
      'with a transform of another kind',
      'references',
      [{ element: 'config', uri: 'percent', transforms: [['xslt']], digest: ['sha256'] }],
    ],
    ['with MD5', 'references', [{ element: 'config', uri: 'percent', transforms: [[]], digest: ['md5'] }]],
    ['with no Reference', 'references', []],
    [
      'with optional files alone',
      'references',
      [{ files: 'caller', count: [0, 3], uri: 'raw', transforms: [[]], digest: ['sha256'] }],
    ],
    [
      'with names from what is not signed',
      'references',
      [{ files: 'names', uri: 'raw', transforms: [[]], digest: ['sha256'] }],
    ],
    [
      'with a place that is not there',
      'references',
      [{ element: 'nowhere', uri: 'percent', transforms: [[]], digest: ['sha256'] }],
    ],
    ['that signs an element and lists it as unsigned', 'unsigned.elements', ['構成情報']],
    ['that lets everything lie unsigned', 'unsigned.elements', ['*']],
    ['where one signer may sign twice', 'signers.distinct', false],
    ['with more signers than are judged', 'signers.max', 1000],
    [
      'where several sign and each leaves out their own',
      'references',
      [{ element: 'config', uri: 'raw', transforms: [['enveloped']], digest: ['sha256'] }],
    ],
    ['with a Signature inside of what is signed', 'signature.in', ['DataRoot', '構成情報']],
  ])('%s', (_what, path, value) => {
    expect(() => readForm(changed(path, value))).toThrow(/The form file cannot be used/);
  });

  it('that is no JSON, names a member twice, is too large or no UTF-8', () => {
    for (const text of ['', '[]', '{', EGOV.replace('"version"', '"form": "twice", "version"')])
      expect(() => readForm(toUtf8(text)), text.slice(0, 20)).toThrow(/The form file cannot be used/);
    expect(() => readForm(toUtf8(`${EGOV}${' '.repeat(70_000)}`))).toThrow(/octets/);
    expect(() => readForm(Uint8Array.of(0x7b, 0xff, 0x7d))).toThrow(/UTF-8/);
  });

  it('that takes the name of another, but not the same file once more', () => {
    const twice = (octets: Uint8Array) => formCatalogue([{ name: 'mine.json', octets }]).size;
    expect(twice(toUtf8(EGOV))).toBe(formCatalogue().size);
    expect(() => twice(changed('version', 2))).toThrow(/mine\.json.*"egov-standard"/);
  });

  it('with the member, what was found and what was expected in its message', () => {
    expect(() => readForm(changed('keyInfo', 'any'))).toThrow(/keyInfo must be one of leaf, leaf-and-ca/);
    expect(() => readForm(changed('c14n', ['c14n12']))).toThrow(/c14n holds "c14n12"; it may hold c14n10/);
  });
});

describe('the shape of the facts', () => {
  it('is read without title and sources', () => {
    const bare = JSON.parse(EGOV) as Json;
    delete bare['title'];
    delete bare['sources'];
    expect(readForm(toUtf8(JSON.stringify({ ...bare, form: 'mine' }))).title.en).toBe('mine');
  });
});
