import { createDecipheriv, createHash, createHmac } from 'node:crypto';
import { equalOctets } from '../../core/digest/sha256.ts';
import { toUtf8 } from '../../core/encoding.ts';
import type { BundleEnc } from '../../core/jwe/bundle.ts';
import type { BundleHeader } from './bundle-header.ts';

/**
 * Octets of the content encryption key, and of the MAC key at its head where `enc` has one (RFC 7518 sections 5.2
 * and 5.3).
 */
const KEY_OCTETS: Readonly<Record<BundleEnc, { readonly whole: 16 | 32 | 64; readonly mac: 0 | 16 | 32 }>> = {
  A256GCM: { whole: 32, mac: 0 },
  A128GCM: { whole: 16, mac: 0 },
  'A128CBC-HS256': { whole: 32, mac: 16 },
  'A256CBC-HS512': { whole: 64, mac: 32 },
};

/**
 * Decrypts a bundle whose key agreement was made by the key's keeper: the keystore file, or an HSM or KMS that
 * gives nothing but the shared secret, where jose takes only keys that it can use itself. Every primitive is
 * node:crypto's; tests compare with jose and with Wycheproof.
 * @param header of `readBundleHeader`, which judged the JWE
 * @param z the ECDH shared secret, 32 octets
 * @throws Error for everything that does not decrypt
 */
export function decryptWithSharedSecret(header: BundleHeader, z: Uint8Array): Uint8Array {
  const [protectedHeader = '', , iv = '', ciphertext = '', tag = ''] = header.decryptable.split('.');
  const { enc } = header;
  const parts = { iv: octetsOf(iv), ciphertext: octetsOf(ciphertext), tag: octetsOf(tag) };
  const key = contentKey(z, header);
  const associated = toUtf8(protectedHeader);
  return KEY_OCTETS[enc].mac === 0
    ? decryptGcm(key, associated, parts)
    : decryptCbc(enc, key, associated, parts);
}

interface Parts {
  readonly iv: Buffer;
  readonly ciphertext: Buffer;
  readonly tag: Buffer;
}

function octetsOf(part: string): Buffer {
  return Buffer.from(part, 'base64url');
}

/** Concat KDF with SHA-256 over the shared secret and OtherInfo (RFC 7518 section 4.6.2). */
function contentKey(z: Uint8Array, { enc, partyInfo }: BundleHeader): Buffer {
  const { whole } = KEY_OCTETS[enc];
  const otherInfo = [toUtf8(enc), partyInfo.u, partyInfo.v].flatMap((field) => [word(field.length), field]);
  const rounds = Array.from({ length: Math.ceil(whole / 32) }, (_, round) => {
    const hash = createHash('sha256')
      .update(word(round + 1))
      .update(z);
    for (const field of otherInfo) hash.update(field);
    return hash.update(word(whole * 8)).digest();
  });
  return Buffer.concat(rounds).subarray(0, whole);
}

function word(value: number): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(value);
  return octets;
}

function decryptGcm(key: Buffer, associated: Uint8Array, { iv, ciphertext, tag }: Parts): Buffer {
  const cipher = key.length === 16 ? 'aes-128-gcm' : 'aes-256-gcm';
  const decipher = createDecipheriv(cipher, key, iv, { authTagLength: 16 });
  decipher.setAAD(associated).setAuthTag(tag);
  return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
}

/** MAC first, in constant time, then AES-CBC (RFC 7518 section 5.2.2.2). */
function decryptCbc(
  enc: BundleEnc,
  key: Buffer,
  associated: Uint8Array,
  { iv, ciphertext, tag }: Parts,
): Buffer {
  const { mac } = KEY_OCTETS[enc];
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(associated.length) * 8n);
  const hmac = createHmac(mac === 16 ? 'sha256' : 'sha512', key.subarray(0, mac));
  const expected = hmac
    .update(associated)
    .update(iv)
    .update(ciphertext)
    .update(length)
    .digest()
    .subarray(0, mac);
  if (tag.length !== mac || !equalOctets(expected, tag)) throw new Error('The tag differs.');
  const decipher = createDecipheriv(mac === 16 ? 'aes-128-cbc' : 'aes-256-cbc', key.subarray(mac), iv);
  return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
}
