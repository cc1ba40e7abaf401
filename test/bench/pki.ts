import { constants, createECDH, createHash, privateEncrypt, verify } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CompactEncrypt, compactDecrypt, exportJWK, generateKeyPair, importJWK } from 'jose';
import * as pkijs from 'pkijs';

import type * as Keystore from '../../src/adapters/keys/pf-keystore.ts';
import type { CompactJwe, EpochMillis } from '../../src/core/brand.ts';
import type * as OpenResult from '../../src/verifier/jwe/open-result.ts';
import type { BundleKey } from '../../src/verifier/jwe/open-result.ts';
import type * as Check from '../../src/verifier/revocation/check.ts';
import type { VerifiedResponder } from '../../src/verifier/revocation/revocation-types.ts';
import type * as X509 from '../../src/verifier/x509/certificate.ts';
import type * as FourAttributes from '../../src/verifier/x509/four-attributes.ts';
import type * as Path from '../../src/verifier/x509/path.ts';
import { jpkiSigningPathPolicy } from '../../src/verifier/x509/path-policy.ts';
import { jpkiCa, jpkiLeaf } from '../support/pki/test-jpki.ts';
import { TEST_NOW, testKey } from '../support/pki/test-pki.ts';
import { testOcspResponse, testResponder } from '../support/pki/test-revocation.ts';
import type { BenchOptions } from './bench.ts';
import { compiledModule } from './support/compiled.ts';
import { benchCrl } from './support/large-crl-run.ts';
import { startOpensslVerify } from './support/openssl-verify.ts';
import { joseAndPkijs, nodePath, peculiarPath, pkijsPath } from './support/pki-peers.ts';
import { type Measured, measureRounds, printMeasured, type Subject } from './support/rounds.ts';

const { openPfKeystore } = (await compiledModule('adapters/keys/pf-keystore')) as typeof Keystore;
const { openResult } = (await compiledModule('verifier/jwe/open-result')) as typeof OpenResult;
const { checkRevocation } = (await compiledModule('verifier/revocation/check')) as typeof Check;
const { parseCertificate } = (await compiledModule('verifier/x509/certificate')) as typeof X509;
const { readFourAttributes } = (await compiledModule(
  'verifier/x509/four-attributes',
)) as typeof FourAttributes;
const { validateCertificationPath } = (await compiledModule('verifier/x509/path')) as typeof Path;
const AT = TEST_NOW as EpochMillis;
const made = jpkiCa();
const leaf = jpkiLeaf(made);
/** As a program has it that was compiled as a whole: from the same modules as everything that is timed. */
const ca = { ...made, certificate: parseCertificate(made.der) };
const policy = jpkiSigningPathPolicy('test');

/** `npm run bench -- pki`: path of a leaf and its CA, a whole request, and a CRL of a million entries. */
export async function bench({ rounds, quick }: BenchOptions): Promise<unknown> {
  const path = await benchPath(rounds);
  const request = await benchRequest(rounds);
  return { path, request, crl: await benchCrl(ca, quick ? 100_000 : 1_000_000) };
}

async function benchPath(rounds: number): Promise<readonly Measured[]> {
  const openssl = startOpensslVerify(leaf.der, ca.der, TEST_NOW);
  const caKey = ca.certificate.publicKey();
  const { tbsCertificate, signature } = leaf.certificate;
  const subjects: Subject[] = [
    { name: 'jitsuin: parse + RFC 5280 6.1', count: 2000, warmUp: 20_000, run: ownPath },
    { name: 'pkijs 4: parse + chain engine', count: 30, warmUp: 200, run: pkijsPath(leaf.der, ca.der) },
    {
      name: '@peculiar/x509: parse + chain + verify (no path rules)',
      count: 50,
      warmUp: 500,
      run: peculiarPath(leaf.der, ca.der),
    },
    { name: 'node X509Certificate: checkIssued + verify', count: 200, run: nodePath(leaf.der, ca.der) },
    {
      name: 'one RSA-2048 verify (floor)',
      count: 500,
      run: () => verify('sha256', tbsCertificate, caKey, signature),
    },
    ...(openssl === undefined
      ? []
      : [
          {
            name: 'OpenSSL in C: d2i + verify',
            count: 500,
            measure: (count: number) => openssl.measure(count),
          },
        ]),
  ];
  const rows = await measureRounds(subjects, rounds);
  openssl?.stop();
  printMeasured(`path of a leaf (${leaf.der.length} octets) and its CA`, rows);
  return rows;
}

function ownPath(): void {
  const certificate = parseCertificate(leaf.der);
  const trustAnchors = [ca.certificate];
  const report = validateCertificationPath({
    leaf: certificate,
    intermediates: [],
    trustAnchors,
    at: AT,
    policy,
  });
  if (report.indication !== 'TOTAL-PASSED') throw new Error('The path did not pass.');
}

/** A JWE from the service, the user's signature over it, and an OCSP answer from a delegated responder. */
async function benchRequest(rounds: number): Promise<readonly Measured[]> {
  const { publicKey, privateKey } = await generateKeyPair('ECDH-ES', { crv: 'P-256', extractable: true });
  const shipped = await keystoreKey();
  const signatureValue = userSignature();
  const own = await bundleTo(await importJWK(shipped.publicJwk, 'ECDH-ES'), signatureValue);
  const jwe = await bundleTo(publicKey, signatureValue);
  const ocsp = delegatedAnswer();
  const pkijsCa = pkijs.Certificate.fromBER(ca.der);
  const rows = await measureRounds(
    [
      {
        name: 'jitsuin: JWE (key of the keystore file), path, signature, OCSP, 4 fields',
        count: 500,
        warmUp: 5000,
        run: wholeRequest(own, shipped.key, ocsp),
      },
      {
        name: 'jitsuin, an operator’s module that hands in the key: JWE through jose',
        count: 500,
        warmUp: 5000,
        run: wholeRequest(jwe, { kid: 'bench', state: 'active', key: privateKey }, ocsp),
      },
      {
        name: 'jose + pkijs',
        count: 10,
        warmUp: 100,
        run: () => joseAndPkijs(jwe, privateKey, pkijsCa, ocsp),
      },
      {
        name: 'its three RSA verifies and one ECDH (floor)',
        count: 500,
        run: await floorOf(privateKey, signatureValue),
      },
      {
        name: 'jose alone, key imported before',
        count: 500,
        warmUp: 2000,
        run: () => compactDecrypt(jwe, privateKey, JOSE_LISTS),
      },
    ],
    rounds,
  );
  printMeasured('whole request', rows);
  return rows;
}

function wholeRequest(jwe: CompactJwe, key: BundleKey, ocsp: Uint8Array) {
  const responderCache = new Map<string, VerifiedResponder>();
  return async () => {
    const opened = await openResult(jwe, [key]);
    const certificate = parseCertificate(opened.certificate);
    const trustAnchors = [ca.certificate];
    const path = validateCertificationPath({
      leaf: certificate,
      intermediates: [],
      trustAnchors,
      at: AT,
      policy,
    });
    const signed = verify(
      'sha256',
      Buffer.from('application'),
      certificate.publicKey(),
      opened.signatureValue,
    );
    const data = { crls: [], ocsp: [ocsp] };
    const request = {
      certificate,
      issuer: ca.certificate,
      data,
      at: AT,
      method: 'OCSP',
      responderCache,
    } as const;
    const good = checkRevocation(request).status === 'good';
    if (path.indication !== 'TOTAL-PASSED' || !signed || !good || !readFourAttributes(certificate).name) {
      throw new Error('The request did not pass.');
    }
  };
}

/** A key as a platform operator has it who changes nothing. */
async function keystoreKey() {
  const folder = mkdtempSync(join(tmpdir(), 'jitsuin-bench-'));
  try {
    const keystore = await openPfKeystore({
      ...{ file: join(folder, 'keystore.json'), passphrase: 'only for this benchmark', scryptCost: 16_384 },
      clock: { now: () => AT },
    });
    const { publicJwk } = await keystore.generate('bench', 'test');
    const key = await keystore.find('bench', 'test', publicJwk.kid);
    if (key === undefined) throw new Error('The keystore lost its key.');
    return { publicJwk, key };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function userSignature(): Buffer {
  const digestInfo = Buffer.concat([
    Buffer.from('3031300d060960864801650304020105000420', 'hex'),
    createHash('sha256').update('application').digest(),
  ]);
  const padding = constants.RSA_PKCS1_PADDING;
  return privateEncrypt({ key: leaf.key.privateKey, padding }, digestInfo);
}

async function bundleTo(
  recipient: Parameters<CompactEncrypt['encrypt']>[0],
  signatureValue: Buffer,
): Promise<CompactJwe> {
  const content = JSON.stringify({
    certificate: Buffer.from(leaf.der).toString('base64'),
    signature: signatureValue.toString('base64'),
  });
  const jwe = new CompactEncrypt(Buffer.from(content)).setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM' });
  return (await jwe.encrypt(recipient)) as CompactJwe;
}

function delegatedAnswer(): Uint8Array {
  const responder = testResponder(ca, { label: 'bench responder', key: testKey('bench responder', 'rsa') });
  return testOcspResponse({ certificate: leaf.certificate, issuer: ca, responder });
}

const JOSE_LISTS = { keyManagementAlgorithms: ['ECDH-ES'], contentEncryptionAlgorithms: ['A256GCM'] };

/** The operations no implementation can do without: issuer on leaf, user on document, responder on answer, one ECDH. */
async function floorOf(privateKey: Parameters<typeof exportJWK>[0], signatureValue: Uint8Array) {
  const caKey = ca.certificate.publicKey();
  const leafKey = leaf.certificate.publicKey();
  const { tbsCertificate, signature } = leaf.certificate;
  const document = Buffer.from('application');
  const { d = '' } = await exportJWK(privateKey);
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(Buffer.from(d, 'base64url'));
  const peer = createECDH('prime256v1');
  const peerKey = peer.generateKeys();
  return () => {
    verify('sha256', tbsCertificate, caKey, signature);
    verify('sha256', tbsCertificate, caKey, signature);
    verify('sha256', document, leafKey, signatureValue);
    ecdh.computeSecret(peerKey);
  };
}
