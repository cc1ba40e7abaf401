import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

import { parseCertificate } from '../../../src/verifier/x509/certificate.ts';
import type { Certificate } from '../../../src/verifier/x509/certificate-types.ts';
import { openDer } from '../../../src/verifier/x509/der.ts';
import {
  bitString,
  contextConstructed,
  encodeDer,
  encodeOid,
  integer,
  type NameSpec,
  name,
  nullElement,
  sequence,
  TAG,
  time,
} from './der-encode.ts';
import { extensions } from './extension-encode.ts';

/** A key pair with how it signs. */
export interface TestKey {
  readonly privateKey: KeyObject;
  readonly spki: Uint8Array;
  /** SHA-1 of the key bits: subjectKeyIdentifier by method 1 of RFC 5280 section 4.2.1.2. */
  readonly identifier: Uint8Array;
  readonly type: 'rsa' | 'ec' | 'ed25519';
}

const keys = new Map<string, TestKey>();

/** A key of its own for each label, made once a process. RSA is slow to make: use EC where the kind does not matter. */
export function testKey(
  label: string,
  type: 'rsa' | 'p256' | 'p384' | 'ed25519' = 'p256',
  bits = 2048,
): TestKey {
  const cached = keys.get(`${type}/${bits}/${label}`);
  if (cached !== undefined) return cached;
  const pair =
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: bits })
      : type === 'ed25519'
        ? generateKeyPairSync('ed25519')
        : generateKeyPairSync('ec', { namedCurve: type === 'p256' ? 'P-256' : 'P-384' });
  const spki = new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' }));
  const identifier = createHash('sha1').update(keyBits(spki)).digest();
  const key: TestKey = {
    privateKey: pair.privateKey,
    spki,
    identifier,
    type: type === 'rsa' || type === 'ed25519' ? type : 'ec',
  };
  keys.set(`${type}/${bits}/${label}`, key);
  return key;
}

/** The BIT STRING of an SPKI without its header. */
export function keyBits(spki: Uint8Array): Uint8Array {
  const info = openDer(spki, TAG.sequence);
  info.read(TAG.sequence);
  return info.read(TAG.bitString).content.subarray(1);
}

export type TestHash = 'sha1' | 'sha256' | 'sha384' | 'md5';

const ALGORITHMS: Readonly<Record<string, string>> = {
  'rsa/md5': '1.2.840.113549.1.1.4',
  'rsa/sha1': '1.2.840.113549.1.1.5',
  'rsa/sha256': '1.2.840.113549.1.1.11',
  'rsa/sha384': '1.2.840.113549.1.1.12',
  'ec/sha1': '1.2.840.10045.4.1',
  'ec/sha256': '1.2.840.10045.4.3.2',
  'ec/sha384': '1.2.840.10045.4.3.3',
};

/** AlgorithmIdentifier for a key and a hash. */
export function algorithmIdentifier(key: TestKey, hash: TestHash = 'sha256'): Uint8Array {
  if (key.type === 'ed25519') return sequence(encodeOid('1.3.101.112'));
  const oid = encodeOid(ALGORITHMS[`${key.type}/${hash}`] ?? '');
  return key.type === 'rsa' ? sequence(oid, nullElement()) : sequence(oid);
}

export function signOctets(key: TestKey, octets: Uint8Array, hash: TestHash = 'sha256'): Uint8Array {
  return sign(key.type === 'ed25519' ? null : hash, octets, key.privateKey);
}

/** SEQUENCE { tbs, algorithm, signature }: certificate, CRL, or BasicOCSPResponse without certificates. */
export function signed(
  tbs: Uint8Array,
  key: TestKey,
  hash: TestHash = 'sha256',
  after: readonly Uint8Array[] = [],
) {
  return sequence(tbs, algorithmIdentifier(key, hash), bitString(signOctets(key, tbs, hash)), ...after);
}

/** A certificate with its private key: an authority when it is a CA, a signer when it is a leaf. */
export interface TestIdentity {
  readonly key: TestKey;
  /** DER of the subject Name. */
  readonly subject: Uint8Array;
  readonly der: Uint8Array;
  /** Parsed with the parser under test. */
  readonly certificate: Certificate;
}

export interface TestCertificateSpec {
  readonly subject: NameSpec | Uint8Array;
  /** Self-signed when absent. */
  readonly issuer?: TestIdentity;
  /** Another issuer name than the issuer's subject. */
  readonly issuerName?: Uint8Array;
  readonly key?: TestKey;
  readonly serial?: number | bigint | Uint8Array;
  readonly notBefore?: number;
  readonly notAfter?: number;
  /** DER Extensions, besides SKI and AKI (see `identifiers`). */
  readonly extensions?: readonly Uint8Array[];
  /** SKI and AKI are added unless `none`. */
  readonly identifiers?: 'both' | 'none';
  readonly hash?: TestHash;
  /** Algorithm inside the TBS, when it is to differ from the outer one. */
  readonly innerAlgorithm?: Uint8Array;
}

export const TEST_NOT_BEFORE = Date.UTC(2024, 0, 1);
export const TEST_NOT_AFTER = Date.UTC(2034, 0, 1) - 1000;
/** An instant within the periods of all test certificates, CRLs and answers of these builders. */
export const TEST_NOW = Date.UTC(2026, 10, 22, 4);

let nextSerial = 1000;

/** DER of a certificate, never parsed: for inputs that must be refused. */
export function certificateDer(spec: TestCertificateSpec): {
  der: Uint8Array;
  key: TestKey;
  subject: Uint8Array;
} {
  const subject = spec.subject instanceof Uint8Array ? spec.subject : name(...spec.subject);
  const key = spec.key ?? testKey(Buffer.from(subject).toString('hex'));
  const signer = spec.issuer?.key ?? key;
  const identifiers =
    spec.identifiers === 'none'
      ? []
      : [
          extensions.subjectKeyIdentifier(key.identifier),
          extensions.authorityKeyIdentifier(signer.identifier),
        ];
  const all = [...identifiers, ...(spec.extensions ?? [])];
  const tbs = sequence(
    encodeDer(contextConstructed(0), integer(2)),
    integer(spec.serial ?? nextSerial++),
    spec.innerAlgorithm ?? algorithmIdentifier(signer, spec.hash),
    spec.issuerName ?? spec.issuer?.subject ?? subject,
    sequence(time(spec.notBefore ?? TEST_NOT_BEFORE), time(spec.notAfter ?? TEST_NOT_AFTER)),
    subject,
    key.spki,
    ...(all.length === 0 ? [] : [encodeDer(contextConstructed(3), sequence(...all))]),
  );
  return { der: signed(tbs, signer, spec.hash), key, subject };
}

export function issueCertificate(spec: TestCertificateSpec): TestIdentity {
  const { der, key, subject } = certificateDer(spec);
  return { der, key, subject, certificate: parseCertificate(der) };
}

/** A CA certificate: critical basicConstraints and keyUsage. Self-signed when no issuer is given. */
export function issueCa(spec: TestCertificateSpec & { readonly pathLen?: number }): TestIdentity {
  const own = [
    extensions.basicConstraints(true, spec.pathLen),
    extensions.keyUsage(['keyCertSign', 'cRLSign']),
    ...(spec.extensions ?? []),
  ];
  return issueCertificate({ ...spec, extensions: own });
}

/** The same certificate as PEM. */
export function toPem(der: Uint8Array, label = 'CERTIFICATE'): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
