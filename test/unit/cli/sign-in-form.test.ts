import { sign } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { main } from '../../../src/cli/main.ts';
import {
  FORM_SAMPLES,
  type FormSample,
  formNamed,
  givenFile,
  judgeSample,
} from '../../support/xmldsig/forms.ts';
import { testSigner } from '../../support/xmldsig/signers.ts';

const folder = mkdtempSync(join(tmpdir(), 'jitsuin-form-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function jitsuin(args: readonly string[], env: Record<string, string> = {}) {
  const said = { out: '', err: '' };
  const stdout = (text: string) => {
    said.out += text;
  };
  const stderr = (text: string) => {
    said.err += text;
  };
  const { signal } = new AbortController();
  const status = await main([...args], { stdout, stderr, isTty: false, env, signal });
  return { status, ...said };
}

const put = (name: string, content: string | Uint8Array) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

/** The command line that gives a sample's document and files. */
function given({ document, documentName, files }: FormSample): string[] {
  const beside = files.flatMap(([name, content], index) => [
    '--file',
    `${name}=${put(`file-${index}`, content)}`,
  ]);
  return document === undefined ? beside : [put(documentName, document), ...beside];
}

/** Prepares, signs as the card does, and assembles; gives the path of the signed document. */
async function signed(form: string, args: readonly string[], kind: 'rsa' | 'other-rsa', env = {}) {
  const state = join(folder, 'state.json');
  const info = join(folder, 'signed-info');
  const prepared = await jitsuin(
    ['prepare', ...args, '--form', form, '--state', state, '--signed-info', info, '--json'],
    env,
  );
  expect(prepared).toMatchObject({ status: 0, err: '' });
  const { privateKey, certificateDer } = testSigner(kind);
  const value = sign('sha256', readFileSync(info), privateKey).toString('base64');
  const out = join(folder, 'signed.xml');
  const finish = [
    'assemble',
    '--state',
    state,
    '--signature-value',
    value,
    '--certificate',
    put('c.der', certificateDer),
  ];
  expect(await jitsuin([...finish, '--out', out], env)).toMatchObject({ status: 0, err: '' });
  return { out, summary: JSON.parse(prepared.out) as Record<string, unknown>, finish };
}

const [EGOV, , KOBUNSHO, , MOJ] = FORM_SAMPLES;
if (EGOV === undefined || KOBUNSHO === undefined || MOJ === undefined) throw new Error('no samples');
const files = (sample: FormSample) => sample.files.map(([name, content]) => givenFile(name, content));

describe('jitsuin prepare and assemble in a form', () => {
  it.each([EGOV, MOJ])('makes what verifies in form $form', async (sample) => {
    const { out, summary } = await signed(sample.form, given(sample), 'rsa');
    const { sha256, version } = formNamed(sample.form);
    expect(summary).toMatchObject({
      form: { name: sample.form, version, sha256 },
      mode: 'digest-info',
      signer: 1,
    });
    const form = formNamed(sample.form);
    const subject = {
      form,
      document: readFileSync(out),
      documentName: sample.documentName,
      files: files(sample),
    };
    expect(judgeSample(subject).report.indication).toBe('TOTAL-PASSED');
  });

  it('adds a second signer and changes no octet of what the first signed', async () => {
    const first = await signed(EGOV.form, given(EGOV), 'rsa');
    const before = readFileSync(first.out);
    const [, ...beside] = given(EGOV);
    const second = await signed(EGOV.form, [put('kousei.xml', before), ...beside], 'other-rsa');
    expect(second.summary['signer']).toBe(2);
    const after = readFileSync(second.out);
    const end = before.lastIndexOf('</Signature>') + '</Signature>'.length;
    expect(after.subarray(0, end).equals(before.subarray(0, end))).toBe(true);
    expect(after.subarray(after.length - (before.length - end)).equals(before.subarray(end))).toBe(true);
    const subject = {
      form: formNamed(EGOV.form),
      document: after,
      documentName: 'kousei.xml',
      files: files(EGOV),
      signers: 2,
    };
    const judged = judgeSample(subject);
    expect(judged.signers.map(({ outcome }) => outcome.report.indication)).toEqual([
      'TOTAL-PASSED',
      'TOTAL-PASSED',
    ]);
  });

  it('adds none to a document in which one is wrong, nor where the form has one signer', async () => {
    const first = await signed(EGOV.form, given(EGOV), 'rsa');
    const text = readFileSync(first.out, 'utf8');
    const [, ...beside] = given(EGOV);
    const changed = put('kousei.xml', text.replace('模擬　太郎', '模擬　花子'));
    expect(await jitsuin(['prepare', changed, ...beside, '--form', EGOV.form])).toMatchObject({
      status: 1,
      err: expect.stringContaining('xmldsig.signature'),
    });
  });

  it('refuses a form in which only the receiver signs, a missing file, and what is said twice', async () => {
    const refused = async (args: readonly string[]) => {
      const { status, err } = await jitsuin(['prepare', ...args]);
      return `${status} ${/[a-z0-9]+\.[a-z-]+(?=:)/.exec(err)?.[0] ?? 'usage'}`;
    };
    expect(await refused([...given(KOBUNSHO), '--form', 'kobunsho'])).toBe('2 xmldsig.profile');
    const [document = ''] = given(EGOV);
    expect(await refused([document, '--form', EGOV.form])).toMatch(/xmldsig\.file$/);
    expect(await refused([document, '--form', EGOV.form, '--profile', 'enveloped'])).toBe('2 usage');
    expect(await refused([document, '--form', EGOV.form, '--mode', 'digest'])).toBe('2 usage');
    expect(await refused([document, '--file', 'a=b'])).toBe('2 usage');
    expect(await refused([...given(MOJ), document, '--form', 'moj-drawing'])).toBe('2 usage');
  });

  it('takes a form of the operator’s own, and finishes only by the very file that it was prepared by', async () => {
    const own = join(folder, 'forms');
    mkdirSync(own, { recursive: true });
    const path = join(own, 'own.json');
    const content = (version: number) =>
      JSON.stringify({
        ...{ form: 'own', version, basis: 'inferred', title: { ja: '自前', en: 'own' }, sources: ['a test'] },
        ...{
          root: '届',
          places: { body: { path: ['届', '本文'], count: [1, 1], id: { name: 'ID', value: 'B' } } },
        },
        ...{
          signature: { in: ['届'], prefix: '' },
          signers: { min: 1, max: 1 },
          c14n: ['c14n10'],
          algorithm: ['rsa-sha256'],
        },
        references: [{ element: 'body', uri: 'raw', transforms: [['c14n10']], digest: ['sha256'] }],
        ...{ keyInfo: 'leaf', unsigned: { elements: [], instructions: [], files: false } },
      });
    writeFileSync(path, content(1));
    const env = { JITSUIN_FORMS_DIR: own };
    const document = put('own.xml', '<届><本文 ID="B">模擬</本文></届>');
    const { out, finish } = await signed('own', [document], 'rsa', env);
    expect(readFileSync(out, 'utf8')).toContain('URI="#B"');
    writeFileSync(path, content(2));
    expect(await jitsuin(finish, env)).toMatchObject({ err: expect.stringContaining('xmldsig.state') });
  });

  it('says 1 and gives no document for a value of another key', async () => {
    const { finish } = await signed(EGOV.form, given(EGOV), 'rsa');
    const other = finish.map((word, index) =>
      finish[index - 1] === '--certificate' ? put('o.der', testSigner('other-rsa').certificateDer) : word,
    );
    expect(await jitsuin(other)).toMatchObject({
      status: 1,
      out: '',
      err: expect.stringContaining('xmldsig.signature'),
    });
  });
});
