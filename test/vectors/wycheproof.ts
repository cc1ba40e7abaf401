import { createECDH, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { compactDecrypt, compactVerify, importJWK, type JWK } from 'jose';

import type { CompactJwe } from '../../src/core/brand.ts';
import { fromBase64Url } from '../../src/core/encoding.ts';
import { BUNDLE_ENC } from '../../src/core/jwe/bundle.ts';
import { readBundleHeader } from '../../src/verifier/jwe/bundle-header.ts';
import { decryptWithSharedSecret } from '../../src/verifier/jwe/shared-secret.ts';
import { parseSubjectPublicKeyInfo } from '../../src/verifier/x509/algorithm.ts';
import { openDer, TAG } from '../../src/verifier/x509/der.ts';
import { importPublicKey } from '../../src/verifier/x509/public-key.ts';
import { type SignatureScheme, verifySignature } from '../../src/verifier/x509/signature-algorithm.ts';
import type { CaseNote, Suite } from './suite.ts';
import { type Verdict, verdictsAgainst } from './support/verdicts.ts';

interface WycheproofTest {
  readonly tcId: number;
  readonly comment: string;
  readonly result: 'valid' | 'invalid' | 'acceptable';
  readonly msg?: string;
  readonly sig?: string;
  readonly public?: JWK;
  readonly private?: JWK;
  readonly shared?: string;
  readonly jwe?: string;
  readonly jws?: string;
  readonly pt?: string;
}

interface WycheproofGroup {
  readonly publicKeyDer?: string;
  readonly public?: JWK;
  readonly private?: JWK;
  readonly tests: readonly WycheproofTest[];
}

type Judge = (test: WycheproofTest, group: WycheproofGroup) => boolean | Promise<boolean>;
/** Which cases of a file the judge is for; all when absent. */
type Concerns = (test: WycheproofTest, group: WycheproofGroup) => boolean;

/** Each file with how its cases are decided. */
const FILES: readonly (readonly [file: string, judge: Judge, concerns?: Concerns])[] = [
  ['rsa_signature_2048_sha256_test', signatureWith({ type: 'rsa-pkcs1', hash: 'sha256' })],
  ['ecdsa_secp384r1_sha384_test', signatureWith({ type: 'ecdsa', hash: 'sha384' })],
  ['ecdsa_secp256r1_sha256_p1363_test', p1363Signature],
  ['ecdh_secp256r1_webcrypto_test', sharedSecret],
  ['json_web_encryption_test', decrypts],
  ['json_web_encryption_test', opensWithSharedSecret, isBundle],
  ['json_web_signature_test', verifiesJws],
];

/** Cases whose verdict differs from the suite's, by file and number, each with the reason. */
const RSA1_5 = 'RSA1_5 was removed from jose on purpose, and no key of this software uses it';
const OTHER_ALG = 'the key says another alg than the JWS, and a key is used with its own alg only';
const SAME_AS_VALID = 'the token as printed in the suite is the valid one of case 357';
const EXCEPTIONS: ReadonlyMap<string, string> = new Map([
  ...[100, 101, 102, 103, 104, 105, 112, 128].map(
    (id) => [`json_web_encryption_test ${id}`, RSA1_5] as const,
  ),
  ...[346, 347, 350, 351].map((id) => [`json_web_signature_test ${id}`, OTHER_ALG] as const),
  ...[367, 370].map((id) => [`json_web_signature_test ${id}`, SAME_AS_VALID] as const),
  ...[372, 373].map(
    (id) =>
      [`json_web_signature_test ${id}`, 'a character outside base64url is refused, not skipped'] as const,
  ),
]);

/** Project Wycheproof on the primitives this software stands on: node:crypto and jose. */
export const wycheproofSuite: Suite = {
  name: 'wycheproof',
  folder: 'wycheproof',
  async run(directory) {
    const verdicts: Verdict[] = [];
    const acceptable: CaseNote[] = [];
    for (const [file, judge, concerns = () => true] of FILES) {
      const { testGroups }: { testGroups: readonly WycheproofGroup[] } = JSON.parse(
        readFileSync(join(directory, `${file}.json`), 'utf8'),
      );
      for (const group of testGroups) {
        for (const test of group.tests.filter((one) => concerns(one, group))) {
          const name = `${file} ${test.tcId}`;
          const accepted = await settled(judge, test, group);
          if (test.result === 'acceptable')
            acceptable.push({ case: name, reason: `acceptable, ${accepted ? 'accepted' : 'refused'}` });
          else verdicts.push({ name, expected: test.result === 'valid', accepted, detail: '' });
        }
      }
    }
    const result = verdictsAgainst(verdicts, EXCEPTIONS);
    return { ...result, listed: [...result.listed, ...acceptable] };
  },
};

async function settled(judge: Judge, test: WycheproofTest, group: WycheproofGroup): Promise<boolean> {
  try {
    return await judge(test, group);
  } catch {
    return false;
  }
}

const hex = (text: string | undefined) => Buffer.from(text ?? '', 'hex');

/** Through our own key import and signature verification. */
function signatureWith(scheme: SignatureScheme): Judge {
  return (test, group) => {
    const info = parseSubjectPublicKeyInfo(openDer(hex(group.publicKeyDer), TAG.sequence));
    return verifySignature(scheme, importPublicKey(info), hex(test.msg), hex(test.sig));
  };
}

function p1363Signature(test: WycheproofTest, group: WycheproofGroup): boolean {
  const key = createPublicKey({ key: hex(group.publicKeyDer), format: 'der', type: 'spki' });
  return verify('sha256', hex(test.msg), { key, dsaEncoding: 'ieee-p1363' }, hex(test.sig));
}

function sharedSecret(test: WycheproofTest): boolean {
  const { public: theirs, private: ours } = test;
  if (theirs?.crv !== 'P-256' || ours?.d === undefined) return false;
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(Buffer.from(ours.d, 'base64url'));
  const coordinates = [theirs.x, theirs.y].map((text) => Buffer.from(text ?? '', 'base64url'));
  const secret = ecdh.computeSecret(Buffer.concat([Buffer.of(4), ...coordinates]));
  return secret.equals(hex(test.shared));
}

/** The key's own `alg` is the only one allowed, as this software does with every key. */
async function decrypts(test: WycheproofTest, group: WycheproofGroup): Promise<boolean> {
  const jwk = group.private;
  if (jwk?.alg === undefined) return false;
  const key = await importJWK(jwk);
  const isContentKey = /^A\d{3}(GCM|CBC-HS\d{3})$/.test(jwk.alg);
  const keyManagementAlgorithms = [isContentKey ? 'dir' : jwk.alg];
  const { plaintext } = await compactDecrypt(strictCompact(test.jwe), key, { keyManagementAlgorithms });
  return Buffer.from(plaintext).equals(hex(test.pt));
}

/** Bundles as this software takes them: the two A192 are not on its list, and jose's row has them. */
function isBundle({ jwe = '' }: WycheproofTest, { private: key }: WycheproofGroup): boolean {
  if (key?.alg !== 'ECDH-ES' || key.crv !== 'P-256') return false;
  const { enc } = JSON.parse(Buffer.from(jwe.split('.')[0] ?? '', 'base64url').toString()) as { enc: string };
  return (BUNDLE_ENC as readonly string[]).includes(enc);
}

/** What opens a bundle whose key is in an HSM or KMS. */
function opensWithSharedSecret(test: WycheproofTest, group: WycheproofGroup): boolean {
  const jwe = (test.jwe ?? '') as CompactJwe;
  const header = readBundleHeader(jwe);
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(Buffer.from(group.private?.d ?? '', 'base64url'));
  const plaintext = decryptWithSharedSecret(header, ecdh.computeSecret(header.ephemeralKey));
  return Buffer.from(plaintext).equals(hex(test.pt));
}

async function verifiesJws(test: WycheproofTest, group: WycheproofGroup): Promise<boolean> {
  const jwk = group.public ?? group.private;
  if (jwk?.alg === undefined) return false;
  const key = await importJWK(jwk);
  await compactVerify(strictCompact(test.jws), key, { algorithms: [jwk.alg] });
  return true;
}

/** jose skips white space and unused bits in base64url; this software looks at the alphabet first, and so does the suite. */
function strictCompact(token = ''): string {
  for (const part of token.split('.')) fromBase64Url(part);
  return token;
}
