import { createHmac, createSecretKey, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto';
import { JitsuinError } from '../../core/errors.ts';
import { sealHeader } from './sealed-octets.ts';

const MAC = 32;
const MOST_KEY_ID = 64;

const known = new WeakMap<Uint8Array, KeyObject>();

/**
 * HKDF-SHA256 (RFC 5869) of the key-encryption key with an `info` of its own, so that it shares nothing with the
 * keys that seal.
 */
function macKey(secret: Uint8Array): KeyObject {
  const found = known.get(secret);
  if (found !== undefined) return found;
  const key = createSecretKey(new Uint8Array(hkdfSync('sha256', secret, '', 'jitsuin row mac 1', MAC)));
  known.set(secret, key);
  return key;
}

function hmac(secret: Uint8Array, text: string): Buffer {
  return createHmac('sha256', macKey(secret)).update(text, 'utf8').digest();
}

/** Header that names the key ‖ HMAC-SHA-256 (RFC 2104) over the text. */
export function macOf(keyId: string, secret: Uint8Array, text: string): Uint8Array {
  return new Uint8Array(Buffer.concat([sealHeader(keyId), hmac(secret, text)]));
}

/** Id of the key that made this MAC. @throws JitsuinError `seal.integrity` when it is none */
export function macKeyId(mac: Uint8Array): string {
  const [format, length = 0] = mac;
  if (format !== 1 || length === 0 || length > MOST_KEY_ID || mac.length !== 2 + length + MAC) {
    throw new JitsuinError('seal.integrity', 'The MAC of a row was changed or cut.');
  }
  return Buffer.from(mac.subarray(2, 2 + length)).toString('latin1');
}

/** Whether the MAC is of this text; constant time. */
export function macMatches(secret: Uint8Array, text: string, mac: Uint8Array): boolean {
  return timingSafeEqual(hmac(secret, text), mac.subarray(mac.length - MAC));
}
