import { createPrivateKey, sign } from 'node:crypto';
import type { ReceiptClaims } from '../../contracts/verification.ts';
import { JitsuinError } from '../../core/errors.ts';
import { EVIDENCE_SEAL_TYPE, type EvidenceSealClaims } from '../../core/evidence/seal-claims.ts';
import type { ReceiptSigner } from '../../ports/receipt-signer.ts';
import { generateClientKey, publicClientKey } from './client-key.ts';
import { loadClientKeyRing } from './client-key-file.ts';
import { writeKeyFile } from './key-file.ts';
import { signedJwt } from './signed-jwt.ts';

/**
 * The receipt key from a key file of the form of client keys (one active key, another while rotating), ES256 only.
 * @throws JitsuinError `config.key-mode`, `config.invalid`
 */
export async function loadReceiptKey(path: string): Promise<ReceiptSigner> {
  const ring = await loadClientKeyRing(path);
  const active = ring.keys.find((key) => key.kid === ring.active);
  if (active?.alg !== 'ES256')
    throw new JitsuinError('config.invalid', 'The receipt key must be ES256.', { at: path });
  const privateKey = createPrivateKey({ key: { ...active }, format: 'jwk' });
  const signed = (typ: string, claims: ReceiptClaims | EvidenceSealClaims) =>
    signedJwt({ alg: 'ES256', kid: active.kid, typ }, claims, privateKey);
  return {
    sign: (claims) => signed('verification-receipt+jwt', claims),
    seal: (claims) => signed(EVIDENCE_SEAL_TYPE, claims),
    signOctets: async (octets) =>
      new Uint8Array(sign('sha256', octets, { key: privateKey, dsaEncoding: 'ieee-p1363' })),
    active: publicClientKey(active),
    jwks: { keys: ring.keys.map(publicClientKey) },
  };
}

/** Makes a key file with one new active key; an existing file is never overwritten. */
export async function createReceiptKey(path: string): Promise<void> {
  const key = await generateClientKey('ES256');
  await writeKeyFile(path, { active: key.kid, keys: [key] });
}
