import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { encodeDer, encodeOid } from '../../../src/verifier/x509/der-writer.ts';

/** A key pair with a certificate of the test CA. Everything is made at test time; the people do not exist. */
export interface TestSigner {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly certificateDer: Uint8Array;
}

export type SignerKind = 'rsa' | 'other-rsa' | 'p256' | 'p384' | 'rsa-1024' | 'rsa-e3' | 'p521';

const made = new Map<SignerKind, TestSigner>();

/** The signer of this kind; made at the first call in a test file, then kept. */
export function testSigner(kind: SignerKind): TestSigner {
  const known = made.get(kind);
  if (known !== undefined) return known;
  const signer = makeSigner(kind);
  made.set(kind, signer);
  return signer;
}

function makeSigner(kind: SignerKind): TestSigner {
  const { privateKey, publicKey } = generateKeys(kind);
  const fields = { subject: 'SIMULATED signer', subjectKey: privateKey, serial: SIGNER_SERIAL, ca: false };
  return {
    privateKey,
    publicKey,
    certificateDer: certificate({ ...fields, privateKey: testRoot().privateKey }),
  };
}

function generateKeys(kind: SignerKind): { privateKey: KeyObject; publicKey: KeyObject } {
  switch (kind) {
    case 'rsa':
    case 'other-rsa':
      return generateKeyPairSync('rsa', { modulusLength: 2048 });
    case 'rsa-1024':
      return generateKeyPairSync('rsa', { modulusLength: 1024 });
    case 'rsa-e3':
      return generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 });
    case 'p256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' });
    case 'p384':
      return generateKeyPairSync('ec', { namedCurve: 'P-384' });
    case 'p521':
      return generateKeyPairSync('ec', { namedCurve: 'P-521' });
  }
}

const SEQUENCE = 0x30;
const SET = 0x31;
const SHA256_WITH_RSA = encodeDer(SEQUENCE, encodeOid('1.2.840.113549.1.1.11'), encodeDer(0x05));

interface TestRoot {
  readonly privateKey: KeyObject;
  readonly certificateDer: Uint8Array;
}

let root: TestRoot | undefined;

/** The CA of all test signers; made at the first call in a test file. */
export function testRoot(): TestRoot {
  if (root === undefined) {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const certificateDer = certificate({
      subject: ROOT,
      subjectKey: privateKey,
      serial: 1,
      ca: true,
      privateKey,
    });
    root = { privateKey, certificateDer };
  }
  return root;
}

/** A CRL of the CA, valid from 2026-11-01 to 2049, that names the signers' serial number or nothing. */
export function testCrl(options: { readonly revoked: boolean }): Uint8Array {
  const entry = encodeDer(SEQUENCE, encodeDer(0x02, Uint8Array.of(SIGNER_SERIAL)), time('261110000000Z'));
  const crlNumber = extension('2.5.29.20', encodeDer(0x02, Uint8Array.of(7)));
  const tbs = encodeDer(
    SEQUENCE,
    encodeDer(0x02, Uint8Array.of(1)),
    SHA256_WITH_RSA,
    name(ROOT),
    time('261101000000Z'),
    time('491231235959Z'),
    ...(options.revoked ? [encodeDer(SEQUENCE, entry)] : []),
    encodeDer(0xa0, encodeDer(SEQUENCE, crlNumber)),
  );
  return signedStructure(tbs, testRoot().privateKey);
}

const ROOT = 'SIMULATED root';
const SIGNER_SERIAL = 0x4a;

interface CertificateFields {
  readonly subject: string;
  readonly subjectKey: KeyObject;
  readonly serial: number;
  readonly ca: boolean;
  readonly privateKey: KeyObject;
}

/** A minimal X.509 v3 certificate of the test CA, valid from 2020 to 2049. */
function certificate({ subject, subjectKey, serial, ca, privateKey }: CertificateFields): Uint8Array {
  const usage = ca ? Uint8Array.of(1, 0x06) : Uint8Array.of(6, 0xc0);
  const basicConstraints = extension(
    '2.5.29.19',
    encodeDer(SEQUENCE, encodeDer(0x01, Uint8Array.of(0xff))),
    true,
  );
  const keyUsage = extension('2.5.29.15', encodeDer(0x03, usage), true);
  const extensions = ca ? [basicConstraints, keyUsage] : [keyUsage];
  const tbs = encodeDer(
    SEQUENCE,
    encodeDer(0xa0, encodeDer(0x02, Uint8Array.of(2))),
    encodeDer(0x02, Uint8Array.of(serial)),
    SHA256_WITH_RSA,
    name(ROOT),
    encodeDer(SEQUENCE, time('200101000000Z'), time('491231235959Z')),
    name(subject),
    createPublicKey(subjectKey).export({ type: 'spki', format: 'der' }),
    encodeDer(0xa3, encodeDer(SEQUENCE, ...extensions)),
  );
  return signedStructure(tbs, privateKey);
}

function signedStructure(tbs: Uint8Array, privateKey: KeyObject): Uint8Array {
  const signature = sign('sha256', tbs, privateKey);
  return encodeDer(SEQUENCE, tbs, SHA256_WITH_RSA, encodeDer(0x03, Uint8Array.of(0), signature));
}

function extension(oid: string, value: Uint8Array, critical = false): Uint8Array {
  const flag = critical ? [encodeDer(0x01, Uint8Array.of(0xff))] : [];
  return encodeDer(SEQUENCE, encodeOid(oid), ...flag, encodeDer(0x04, value));
}

function name(commonName: string): Uint8Array {
  const value = encodeDer(0x0c, Buffer.from(commonName));
  return encodeDer(SEQUENCE, encodeDer(SET, encodeDer(SEQUENCE, encodeOid('2.5.4.3'), value)));
}

function time(text: string): Uint8Array {
  return encodeDer(0x17, Buffer.from(text, 'latin1'));
}
