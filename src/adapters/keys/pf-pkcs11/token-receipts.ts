import { createHash, createPublicKey, type KeyObject, randomBytes, verify } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose/jwk/thumbprint';
import type { ReceiptClaims } from '../../../contracts/verification.ts';
import { toBase64Url, toUtf8 } from '../../../core/encoding.ts';
import { JitsuinError } from '../../../core/errors.ts';
import { EVIDENCE_SEAL_TYPE, type EvidenceSealClaims } from '../../../core/evidence/seal-claims.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { ReceiptSigner } from '../../../ports/receipt-signer.ts';
import type { KeyListFile, SignatureKeyRecord, TokenKeyList } from './key-list.ts';
import type { Token } from './token.ts';

const MOST_KEYS = 8;

interface Options {
  readonly token: Token;
  readonly list: KeyListFile;
  readonly clock: Clock;
}

/**
 * Receipts and records signed in the token. The list is read when the process starts, as the key file is.
 * @throws JitsuinError `key.not-found` when the list names no key of receipts yet
 */
export async function openTokenReceipts({ token, list }: Omit<Options, 'clock'>): Promise<ReceiptSigner> {
  const { receipts } = await list.read();
  const active = receipts?.keys.find(({ kid }) => kid === receipts.active);
  if (receipts === undefined || active === undefined) {
    const message = 'The token has no key of receipts yet. Run: jitsuin pf receipt-keys --generate';
    throw new JitsuinError('key.not-found', message, { at: 'JITSUIN_PKCS11_KEYS' });
  }
  const publicKey = createPublicKey({ key: publicJwk(active), format: 'jwk' });
  const signOctets = (octets: Uint8Array) => signed(token, active, publicKey, octets);
  const jws = async (typ: string, claims: ReceiptClaims | EvidenceSealClaims): Promise<string> => {
    const header = { alg: 'ES256', kid: active.kid, typ };
    const input = [header, claims].map((part) => toBase64Url(toUtf8(JSON.stringify(part)))).join('.');
    return `${input}.${toBase64Url(await signOctets(toUtf8(input)))}`;
  };
  return {
    sign: (claims) => jws('verification-receipt+jwt', claims),
    seal: (claims) => jws(EVIDENCE_SEAL_TYPE, claims),
    signOctets,
    active: publicJwk(active),
    jwks: { keys: receipts.keys.map(publicJwk) },
  };
}

/** Makes a key in the token and lets it sign; the one before it is still published. Returns its kid. */
export function generateReceiptKey({ token, list, clock }: Options): Promise<string> {
  return list.change(async (file) => {
    const { keys = [] } = file.receipts ?? {};
    if (keys.length >= MOST_KEYS) {
      const message =
        'Eight keys of receipts are published already: retire one whose receipts nobody checks any more.';
      throw new JitsuinError('key.state', message);
    }
    const id = randomBytes(16).toString('hex');
    const { x, y, stays } = await token.generate(id, 'jitsuin receipts', 'signature');
    if (x === undefined || y === undefined || !stays) {
      throw new JitsuinError(
        'key.state',
        'The token made a key that it does not show, or that could leave it.',
      );
    }
    const kid = await calculateJwkThumbprint({ kty: 'EC', crv: 'P-256', x, y }, 'sha256');
    const record = { kid, id, x, y, createdAt: clock.now() };
    const next: TokenKeyList = { ...file, receipts: { active: kid, keys: [...keys, record] } };
    return [next, kid];
  });
}

/** Verified before anybody gets it: a receipt that nobody can check is worse than a late one. */
async function signed(
  token: Token,
  { id }: SignatureKeyRecord,
  publicKey: KeyObject,
  octets: Uint8Array,
): Promise<Uint8Array> {
  const signature = await token.sign(id, createHash('sha256').update(octets).digest());
  if (verify('sha256', octets, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)) return signature;
  const message = 'The token signed with another key than the one that is published for receipts.';
  throw new JitsuinError('key.state', message, { at: id });
}

function publicJwk({ kid, x, y }: SignatureKeyRecord) {
  return { crv: 'P-256', x, y, kty: 'EC', kid, alg: 'ES256', use: 'sig' };
}
