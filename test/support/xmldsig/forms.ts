import { createHash, sign } from 'node:crypto';
import type { SignatureValue } from '../../../src/core/brand.ts';
import { fromUtf8, toUtf8 } from '../../../src/core/encoding.ts';
import { formCatalogue } from '../../../src/core/forms/catalogue.ts';
import type { Form } from '../../../src/core/forms/form.ts';
import { prepareForm } from '../../../src/core/forms/prepare-form.ts';
import { completeForm } from '../../../src/verifier/forms/complete-form.ts';
import type { FormSubject, GivenFile } from '../../../src/verifier/forms/form-validation.ts';
import { type FormJudgement, judgeFormOffline } from '../../../src/verifier/forms/judge-form.ts';
import { shippedPolicies } from '../../../src/verifier/policy/shipped.ts';
import { policyOf } from '../../../src/verifier/policy/validation-policy.ts';
import { parseCertificate } from '../../../src/verifier/x509/certificate.ts';
import { testCrl, testRoot, testSigner } from './signers.ts';
import { AT } from './signing.ts';

export function formNamed(name: string): Form {
  const form = formCatalogue().get(name);
  if (form === undefined) throw new Error(`no form ${name}`);
  return form;
}

export function givenFile(name: string, content: string | Uint8Array): GivenFile {
  const octets = typeof content === 'string' ? toUtf8(content) : content;
  const digest = (hash: string) => createHash(hash).update(octets).digest();
  return {
    name,
    length: octets.length,
    digests: { sha256: digest('sha256'), sha384: digest('sha384'), sha512: digest('sha512') },
  };
}

const KOUSEI = `<?xml version="1.0" encoding="UTF-8"?>
<?xml-stylesheet href="a.xsl" type="text/xsl"?>
<DataRoot>
  <様式ID>999000000000000001</様式ID>
  <様式バージョン>0001</様式バージョン>
  <STYLESHEET>a.xsl</STYLESHEET>
  <構成情報 ID="構成情報">
    <管理情報><氏名>模擬　太郎</氏名></管理情報>
    <申請書属性情報><申請書ファイル名称>申請 1.xml</申請書ファイル名称></申請書属性情報>
  </構成情報>
  <署名情報></署名情報>
</DataRoot>
`;

/** A form with a document to be signed in it, and the files beside it. */
export interface FormSample {
  readonly form: string;
  /** Absent where the Signature is the document. */
  readonly document?: string;
  readonly documentName: string;
  readonly files: readonly (readonly [name: string, content: string])[];
  /** A text of the document that is signed. */
  readonly signedText?: string;
}

/** One for each form that ships and is no profile. */
export const FORM_SAMPLES: readonly FormSample[] = [
  {
    form: 'egov-standard',
    document: KOUSEI,
    documentName: 'kousei.xml',
    files: [['申請 1.xml', '<a/>']],
    signedText: '模擬　太郎',
  },
  {
    form: 'egov-individual',
    document: KOUSEI,
    documentName: 'kousei20261129110000123.xml',
    files: [['申請 1.xml', '<b/>']],
    signedText: '模擬　太郎',
  },
  {
    form: 'kobunsho',
    document: `<DOC VERSION="1.0"><FRONT><STAMP>要</STAMP></FRONT><BODY ID="DOCBODY"><P>模擬</P></BODY></DOC>`,
    documentName: '0000.xml',
    files: [['別紙.pdf', '%PDF']],
    signedText: '模擬',
  },
  {
    form: 'nta-certificate',
    document: `<TEG800 xmlns="http://xml.e-tax.nta.go.jp/XSD/kyotsu" id="T-1"><W>模擬生命</W></TEG800>`,
    documentName: 'kojo.xml',
    files: [],
    signedText: '模擬生命',
  },
  { form: 'moj-drawing', documentName: '地積.tif.sig.xml', files: [['地積.tif', 'TIFF']] },
];

export interface SignedSample extends FormSubject {
  readonly text: string;
}

/** Signs a sample in its form, by one signer after the other. */
export function signSample(
  sample: FormSample,
  signers: readonly ('rsa' | 'other-rsa')[] = ['rsa'],
  form = formNamed(sample.form),
): SignedSample {
  const files = sample.files.map(([name, content]) => givenFile(name, content));
  const { documentName } = sample;
  let document = sample.document === undefined ? undefined : toUtf8(sample.document);
  for (const kind of signers) {
    const { skeleton, signedInfoOctets } = prepareForm({
      form,
      files,
      at: AT,
      ...(document === undefined ? {} : { document }),
    });
    const { privateKey, certificateDer } = testSigner(kind);
    const value = sign('sha256', signedInfoOctets, privateKey) as Uint8Array as SignatureValue;
    const subject = { form, document: skeleton, documentName, files };
    const completed = completeForm(subject, value, parseCertificate(certificateDer));
    if (completed.document === undefined)
      throw new Error(JSON.stringify(completed.validation.signers, undefined, 1));
    document = completed.document;
  }
  if (document === undefined) throw new Error('nobody signed');
  return { form, document, documentName, files, text: fromUtf8(document) };
}

export function judgeSample(subject: FormSubject, revoked = false): FormJudgement {
  return judgeFormOffline(subject, {
    trustAnchors: [parseCertificate(testRoot().certificateDer)],
    intermediates: [],
    data: { crls: [testCrl({ revoked })], ocsp: [] },
    revocation: 'asked',
    policy: generalPolicy(),
    at: AT,
  });
}

/** `TOTAL-PASSED`, or the decisive check with its code. */
export function verdictOf(subject: FormSubject): string {
  const { report } = judgeSample(subject);
  if (report.indication === 'TOTAL-PASSED') return report.indication;
  const decisive = report.checks.find(({ result }) => result === 'failed' || result === 'indeterminate');
  return `${report.indication} ${decisive?.code}`;
}

function generalPolicy() {
  const general = shippedPolicies().find(({ called }) => called === 'general');
  if (general === undefined) throw new Error('There is no general policy.');
  return policyOf(general, 'EITHER');
}
