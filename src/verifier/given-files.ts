import type { SignatureValue, SigningMode } from '../core/brand.ts';
import { fromBase64, fromUtf8 } from '../core/encoding.ts';
import { asJitsuinError, JitsuinError } from '../core/errors.ts';
import { fits, object, oneOf, text } from '../core/json/shape.ts';
import { parseStrictJson } from '../core/json/strict-json.ts';
import { readExport } from './evidence/evidence-export.ts';
import { evidencePart, findPart, readRecord } from './evidence/read-evidence.ts';
import { readTimeStampAnswer } from './timestamp/time-stamp-request.ts';
import { parseCertificate } from './x509/certificate.ts';
import type { Certificate } from './x509/certificate-types.ts';
import { certificatesFromPem } from './x509/pem.ts';

const DER_SEQUENCE = 0x30;

/** The certificates of a file: one in DER, or any number in PEM. @throws JitsuinError `certificate.syntax` */
export function certificatesIn(octets: Uint8Array): readonly Certificate[] {
  return octets[0] === DER_SEQUENCE ? [parseCertificate(octets)] : certificatesFromPem(fromUtf8(octets));
}

const CRL_BLOCK = /-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]+?)-----END X509 CRL-----/g;

/** The CRLs of a file as DER: one in DER, or any number in PEM. @throws JitsuinError `revocation.invalid` */
export function crlsIn(octets: Uint8Array, at: string): readonly Uint8Array[] {
  if (octets[0] === DER_SEQUENCE) return [octets];
  const blocks = [...Buffer.from(octets).toString('latin1').matchAll(CRL_BLOCK)];
  if (blocks.length === 0)
    throw new JitsuinError('revocation.invalid', 'The file holds no CRL, in DER or PEM.', { at });
  return blocks.map(([, body = '']) => fromBase64(body.replace(/\s/g, ''), at));
}

/** A token as it is kept, or the one in an authority's whole answer; undefined where the answer refuses to stamp. */
export function timeStampIn(octets: Uint8Array): Uint8Array | undefined {
  try {
    const answer = readTimeStampAnswer(octets);
    return answer.kind === 'granted' ? answer.token : undefined;
  } catch (thrown) {
    if (asJitsuinError(thrown).kind === 'internal') throw thrown;
    return octets;
  }
}

const BASE64_TEXT = /^[A-Za-z0-9+/\s]+={0,2}\s*$/;

/** Octets of a signature value: as they are, or of base64. */
export function valueIn(octets: Uint8Array): Uint8Array {
  const said = Buffer.from(octets).toString('latin1');
  return BASE64_TEXT.test(said) ? fromBase64(said.replace(/\s/g, ''), 'signature value') : octets;
}

/** A detached signature as it is judged: the file lies beside it. */
export interface DetachedSignature {
  readonly certificate: Certificate;
  readonly value: SignatureValue;
  readonly mode: SigningMode;
}

/** A file that `verify --write-result` makes. */
const DETACHED_RESULT = object({
  format: oneOf('jitsuin-detached-signature'),
  version: oneOf(1),
  mode: oneOf('digest-info', 'digest'),
  file_sha256: text(/^[0-9a-f]{64}$/),
  signature_value: text(),
  certificate: text(),
});

/**
 * Reads a detached result, or the evidence record of a verification in profile `detached`, bare or exported with
 * its time.
 * @returns why the file is neither, in words
 * @throws JitsuinError `evidence.invalid` when a record was altered
 */
export function detachedSignatureIn(octets: Uint8Array): DetachedSignature | string {
  const result: unknown = parseStrictJson(fromUtf8(octets), 4);
  if (fits(DETACHED_RESULT, result)) {
    const { mode, signature_value: value, certificate } = result;
    return signatureOf(fromBase64(value, 'signature_value'), fromBase64(certificate, 'certificate'), mode);
  }
  const evidence = readExport(octets);
  if (evidence.checks.some(({ result: outcome }) => outcome !== 'passed')) {
    throw new JitsuinError('evidence.invalid', 'The exported evidence was altered.', { at: '--result' });
  }
  const record = readRecord(evidence.record);
  if (typeof record === 'string') return `is neither a detached result nor an evidence record (${record})`;
  const value = evidencePart(evidence.record, 'signature-value');
  const certificate = findPart(record, 'certificate');
  return record.profile !== 'detached' || value === undefined || certificate === undefined
    ? 'is evidence, and not about a signed file (profile detached)'
    : signatureOf(value, certificate, record.mode);
}

function signatureOf(value: Uint8Array, certificate: Uint8Array, mode: SigningMode): DetachedSignature {
  return { value: value as SignatureValue, certificate: parseCertificate(certificate), mode };
}
