import { createHash, sign } from 'node:crypto';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type CommandIo, UsageError } from '../../../src/cli/command.ts';
import { command as verify } from '../../../src/cli/verify.ts';
import { C14N_1_0 } from '../../../src/core/c14n/algorithms.ts';
import { canonicalOctets } from '../../../src/core/c14n/canonicalize.ts';
import { toUtf8 } from '../../../src/core/encoding.ts';
import { JitsuinError } from '../../../src/core/errors.ts';
import { readForm } from '../../../src/core/forms/read-form.ts';
import { parseXml } from '../../../src/core/xml/parse.ts';
import { FORM_SAMPLES, formNamed, signSample } from '../../support/xmldsig/forms.ts';
import { testCrl, testRoot, testSigner } from '../../support/xmldsig/signers.ts';
import { zipOf } from '../../support/zip.ts';

const [EGOV] = FORM_SAMPLES;
if (EGOV === undefined) throw new Error('no sample');
const folder = mkdtempSync(join(tmpdir(), 'jitsuin-forms-'));
const path = (name: string) => join(folder, name);
const write = (name: string, content: string | Uint8Array) => {
  writeFileSync(path(name), content);
  return path(name);
};

async function run(
  args: readonly string[],
  env: CommandIo['env'] = {},
): Promise<{ status: unknown; out: string }> {
  let out = '';
  const io: CommandIo = {
    stdout: (text) => {
      out += text;
    },
    stderr: () => undefined,
    isTty: false,
    env,
    signal: new AbortController().signal,
  };
  try {
    return { status: await verify.run([...args, ...rules], io), out };
  } catch (thrown) {
    if (thrown instanceof UsageError) return { status: 'usage', out: thrown.message };
    return { status: thrown instanceof JitsuinError ? thrown.code : String(thrown), out: String(thrown) };
  }
}

/** Signed by a card that was given the hash of the hash. */
function doubleHashed(text: string): string {
  const document = parseXml(toUtf8(text));
  const [element] = document.elementsCalled('SignedInfo');
  if (element === undefined) throw new Error('no SignedInfo');
  const octets = canonicalOctets(document, { kind: 'element', element }, { algorithm: C14N_1_0 });
  const value = sign('sha256', createHash('sha256').update(octets).digest(), testSigner('rsa').privateKey);
  return text.replace(/(<SignatureValue>)[^<]*/, (_, tag) => `${tag}${value.toString('base64')}`);
}

let rules: readonly string[] = [];
const signed = signSample(EGOV);
const FILE_NAME = '申請 1.xml';
let kousei = '';

beforeAll(() => {
  mkdirSync(path('case'));
  kousei = write('case/kousei.xml', signed.text);
  write(`case/${FILE_NAME}`, '<a/>');
  const [root, crl] = [
    write('root.der', testRoot().certificateDer),
    write('crl.der', testCrl({ revoked: false })),
  ];
  rules = ['--trust', root, '--crl', crl, '--policy', 'general', '--at', '2026-11-22T09:00:00Z'];
});

describe('jitsuin verify --form', () => {
  const form = ['--form', 'egov-standard'];

  it('takes the files one by one, from a folder and from a ZIP', async () => {
    const one = await run([kousei, ...form, '--file', `${FILE_NAME}=${path(`case/${FILE_NAME}`)}`]);
    const all = await run([kousei, ...form, '--folder', path('case')]);
    const zip = write(
      'a.zip',
      zipOf([
        ['950A/kousei.xml', signed.text],
        [`950A/${FILE_NAME}`, '<a/>'],
      ]),
    );
    const zipped = [await run([...form, '--zip', zip]), await run([zip, ...form])];
    for (const { status, out } of [one, all, ...zipped]) {
      expect([status, out.split('\n')[0]]).toEqual([0, 'TOTAL-PASSED']);
      expect(out).toContain(`signed          file ${FILE_NAME}, 4 octets`);
      expect(out).toContain('NOT SIGNED      element 様式ID');
    }
  });

  it('names form, version, basis and digest, and every signer, in JSON', async () => {
    const { out } = await run([kousei, ...form, '--folder', path('case'), '--json']);
    const { sha256 } = formNamed('egov-standard');
    expect(JSON.parse(out)).toMatchObject({
      indication: 'TOTAL-PASSED',
      form: { name: 'egov-standard', version: 1, basis: 'observed', sha256 },
      signers: [{ number: 1, indication: 'TOTAL-PASSED' }],
      covered: [
        { kind: 'element', title: '構成情報' },
        { kind: 'file', name: FILE_NAME, length: 4 },
      ],
    });
  });

  it('a missing file, another form and another number of signers leave it open; a changed file is wrong', async () => {
    expect(await run([kousei, ...form])).toMatchObject({
      status: 3,
      out: expect.stringContaining('xmldsig.file'),
    });
    expect(await run([kousei, '--form', 'kobunsho'])).toMatchObject({
      status: 3,
      out: expect.stringContaining('other-form'),
    });
    const two = await run([kousei, ...form, '--folder', path('case'), '--signers', '2']);
    expect(two).toMatchObject({
      status: 3,
      out: expect.stringContaining('2 signers were asked for; 1 signed'),
    });
    expect((await run([kousei, ...form, '--file', `${FILE_NAME}=${kousei}`])).status).toBe(1);
  });

  it('--explain names what was done otherwise, of each Reference and each signer', async () => {
    const given = `${FILE_NAME}=${path(`case/${FILE_NAME}`)}`;
    const told = async (document: string, file = given) => {
      const { status, out } = await run([document, ...form, '--file', file, '--explain', '--json']);
      return { status, ...JSON.parse(out).explanation };
    };
    expect(await told(kousei)).toEqual({
      status: 0,
      references: [],
      signers: [{ number: 1, signature_value: { agrees: true, tried: 1 } }],
    });
    const crlf = write('crlf.xml', '<a/>\r\n');
    expect(await told(kousei, `${FILE_NAME}=${crlf}`)).toMatchObject({
      status: 1,
      references: [
        { number: 2, kind: 'file', name: FILE_NAME, cause: { name: 'without-trailing-line-end' } },
      ],
    });
    const other = write('other.xml', '<a>altogether other</a>');
    const [{ cause, tried }] = (await told(kousei, `${FILE_NAME}=${other}`)).references;
    expect([cause, tried > 0]).toEqual([undefined, true]);
    // digested without the namespaces and white space that it has in its place: re-serialized on the way
    const stripped = write('stripped.xml', signed.text.replace(/>\s+</g, '><'));
    const cause2 = (await told(stripped)).references;
    expect(cause2).toMatchObject([{ number: 1, kind: 'element', name: '構成情報' }]);
    const doubled = write('doubled.xml', doubleHashed(signed.text));
    expect(await told(doubled)).toMatchObject({
      status: 1,
      references: [],
      signers: [
        { number: 1, signature_value: { agrees: false, cause: { name: expect.stringContaining('hash') } } },
      ],
    });
    const text = await run([doubled, ...form, '--file', given, '--explain']);
    expect(text.out).toMatch(/signer 1\nSignatureValue {2}\S+: the signer signed/);
    const elsewhere = await run([kousei, '--form', 'kobunsho', '--explain', '--json']);
    expect(JSON.parse(elsewhere.out).explanation).toBeUndefined();
  });

  it('refuses what cannot be meant, and says what to do', async () => {
    const said = async (...args: readonly string[]) => {
      const { status, out } = await run(args);
      expect(status).toBe('usage');
      return out;
    };
    expect(await said(kousei, '--form', 'egov')).toMatch(/one of by-id, .*egov-standard/);
    expect(await said(kousei, ...form, '--profile', 'by-id')).toMatch(/no meaning beside --form/);
    expect(await said(kousei, '--folder', path('case'))).toMatch(/--folder is for --form/);
    expect(await said(kousei, ...form, '--file', 'a=b', '--zip', 'x')).toMatch(/three ways/);
    expect(await said(kousei, ...form, '--file', `../x=${kousei}`)).toMatch(/holds one of/);
    expect(await said(kousei, ...form, '--signers', '99')).toMatch(/from 1 to 10/);
    mkdirSync(path('linked'));
    symlinkSync(kousei, path('linked/a.xml'));
    expect(await said(kousei, ...form, '--folder', path('linked'))).toMatch(/not a regular file/);
    const flat = write('flat.zip', zipOf([['kousei.xml', signed.text]]));
    expect(await said(...form, '--zip', flat)).toMatch(/no folder/);
  });
});

describe('a form of the operator’s own', () => {
  it('signs and verifies from a folder, without a change of the program', async () => {
    const file = {
      form: 'city-receipt',
      version: 3,
      basis: 'observed',
      root: '{urn:example:city}受付',
      places: {
        body: {
          path: ['{urn:example:city}受付', '{urn:example:city}本文'],
          count: [1, 1],
          id: { name: 'id', value: '*' },
        },
      },
      signature: { in: ['{urn:example:city}受付'], prefix: 'ds', id: { name: 'Id', form: 'digits:14' } },
      signers: { min: 1, max: 2 },
      c14n: ['exc-c14n'],
      algorithm: ['rsa-sha256'],
      references: [
        { element: 'body', uri: 'raw', transforms: [['exc-c14n']], digest: ['sha512'] },
        { files: 'caller', count: [1, 2], uri: 'percent', transforms: [[]], digest: ['sha384'] },
      ],
      keyInfo: 'leaf',
      unsigned: { elements: [], instructions: [], files: false },
    };
    mkdirSync(path('forms'));
    const text = JSON.stringify(file);
    write('forms/city.json', text);
    const document = '<c:受付 xmlns:c="urn:example:city"><c:本文 id="b1">模擬</c:本文></c:受付>';
    const sample = {
      form: 'city-receipt',
      document,
      documentName: 'u.xml',
      files: [['添付.txt', 'x'] as const],
    };
    const own = signSample(sample, ['rsa'], readForm(toUtf8(text)));
    const env = { JITSUIN_FORMS_DIR: path('forms') };
    const args = [
      write('u.xml', own.text),
      '--form',
      'city-receipt',
      '--file',
      `添付.txt=${write('t.txt', 'x')}`,
    ];
    expect(await run(args, env)).toMatchObject({
      status: 0,
      out: expect.stringMatching(/city-receipt, version 3/),
    });
    expect((await run(args)).status).toBe('usage');
    write('forms/bad.json', JSON.stringify({ ...file, form: 'bad', algorithm: ['rsa-sha1'] }));
    expect(await run(args, env)).toMatchObject({
      status: 'config.invalid',
      out: expect.stringMatching(/bad\.json.*algorithm/),
    });
  });
});
