import { type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { toBase64Url, toUtf8 } from '../../core/encoding.ts';

interface JwtHeader {
  readonly alg: 'ES256' | 'RS256';
  readonly kid: string;
  readonly typ: string;
}

const signLater = promisify(sign);

/**
 * Claims as a compact JWS (RFC 7515 section 3.1) by a key that is at hand. ECDSA is done at once: it takes 40 µs, and
 * a way through Web Crypto three times as much; RSA takes a thousand, which no event loop waits for.
 */
export async function signedJwt(header: JwtHeader, claims: object, key: KeyObject): Promise<string> {
  const input = `${encoded(header)}.${encoded(claims)}`;
  const octets = toUtf8(input);
  const signature =
    header.alg === 'ES256'
      ? sign('sha256', octets, { key, dsaEncoding: 'ieee-p1363' })
      : await signLater('RSA-SHA256', octets, key);
  return `${input}.${toBase64Url(signature)}`;
}

function encoded(part: object): string {
  return toBase64Url(toUtf8(JSON.stringify(part)));
}
