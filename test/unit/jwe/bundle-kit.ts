import {
  createCipheriv,
  createECDH,
  createHash,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  webcrypto,
} from 'node:crypto';
import { CompactEncrypt } from 'jose/jwe/compact/encrypt';
import { importJWK } from 'jose/key/import';
import type { CompactJwe } from '../../../src/core/brand.ts';
import { JitsuinError } from '../../../src/core/errors.ts';
import type { BundleKey } from '../../../src/verifier/jwe/open-result.ts';

/** Two strings that stand for a certificate and a signature; the JWE does not look into them. */
export const CONTENT = {
  certificate: Buffer.from('a certificate, simulated').toString('base64'),
  signature: Buffer.from('a signature value, simulated').toString('base64'),
};

export interface TestKey {
  readonly kid: string;
  readonly state: BundleKey['state'];
  readonly key: webcrypto.CryptoKey;
  readonly publicJwk: { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string };
  deriveSharedSecret(ephemeralKey: Uint8Array): Promise<Uint8Array>;
}

/** As a keystore gives it: the key itself, for jose. */
export const held = ({ kid, state, key }: TestKey): BundleKey => ({ kid, state, key });
/** As an HSM or KMS gives it: shared secrets only. */
export const keptElsewhere = ({ kid, state, deriveSharedSecret }: TestKey): BundleKey => ({
  kid,
  state,
  deriveSharedSecret,
});

export async function testKey(kid: string, state: BundleKey['state'] = 'active'): Promise<TestKey> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = privateKey.export({ format: 'jwk' });
  const key = await webcrypto.subtle.importKey('jwk', jwk, { name: 'ECDH', namedCurve: 'P-256' }, false, [
    'deriveBits',
  ]);
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(Buffer.from(jwk.d ?? '', 'base64url'));
  return {
    ...{ kid, state, key },
    publicJwk: { kty: 'EC', crv: 'P-256', x: jwk.x ?? '', y: jwk.y ?? '' },
    deriveSharedSecret: async (ephemeralKey) => ecdh.computeSecret(ephemeralKey),
  };
}

export async function encrypt(
  key: TestKey,
  options: {
    enc?: string;
    header?: Record<string, unknown>;
    plaintext?: string | Uint8Array;
    partyInfo?: readonly [apu: string, apv: string];
  } = {},
): Promise<CompactJwe> {
  const { enc = 'A256GCM', header = {}, plaintext = JSON.stringify(CONTENT) } = options;
  const octets = typeof plaintext === 'string' ? Buffer.from(plaintext, 'utf8') : plaintext;
  const jwe = new CompactEncrypt(octets).setProtectedHeader({ alg: 'ECDH-ES', enc, ...header });
  const [apu, apv] = options.partyInfo?.map((text) => new Uint8Array(Buffer.from(text))) ?? [];
  if (apu !== undefined && apv !== undefined) jwe.setKeyManagementParameters({ apu, apv });
  return (await jwe.encrypt(await importJWK({ ...key.publicJwk }, 'ECDH-ES'))) as CompactJwe;
}

/** The protected header of a JWE changed by hand; what follows no longer authenticates. */
export function withHeader(
  jwe: CompactJwe,
  change: (header: Record<string, unknown>) => unknown,
): CompactJwe {
  const [first = '', ...rest] = jwe.split('.');
  const header = JSON.parse(Buffer.from(first, 'base64url').toString('utf8'));
  return withRawHeader(rest, JSON.stringify(change(header)));
}

export function withRawHeader(rest: readonly string[], header: string): CompactJwe {
  return [Buffer.from(header, 'utf8').toString('base64url'), ...rest].join('.') as CompactJwe;
}

/** Part 2 iv, 3 ciphertext, 4 tag, as octets, changed. */
export function withPart(jwe: CompactJwe, part: 2 | 3 | 4, change: (octets: Buffer) => Buffer): CompactJwe {
  const parts = jwe.split('.');
  parts[part] = change(Buffer.from(parts[part] ?? '', 'base64url')).toString('base64url');
  return parts.join('.') as CompactJwe;
}

export async function codeOf(run: () => unknown): Promise<string> {
  try {
    await run();
  } catch (thrown) {
    return thrown instanceof JitsuinError ? thrown.code : `not ours: ${String(thrown)}`;
  }
  return 'accepted';
}

/** An independent ECDH-ES A256GCM encryption by RFC 7518 appendix C's steps, not by jose. */
export function encryptByHand(
  recipient: KeyObject,
  header: Record<string, unknown>,
  plaintext: string,
): CompactJwe {
  const ephemeral = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { kty, crv, x, y } = ephemeral.publicKey.export({ format: 'jwk' });
  const protectedHeader = { alg: 'ECDH-ES', enc: 'A256GCM', epk: { kty, crv, x, y }, ...header };
  const z = diffieHellman({ privateKey: ephemeral.privateKey, publicKey: recipient });
  const word = (value: number) => Buffer.from([0, 0, value >> 8, value & 255]);
  const field = (text: string) => Buffer.concat([word(text.length), Buffer.from(text)]);
  const otherInfo = Buffer.concat([field('A256GCM'), field(''), field(''), word(256)]);
  const cek = createHash('sha256').update(word(1)).update(z).update(otherInfo).digest();
  return sealGcm(cek, JSON.stringify(protectedHeader), plaintext);
}

function sealGcm(cek: Buffer, header: string, plaintext: string): CompactJwe {
  const first = Buffer.from(header).toString('base64url');
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', cek, iv).setAAD(Buffer.from(first, 'ascii'));
  const body = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
  const parts = [first, '', ...[iv, body, cipher.getAuthTag()].map((part) => part.toString('base64url'))];
  return parts.join('.') as CompactJwe;
}
