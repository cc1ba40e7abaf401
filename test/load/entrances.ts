import type { Request } from 'express';
import { readZip } from '../../src/adapters/files/read-zip.ts';
import { parseCsv } from '../../src/cli/applications/csv.ts';
import { parseEnvFile } from '../../src/config/env-file.ts';
import { verificationSubmissionSchema } from '../../src/contracts/verification.ts';
import type { CompactJwe, EpochMillis } from '../../src/core/brand.ts';
import { C14N_1_1, EXC_C14N } from '../../src/core/c14n/algorithms.ts';
import { canonicalize } from '../../src/core/c14n/canonicalize.ts';
import { toUtf8 } from '../../src/core/encoding.ts';
import { asJitsuinError } from '../../src/core/errors.ts';
import { readToken } from '../../src/core/oidc/token.ts';
import { readAddCheckpoint } from '../../src/core/transparency/witness-judge.ts';
import { parseXml } from '../../src/core/xml/parse.ts';
import { prepareSignature, resumePrepared } from '../../src/core/xmldsig/prepare.ts';
import { viewOfPrepared } from '../../src/core/xmldsig/signed-view.ts';
import { formParts } from '../../src/http/multipart.ts';
import { strictBody } from '../../src/http/strict-body.ts';
import { readRecord } from '../../src/verifier/evidence/read-evidence.ts';
import { judgeUpload } from '../../src/verifier/judge-upload.ts';
import { readBundleHeader } from '../../src/verifier/jwe/bundle-header.ts';
import { readPolicyFile } from '../../src/verifier/policy/policy-file.ts';
import { openCrl } from '../../src/verifier/revocation/crl.ts';
import { parseOcspResponse } from '../../src/verifier/revocation/ocsp-response.ts';
import { parseTimeStampToken } from '../../src/verifier/timestamp/signed-data.ts';
import { jpkiSigningPolicy } from '../../src/verifier/validation-policy.ts';
import { parseCertificate } from '../../src/verifier/x509/certificate.ts';
import { certificatesFromPem } from '../../src/verifier/x509/pem.ts';
import { documentView } from '../../src/web/applicant/document-view.ts';
import { readCookie } from '../../src/web/cookies.ts';
import { uploadedForm } from '../../src/web/upload.ts';
import { reportPage } from '../../src/web/verify/pages.ts';
import { OCTET_SHAPES } from '../support/load/octet-shapes.ts';
import { XML_SHAPES } from '../support/load/xml-shapes.ts';
import { signDocument } from '../support/xmldsig/signing.ts';

/** A way in for octets of others: what a route or a command does with them, from the body to the answer. */
export interface Entrance {
  /** Routes and commands that come in here. */
  readonly of: string;
  /** By shape: octets of about that size, as this entrance takes them. */
  readonly shapes: Readonly<Record<string, (size: number) => Uint8Array>>;
  readonly enter: (octets: Uint8Array) => unknown;
}

const AT = Date.UTC(2026, 10, 22) as EpochMillis;

const xmlInside = (text: string, mark: string) =>
  Object.fromEntries(
    Object.entries(XML_SHAPES).map(([name, shape]) => [
      name,
      (size: number) => toUtf8(text.replace(mark, () => shape(size))),
    ]),
  );

const signed = (profile: 'enveloped' | 'by-id'): Entrance['shapes'] =>
  xmlInside(signDocument('<r><b Id="b1"><x/></b></r>', profile), '<x/>');
const unsigned = xmlInside('<r><b Id="b1"><x/></b></r>', '<x/>');
const pick = (prefix: RegExp): Entrance['shapes'] =>
  Object.fromEntries(Object.entries(OCTET_SHAPES).filter(([name]) => prefix.test(name) || name === 'zeros'));

const rules = { trustAnchors: [], at: AT, policy: jpkiSigningPolicy('test', 'CRL') };
const requestOf = (octets: Uint8Array, headers: Readonly<Record<string, string>> = {}): Request => {
  const found = (name: string) => headers[name.toLowerCase()];
  const request: object = { body: octets, get: found, app: { get: () => undefined } };
  return request as Request;
};

const BOUNDARY = 'boundary';
const form = (octets: Uint8Array): Uint8Array =>
  Buffer.concat([
    Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.xml"\r\n\r\n`),
    octets,
    Buffer.from(`\r\n--${BOUNDARY}--\r\n`),
  ]);

export const ENTRANCES: Readonly<Record<string, Entrance>> = {
  'verify-enveloped': {
    of: 'POST /verify (gov, pf, simulator), jitsuin verify',
    shapes: signed('enveloped'),
    enter: async (octets) => {
      const type = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` };
      const { file = new Uint8Array(0) } = await uploadedForm(requestOf(form(octets), type));
      return reportPage(await judgeUpload({ octets: file, profile: 'enveloped' }, rules));
    },
  },
  'verify-by-id': {
    of: 'POST /verify, jitsuin verify',
    shapes: signed('by-id'),
    enter: async (octets) => reportPage(await judgeUpload({ octets, profile: 'by-id' }, rules)),
  },
  application: {
    of: 'POST /v1/applications (sp, gov), pages of an application, POST /v1/verifications and its job (pf)',
    shapes: unsigned,
    enter: (octets) => {
      const { state } = prepareSignature(octets, { profile: 'enveloped' });
      documentView(viewOfPrepared(state, { nodes: 5000, text: 20_000 })).toString();
      return resumePrepared(state);
    },
  },
  canonicalize: {
    of: 'jitsuin c14n',
    shapes: unsigned,
    enter: (octets) => {
      const document = parseXml(octets);
      for (const algorithm of [C14N_1_1, EXC_C14N] as const)
        canonicalize(document, { kind: 'document' }, { algorithm }, { update: () => undefined });
    },
  },
  json: {
    of: 'every JSON body: verifications, webhooks, console; evidence records, receipts, answers of the service',
    shapes: pick(/^json/),
    enter: (octets) => strictBody(verificationSubmissionSchema, requestOf(octets)),
  },
  evidence: { of: 'jitsuin evidence verify', shapes: pick(/^json/), enter: (octets) => readRecord(octets) },
  certificate: {
    of: 'certificates in documents, bundles and files',
    shapes: pick(/^der/),
    enter: (octets) => parseCertificate(octets),
  },
  crl: {
    of: 'CRLs of the configured source',
    shapes: pick(/^der/),
    enter: (octets) => openCrl(octets, {} as Parameters<typeof openCrl>[1]),
  },
  ocsp: { of: 'OCSP answers', shapes: pick(/^der/), enter: (octets) => parseOcspResponse(octets) },
  'time-stamp': {
    of: 'time-stamp tokens in evidence',
    shapes: pick(/^der/),
    enter: (octets) => parseTimeStampToken(octets),
  },
  token: {
    of: 'Authorization, logout_token, ID tokens, receipts',
    shapes: pick(/^token/),
    enter: (octets) => readToken(Buffer.from(octets).toString('latin1'), 'token'),
  },
  bundle: {
    of: 'the JWE of a submission',
    shapes: pick(/^token/),
    enter: (octets) => readBundleHeader(Buffer.from(octets).toString('latin1') as CompactJwe),
  },
  pem: {
    of: 'PEM files of commands',
    shapes: pick(/^(?:pem|der)/),
    enter: (octets) => certificatesFromPem(Buffer.from(octets).toString('latin1')),
  },
  policy: {
    of: 'jitsuin verify --policy, JITSUIN_POLICY_FILE',
    shapes: pick(/^json/),
    enter: (octets) => readPolicyFile(octets, 'policy.json'),
  },
  multipart: {
    of: 'uploads of /verify, of forms with files and of the consoles',
    shapes: pick(/^(?:multipart|text)/),
    enter: (octets) => formParts(octets, `multipart/form-data; boundary=${BOUNDARY}`, 100),
  },
  zip: {
    of: 'ZIPs of a form: POST /v1/applications, /verify, jitsuin verify and prepare',
    shapes: pick(/^zip/),
    enter: (octets) => readZip(octets),
  },
  list: {
    of: 'jitsuin applications submit LIST',
    shapes: pick(/^text/),
    enter: (octets) => {
      try {
        return parseCsv(Buffer.from(octets).toString('utf8'));
      } catch (thrown) {
        // the command tells it as a list that is not CSV
        if (thrown instanceof SyntaxError) return undefined;
        throw thrown;
      }
    },
  },
  'env-file': {
    of: '--env-file of every command',
    shapes: pick(/^text/),
    enter: (octets) => parseEnvFile(Buffer.from(octets).toString('utf8'), 'a.env'),
  },
  note: {
    of: 'jitsuin log verify, jitsuin witness: notes and proofs of the public log',
    shapes: pick(/^text/),
    enter: (octets) => readAddCheckpoint(Buffer.from(octets).toString('utf8')),
  },
  cookie: {
    of: 'Cookie headers',
    shapes: pick(/^cookie/),
    enter: (octets) => readCookie(requestOf(octets, { cookie: Buffer.from(octets).toString('latin1') }), 'a'),
  },
};

/** What came of it: a word for the table. Anything that is not a JitsuinError of the sender's is our own fault. */
export async function outcomeOf(entrance: Entrance, octets: Uint8Array): Promise<string> {
  try {
    await entrance.enter(octets);
    return 'taken';
  } catch (thrown) {
    const { code, kind } = asJitsuinError(thrown);
    return kind === 'internal' ? `FAULT ${thrown instanceof Error ? thrown.message : code}` : code;
  }
}
