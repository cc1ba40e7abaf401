import { z } from 'zod';
import type { SignatureValue, SigningMode } from '../../core/brand.ts';
import { sha256 } from '../../core/digest/sha256.ts';
import { fromBase64, fromUtf8, toBase64, toHex, toUtf8 } from '../../core/encoding.ts';
import { JitsuinError } from '../../core/errors.ts';
import { parseStrictJson } from '../../core/json/strict-json.ts';
import { readExport } from '../../verifier/evidence/evidence-export.ts';
import { evidencePart, findPart, readRecord } from '../../verifier/evidence/read-evidence.ts';
import { parseCertificate } from '../../verifier/x509/certificate.ts';
import type { Certificate } from '../../verifier/x509/certificate-types.ts';
import { UsageError } from '../command.ts';
import { readOctets } from '../document-arguments.ts';

/** A detached signature as it is judged: the file lies beside it. */
export interface DetachedSignature {
  readonly certificate: Certificate;
  readonly value: SignatureValue;
  readonly mode: SigningMode;
}

const resultSchema = z.strictObject({
  format: z.literal('jitsuin-detached-signature'),
  version: z.literal(1),
  mode: z.enum(['digest-info', 'digest']),
  /** Hex SHA-256 of the file: which file it belongs to. What was signed is proved by the signature alone. */
  file_sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** base64 */
  signature_value: z.string(),
  /** base64 of the DER. Only a platform operator or an agency may hold it. */
  certificate: z.string(),
});

/**
 * Reads a detached result, or the evidence record of a verification in profile `detached`, bare or exported with
 * its time.
 * @throws UsageError when the file is neither, JitsuinError `evidence.invalid` when a record was altered
 */
export async function readDetachedResult(path: string): Promise<DetachedSignature> {
  const octets = await readOctets(path);
  const result = resultSchema.safeParse(parseStrictJson(fromUtf8(octets), 4));
  if (result.success) {
    const { mode, signature_value: value, certificate } = result.data;
    return signatureOf(fromBase64(value, 'signature_value'), fromBase64(certificate, 'certificate'), mode);
  }
  const evidence = readExport(octets);
  if (evidence.checks.some(({ result: outcome }) => outcome !== 'passed')) {
    throw new JitsuinError('evidence.invalid', 'The exported evidence was altered.', { at: '--result' });
  }
  const record = readRecord(evidence.record);
  if (typeof record === 'string') {
    throw new UsageError(
      `--result: "${path}" is neither a detached result nor an evidence record (${record}).`,
    );
  }
  const value = evidencePart(evidence.record, 'signature-value');
  const certificate = findPart(record, 'certificate');
  if (record.profile !== 'detached' || value === undefined || certificate === undefined) {
    throw new UsageError(
      `--result: the evidence in "${path}" is not about a signed file (profile detached).`,
    );
  }
  return signatureOf(value, certificate, record.mode);
}

function signatureOf(value: Uint8Array, certificate: Uint8Array, mode: SigningMode): DetachedSignature {
  return { value: value as SignatureValue, certificate: parseCertificate(certificate), mode };
}

/** The result as a file of its own, to be kept beside the signed file: canonical JSON with a line end, UTF-8. */
export function detachedResult(file: Uint8Array, signature: DetachedSignature): Uint8Array {
  const result: z.infer<typeof resultSchema> = {
    format: 'jitsuin-detached-signature',
    version: 1,
    mode: signature.mode,
    file_sha256: toHex(sha256(file)),
    signature_value: toBase64(signature.value),
    certificate: toBase64(signature.certificate.der),
  };
  return toUtf8(`${JSON.stringify(result, undefined, 2)}\n`);
}
