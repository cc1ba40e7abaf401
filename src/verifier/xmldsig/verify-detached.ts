import type { KeyObject } from 'node:crypto';
import type { EpochMillis, SignatureValue, SigningMode } from '../../core/brand.ts';
import { sha256 } from '../../core/digest/sha256.ts';
import { signingDigest } from '../../core/digest/signing-input.ts';
import { toHex } from '../../core/encoding.ts';
import { type Check, conclude, finding, type Report } from '../../core/report.ts';
import { CARD_ALGORITHMS, keyPolicyFault, verifySignatureValue } from '../../core/xmldsig/algorithms.ts';
import { rawSignatureValue } from './raw-value.ts';

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

/** By the kind of key: which of its hashes the next card takes is not published, so both are tried. */
const CANDIDATES = {
  rsa: [CARD_ALGORITHMS['rsa-sha256']],
  ec: [CARD_ALGORITHMS['ecdsa-sha384'], CARD_ALGORITHMS['ecdsa-sha256']],
} as const;

/**
 * Verifies a signature value of the card over a file (RSASSA-PKCS1-v1_5 with SHA-256; of an elliptic key ECDSA with
 * SHA-384 or SHA-256, raw or DER): over its octets in mode `digest-info`, over the octets of its hash in mode
 * `digest`, where the service hashes once more.
 */
export function verifyDetached(octets: Uint8Array, options: DetachedOptions): DetachedValidation {
  const report = conclude(detachedChecks(octets, options), options.validationTime);
  return { report, signedOctetsSha256: toHex(sha256(octets)) };
}

function detachedChecks(octets: Uint8Array, { mode, publicKey, signatureValue }: DetachedOptions): Check[] {
  const candidates = CANDIDATES[publicKey.asymmetricKeyType === 'ec' ? 'ec' : 'rsa'];
  const fault = keyPolicyFault(publicKey, candidates[0]);
  if (fault !== undefined) {
    return [
      finding('key-policy', 'certificate.key-policy', { detail: fault }),
      { name: 'signature-value', result: 'not-reached' },
    ];
  }
  const passed: Check = { name: 'key-policy', result: 'passed' };
  const value = rawSignatureValue(publicKey, signatureValue);
  const right = candidates.some((algorithm) => {
    const message = mode === 'digest' ? signingDigest(algorithm.hash, octets) : octets;
    return verifySignatureValue(algorithm, publicKey, message, value);
  });
  if (right) return [passed, { name: 'signature-value', result: 'passed' }];
  const detail = `The signature value is not that of the file by this key, in mode ${mode}.`;
  return [passed, finding('signature-value', 'xmldsig.signature', { detail })];
}
