import { createCipheriv, createDecipheriv, createHmac, type KeyObject } from 'node:crypto';
import { JitsuinError } from '../../core/errors.ts';
import type { SealContext } from '../../ports/sealer.ts';
import { drawnOctets } from '../random.ts';
import { dataKeyForOpening, dataKeyForSealing, SALT } from './data-keys.ts';

/** First octet of the format: a later one would be opened beside it. */
const FORMAT = 1;
const IV = 12;
const TAG = 16;
const MOST_KEY_ID = 64;

/** The clear head of sealed octets that names the key: format, length of the id, id. */
export function sealHeader(keyId: string): Uint8Array {
  const id = Buffer.from(keyId, 'ascii');
  return new Uint8Array(Buffer.concat([Buffer.from([FORMAT, id.length]), id]));
}

/**
 * AES-256-GCM (NIST SP 800-38D, tag of 128 bits) under a data key that few values share (`data-keys.ts`), so that
 * its 96-bit IV never meets its key twice, however many values there are. Out: header ‖ salt ‖ IV ‖ ciphertext ‖
 * tag. Header and context are associated data.
 */
export function sealOctets(
  keyId: string,
  secret: Uint8Array,
  plaintext: Uint8Array,
  context: SealContext,
): Uint8Array {
  const header = sealHeader(keyId);
  const { salt, key, ivKey } = dataKeyForSealing(secret);
  const associated = associatedData(header, context);
  const iv = derivedIv(ivKey, associated, plaintext);
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: TAG });
  cipher.setAAD(associated);
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return new Uint8Array(Buffer.concat([header, salt, iv, ciphertext, cipher.getAuthTag()]));
}

/**
 * Made of random octets, the context and the plaintext. A machine that was rolled back to a snapshot, or started
 * twice from one, has its salt and its drawn octets again: only the same value in the same place then gets the same
 * IV, and that is the same sealed value.
 */
function derivedIv(key: KeyObject, associated: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const hmac = createHmac('sha256', key).update(drawnOctets(IV)).update(associated).update(plaintext);
  return new Uint8Array(hmac.digest().subarray(0, IV));
}

/** Id of the key that sealed these octets. @throws JitsuinError `seal.integrity` when they are no sealed octets */
export function sealedKeyId(sealed: Uint8Array): string {
  const [format, length] = sealed;
  const header = length === undefined ? 0 : 2 + length;
  if (format !== FORMAT || length === undefined || length === 0 || length > MOST_KEY_ID) throw broken();
  if (sealed.length < header + SALT + IV + TAG) throw broken();
  const id = Buffer.from(sealed.subarray(2, header)).toString('latin1');
  if (!/^[a-zA-Z0-9._-]+$/.test(id)) throw broken();
  return id;
}

/** Sealed octets → plaintext. @throws JitsuinError `seal.integrity`: changed, cut, or of another context */
export function openOctets(secret: Uint8Array, sealed: Uint8Array, context: SealContext): Uint8Array {
  const header = sealed.subarray(0, 2 + (sealed[1] ?? 0));
  const salt = sealed.subarray(header.length, header.length + SALT);
  const body = sealed.subarray(header.length + SALT + IV, sealed.length - TAG);
  const iv = sealed.subarray(header.length + SALT, header.length + SALT + IV);
  const decipher = createDecipheriv('aes-256-gcm', dataKeyForOpening(secret, salt), iv, {
    authTagLength: TAG,
  });
  decipher.setAAD(associatedData(header, context));
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG));
  try {
    return new Uint8Array(Buffer.concat([decipher.update(body), decipher.final()]));
  } catch {
    throw broken();
  }
}

/** Header and the four parts of the context, each with its length before it, so that no two contexts read the same. */
function associatedData(header: Uint8Array, { table, column, record, tenant }: SealContext): Uint8Array {
  const texts = [table, column, record, tenant];
  const lengths = texts.map((text) => Buffer.byteLength(text, 'utf8'));
  const octets = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + 4 + length, 4 + header.length));
  let at = octets.writeUInt32BE(header.length);
  octets.set(header, at);
  at += header.length;
  for (const [n, text] of texts.entries()) {
    at = octets.writeUInt32BE(lengths[n] ?? 0, at);
    at += octets.write(text, at, 'utf8');
  }
  return octets;
}

function broken(): JitsuinError {
  return new JitsuinError('seal.integrity', 'Sealed octets were changed, cut or moved.');
}
