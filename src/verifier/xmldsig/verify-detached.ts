import type { KeyObject } from 'node:crypto';
import type { EpochMillis, SignatureValue, SigningMode } from '../../core/brand.ts';
import { sha256 } from '../../core/digest/sha256.ts';
import { toHex } from '../../core/encoding.ts';
import { type Check, conclude, finding, type Report } from '../../core/report.ts';
import {
  keyPolicyFault,
  RSA_SHA256,
  type SignatureAlgorithm,
  verifySignatureValue,
} from '../../core/xmldsig/algorithms.ts';

interface DetachedOptions {
  /** From the transaction's record, never guessed: in the other mode the same value must not verify. */
  readonly mode: SigningMode;
  readonly signatureValue: SignatureValue;
  readonly publicKey: KeyObject;
  /** Goes into the report. */
  readonly validationTime: EpochMillis;
}

interface DetachedValidation {
  /** Checks `key-policy` and `signature-value`. */
  readonly report: Report;
  /** Lower-case hexadecimal SHA-256 of the file. */
  readonly signedOctetsSha256: string;
}

const ALGORITHM: SignatureAlgorithm = { uri: RSA_SHA256, family: 'rsa-pkcs1', hash: 'sha256' };

/**
 * Verifies a signature value of the card over a file (RSASSA-PKCS1-v1_5 with SHA-256): over its octets in mode
 * `digest-info`, over the 32 octets of its SHA-256 in mode `digest`, where the service hashes once more.
 */
export function verifyDetached(octets: Uint8Array, options: DetachedOptions): DetachedValidation {
  const digest = sha256(octets);
  const report = conclude(
    detachedChecks(options.mode === 'digest' ? digest : octets, options),
    options.validationTime,
  );
  return { report, signedOctetsSha256: toHex(digest) };
}

function detachedChecks(message: Uint8Array, options: DetachedOptions): Check[] {
  const fault = keyPolicyFault(options.publicKey, ALGORITHM);
  if (fault !== undefined) {
    return [
      finding('key-policy', 'certificate.key-policy', { detail: fault }),
      { name: 'signature-value', result: 'not-reached' },
    ];
  }
  const passed: Check = { name: 'key-policy', result: 'passed' };
  if (verifySignatureValue(ALGORITHM, options.publicKey, message, options.signatureValue)) {
    return [passed, { name: 'signature-value', result: 'passed' }];
  }
  const detail = `The signature value is not that of the file by this key, in mode ${options.mode}.`;
  return [passed, finding('signature-value', 'xmldsig.signature', { detail })];
}
