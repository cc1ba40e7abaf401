import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readZip } from '../../src/adapters/files/read-zip.ts';
import type { EpochMillis } from '../../src/core/brand.ts';
import { defined } from '../../src/core/defined.ts';
import { fromUtf8 } from '../../src/core/encoding.ts';
import { formCatalogue } from '../../src/core/forms/catalogue.ts';
import type { GivenFile } from '../../src/verifier/forms/form-validation.ts';
import { type FormJudgement, judgeFormOffline } from '../../src/verifier/forms/judge-form.ts';
import { shippedPolicies } from '../../src/verifier/policy/shipped.ts';
import { policyOf } from '../../src/verifier/policy/validation-policy.ts';
import { certificatesFromPem } from '../../src/verifier/x509/pem.ts';
import type { CaseNote, Suite } from './suite.ts';

/** One case of manifest.json. */
interface ReceiverCase {
  readonly form: string;
  readonly case: string;
  readonly document: string;
  readonly attachments: readonly string[];
  readonly expect: string;
  readonly request?: { readonly signers: number };
  /** `#ID` of an element, or the name of a file. */
  readonly signed: readonly string[];
  /** Names of elements and instructions, `file NAME`. */
  readonly unsigned: readonly string[];
}

const AT = Date.parse('2026-12-02T00:00:00Z') as EpochMillis;

/**
 * Documents of receivers in their forms: each is judged in its own form, must be valid, cover what the manifest says
 * and list the rest;
 * in no other form it is wrong. (The two forms of e-Gov have the same structure where one file is signed.)
 */
export const receiversSuite: Suite = {
  name: 'receivers',
  folder: 'receivers',
  run(directory) {
    const { cases, container } = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8')) as {
      readonly cases: readonly ReceiverCase[];
      readonly container: string;
    };
    const failed: CaseNote[] = [];
    for (const row of cases) {
      const name = `${row.form}/${row.case}`;
      const note = (reason: string) => failed.push({ case: name, reason });
      const judgement = judged(row, row.form, directory);
      if (judgement.report.indication !== 'TOTAL-PASSED')
        note(`${judgement.report.indication}: ${JSON.stringify(judgement.report.checks.at(-1))}`);
      else for (const reason of differences(row, judgement)) note(reason);
      for (const other of formCatalogue().keys()) {
        if (other === row.form) continue;
        const { report } = judged(row, other, directory);
        if (report.indication === 'TOTAL-FAILED') note(`in form ${other}: ${report.indication}`);
      }
    }
    const entries = readZip(readFileSync(join(directory, container)));
    if (!entries.some(({ name }) => name.endsWith('/kousei.xml')))
      failed.push({ case: container, reason: 'no document' });
    return { passed: cases.length + 1 - failed.length, failed, listed: [] };
  },
};

function judged(row: ReceiverCase, formName: string, directory: string): FormJudgement {
  const form = formCatalogue().get(formName);
  if (form === undefined) throw new Error(`There is no form ${formName}.`);
  const path = join(directory, row.document);
  const files = row.attachments.map((name) => given(join(dirname(path), name)));
  const signers = formName === row.form ? row.request?.signers : undefined;
  const subject = defined({
    form,
    document: readFileSync(path),
    documentName: basename(path),
    files,
    signers,
  });
  return judgeFormOffline(subject, {
    trustAnchors: certificatesFromPem(fromUtf8(readFileSync(join(directory, 'root.pem')))),
    intermediates: [],
    data: { crls: [crlOf(readFileSync(join(directory, 'root.crl')))], ocsp: [] },
    revocation: 'asked',
    policy: generalPolicy(),
    at: AT,
  });
}

function given(path: string): GivenFile {
  const octets = readFileSync(path);
  const digests = { sha256: createHash('sha256').update(octets).digest() };
  return { name: basename(path), length: octets.length, digests };
}

function crlOf(octets: Buffer): Uint8Array {
  const body = /-----BEGIN X509 CRL-----([^-]+)-----END/.exec(octets.toString('latin1'))?.[1];
  return body === undefined ? octets : Buffer.from(body, 'base64');
}

/** What the report says of coverage, beside what the manifest says. */
function differences(row: ReceiverCase, { validation }: FormJudgement): readonly string[] {
  const { covered = [], unsigned, uncoveredFiles } = validation;
  const elements = row.signed.filter((name) => name.startsWith('#'));
  const files = row.signed.filter((name) => !name.startsWith('#')).sort();
  const coveredFiles = covered.filter(({ kind }) => kind === 'file').map(({ name }) => name);
  const beside = [...unsigned.map(({ name }) => name ?? ''), ...uncoveredFiles.map((name) => `file ${name}`)];
  const wanted = [...row.unsigned].sort();
  const found = beside.filter((name) => name !== 'VERSION').sort();
  return [
    ...(covered.length - coveredFiles.length === elements.length ? [] : ['covers other elements']),
    ...(coveredFiles.sort().join() === files.join() ? [] : [`covers the files ${coveredFiles.join(', ')}`]),
    ...(found.join() === wanted.join() ? [] : [`lists ${found.join(', ')} instead of ${wanted.join(', ')}`]),
  ];
}

function generalPolicy() {
  const general = shippedPolicies().find(({ called }) => called === 'general');
  if (general === undefined) throw new Error('There is no general policy.');
  return policyOf(general, 'EITHER');
}
