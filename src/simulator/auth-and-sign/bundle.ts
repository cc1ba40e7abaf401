import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { CompactEncrypt } from 'jose/jwe/compact/encrypt';
import { CLEAR_RESULT, JWE_ENC } from '../../adapters/auth-and-sign/wire.ts';
import { defined } from '../../core/defined.ts';
import { toBase64 } from '../../core/encoding.ts';
import type { PfPublicKey } from '../options.ts';
import { cardInput } from './signing-input.ts';
import type { SignTransaction, World } from './world.ts';

type Signed = Extract<SignTransaction['state'], { kind: 'signed' }>;

/** 署名用電子証明書と署名値, each base64 (guideline, 暗号化処理の概要 step 3). */
interface Bundle {
  readonly certificate: string;
  readonly signatureValue: string | undefined;
}

/** The bundle of a signed transaction, or one that is wrong on purpose. */
export function spoilBundle(
  world: World,
  transaction: SignTransaction,
  signed: Signed,
  fault: string | undefined,
): Bundle {
  const certificate = toBase64(signed.certificate);
  const signatureValue = toBase64(signed.signatureValue);
  const others = [...world.cards.values()].filter(({ issued }) => issued.resident.id !== signed.personId);
  const other = others[0]?.issued.signCertificate.der ?? signed.certificate;
  const damaged = Buffer.from(signed.signatureValue);
  damaged.writeUInt8(damaged.readUInt8(100) ^ 1, 100);
  switch (fault) {
    case 'other-certificate':
      return { certificate: toBase64(other), signatureValue };
    case 'damaged-signature':
      return { certificate, signatureValue: toBase64(damaged) };
    case 'missing-signature':
      return { certificate, signatureValue: undefined };
    case 'other-mode':
      return { certificate, signatureValue: signedInOtherMode(world, transaction, signed) };
    default:
      return { certificate, signatureValue };
  }
}

function signedInOtherMode(world: World, { data, mode }: SignTransaction, signed: Signed): string {
  const input = mode === 'digest-info' ? cardInput(data, 'digest') : cardInput(data, 'digest-info');
  const answer = world.cards.get(signed.personId)?.sign(input);
  return toBase64(answer?.kind === 'signed' ? answer.signatureValue : signed.signatureValue);
}

const ENC_FAULTS: Readonly<Record<string, string>> = {
  'enc-a128gcm': 'A128GCM',
  'enc-a128cbc-hs256': 'A128CBC-HS256',
  'enc-a256cbc-hs512': 'A256CBC-HS512',
};

/**
 * One JWE in compact serialization, ECDH-ES direct to the platform operator's key, `kid` in the header, no apu or
 * apv.
 */
export async function encryptBundle(
  pfPublicKey: PfPublicKey,
  bundle: Bundle,
  fault: string | undefined,
): Promise<string> {
  const plaintext = Buffer.from(
    JSON.stringify({
      [CLEAR_RESULT.certificate[0]]: bundle.certificate,
      [CLEAR_RESULT.signatureValue[0]]: bundle.signatureValue,
    }),
  );
  const { kty, crv, x, y } = pfPublicKey;
  const registered = createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' });
  const key: KeyObject =
    fault === 'foreign-key' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey : registered;
  const jwe = await new CompactEncrypt(plaintext)
    .setProtectedHeader(
      defined({
        alg: fault === 'alg-key-wrap' ? 'ECDH-ES+A256KW' : 'ECDH-ES',
        enc: ENC_FAULTS[fault ?? ''] ?? JWE_ENC[0],
        zip: fault === 'zip' ? 'DEF' : undefined,
        kid: fault === 'wrong-kid' ? 'no-such-key' : pfPublicKey.kid,
      }),
    )
    .encrypt(key);
  return fault === 'damaged-jwe' ? damage(jwe) : jwe;
}

/** Changes the last but one character, inside the authentication tag. */
function damage(jwe: string): string {
  const at = jwe.length - 2;
  return jwe.slice(0, at) + (jwe[at] === 'A' ? 'B' : 'A') + jwe.slice(at + 1);
}
