import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { formCatalogue } from '../../../src/core/forms/catalogue.ts';
import { notRunUnless } from '../../support/not-run.ts';
import { specimenOf } from '../../support/xmldsig/form-attacks.ts';
import { FORM_SAMPLES, type FormSample, judgeSample, signSample } from '../../support/xmldsig/forms.ts';
import { formsTable } from '../../support/xmldsig/forms-table.ts';
import { testSigner } from '../../support/xmldsig/signers.ts';

const folder = mkdtempSync(join(tmpdir(), 'jitsuin-stock-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Signer = 'rsa' | 'other-rsa';
type Tool = (document: string, signers: readonly Signer[]) => string[];

const support = join(import.meta.dirname, '../../support');
const tools: Readonly<Record<string, Tool | undefined>> = { xmlsec1: xmlsec1(), JDK: jdk() };
for (const [name, tool] of Object.entries(tools))
  if (tool === undefined)
    notRunUnless(
      'JITSUIN_REQUIRE_PEERS',
      `documents in every form against ${name}`,
      'apt-get install build-essential libxmlsec1-dev default-jdk-headless',
    );

/** libxmlsec1 with the IDs registered percent-encoded as well: undefined where it cannot be built. */
function xmlsec1(): Tool | undefined {
  const flags = spawnSync('xmlsec1-config', ['--cflags', '--libs']);
  const out = join(folder, 'xmlsec-form');
  const words = flags.status === 0 ? flags.stdout.toString().trim().split(/\s+/) : [];
  const source = join(support, 'c/xmlsec-form.c');
  if (words.length === 0 || spawnSync('cc', ['-o', out, source, ...words]).status !== 0) return undefined;
  return (document, signers) => answers(out, [document, ...signers.map((kind) => certificate(kind, 'pem'))]);
}

function jdk(): Tool | undefined {
  const source = join(support, 'java/XmlDsigForm.java');
  if (spawnSync('javac', ['-d', folder, source]).status !== 0) return undefined;
  const options = ['-Dfile.encoding=UTF-8', '-Dsun.jnu.encoding=UTF-8', '-Xshare:auto', '-cp', folder];
  return (document, signers) =>
    answers('java', [
      ...options,
      'XmlDsigForm',
      document,
      ...signers.map((kind) => certificate(kind, 'der')),
    ]);
}

function answers(program: string, words: readonly string[]): string[] {
  const cwd = join(words.find((word) => word.endsWith('.xml')) ?? folder, '..');
  const { stdout } = spawnSync(program, words, { cwd, env: { ...process.env, LC_ALL: 'C.UTF-8' } });
  return stdout.toString().trim().split('\n');
}

function certificate(kind: Signer, as: 'pem' | 'der'): string {
  const path = join(folder, `${kind}.${as}`);
  const der = Buffer.from(testSigner(kind).certificateDer);
  const lines = der.toString('base64').replace(/.{64}/g, '$&\n');
  writeFileSync(
    path,
    as === 'der' ? der : `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  );
  return path;
}

let written = 0;

/** The document with its files in a folder of their own, as a receiver has them. */
function laidOut({ documentName, files }: FormSample, document: Uint8Array | string): string {
  written += 1;
  const place = join(folder, String(written));
  mkdirSync(place);
  for (const [name, content] of files) writeFileSync(join(place, name), content);
  const path = join(place, documentName);
  writeFileSync(path, document);
  return path;
}

const several = (sample: FormSample): readonly Signer[] =>
  sample.form.startsWith('egov') ? ['rsa', 'other-rsa'] : ['rsa'];

const ANSWERS: Readonly<Record<string, 'xmlsec1' | 'jdk'>> = { xmlsec1: 'xmlsec1', JDK: 'jdk' };

describe.each(Object.keys(tools).filter((name) => tools[name] !== undefined))('%s', (name) => {
  const verify = tools[name] as Tool;

  it.each(FORM_SAMPLES)(
    'verifies what is made in form $form, each signer, and nothing that was changed',
    (sample) => {
      const signers = several(sample);
      const signed = signSample(sample, signers);
      expect(judgeSample(signed).report.indication).toBe('TOTAL-PASSED');
      const path = laidOut(sample, signed.document);
      expect(verify(path, signers)).toEqual(signers.map(() => 'OK'));
      const { signedText, files } = sample;
      if (signedText !== undefined) {
        const changed = laidOut(sample, signed.text.replace(signedText, `${signedText}x`));
        expect(verify(changed, signers)).toEqual(signers.map(() => 'FAIL'));
      }
      const [first] = files;
      if (first === undefined) return;
      writeFileSync(join(path, '..', first[0]), `${first[1]}x`);
      expect(verify(path, signers)).toEqual(signers.map(() => 'FAIL'));
    },
  );

  it.each([...formCatalogue().values()])('reads form $name as the page of the forms says', (form) => {
    const { text, documentName = 'document.xml', files } = specimenOf(form);
    const contents = files.map((file) => [file.name, `content of ${file.name}`] as const);
    const sample = { form: form.name, documentName, files: contents };
    const read = verify(laidOut(sample, text), ['rsa']);
    const row = formsTable().find((each) => each.form === form.name);
    expect([form.name, read]).toEqual([form.name, row?.[ANSWERS[name] ?? 'jdk'] === 'yes' ? ['OK'] : ['']]);
    if (read[0] !== 'OK' || !text.includes('模擬')) return;
    expect(verify(laidOut(sample, text.replace('模擬', '模倣')), ['rsa'])).toEqual(['FAIL']);
  });
});
