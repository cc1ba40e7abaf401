import { execFile } from 'node:child_process';
import { constants, createECDH, createHash, privateEncrypt, verify, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CompactEncrypt, compactDecrypt, exportJWK, generateKeyPair } from 'jose';
import * as pkijs from 'pkijs';

import type { CompactJwe, EpochMillis } from '../../src/core/brand.ts';
import type * as OpenResult from '../../src/verifier/jwe/open-result.ts';
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
import { compiledFile, compiledModule } from './support/compiled.ts';
import { largeCrl, serialOf } from './support/large-crl.ts';
import { startOpensslVerify } from './support/openssl-verify.ts';
import { type Measured, measureRounds, printMeasured, type Subject } from './support/rounds.ts';

const { openResult } = (await compiledModule('verifier/jwe/open-result')) as typeof OpenResult;
const { checkRevocation } = (await compiledModule('verifier/revocation/check')) as typeof Check;
const { parseCertificate } = (await compiledModule('verifier/x509/certificate')) as typeof X509;
const { readFourAttributes } = (await compiledModule(
  'verifier/x509/four-attributes',
)) as typeof FourAttributes;
const { validateCertificationPath } = (await compiledModule('verifier/x509/path')) as typeof Path;
const AT = TEST_NOW as EpochMillis;
const ca = jpkiCa();
const leaf = jpkiLeaf(ca);
const policy = jpkiSigningPathPolicy('test');

/** `npm run bench -- pki`: path of a leaf and its CA, a whole request, and a CRL of a million entries. */
export async function bench({ rounds, quick }: BenchOptions): Promise<unknown> {
  const path = await benchPath(rounds);
  const request = await benchRequest(rounds);
  return { path, request, crl: await benchCrl(quick ? 100_000 : 1_000_000) };
}

async function benchPath(rounds: number): Promise<readonly Measured[]> {
  const openssl = startOpensslVerify(leaf.der, ca.der, TEST_NOW);
  const caKey = ca.certificate.publicKey();
  const nodeCa = new X509Certificate(ca.der);
  const pkijsCa = pkijs.Certificate.fromBER(ca.der);
  const { tbsCertificate, signature } = leaf.certificate;
  const subjects: Subject[] = [
    { name: 'jitsuin: parse + RFC 5280 6.1', count: 2000, run: ownPath },
    { name: 'pkijs 4: parse + chain engine', count: 10, run: () => pkijsPath(pkijsCa) },
    { name: 'node X509Certificate: checkIssued + verify', count: 200, run: () => nodePath(nodeCa) },
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

async function pkijsPath(trusted: pkijs.Certificate): Promise<void> {
  const certs = [pkijs.Certificate.fromBER(leaf.der)];
  const engine = new pkijs.CertificateChainValidationEngine({
    trustedCerts: [trusted],
    certs,
    checkDate: new Date(AT),
  });
  const { result } = await engine.verify();
  if (!result) throw new Error('pkijs did not accept the path.');
}

function nodePath(issuer: X509Certificate): void {
  const certificate = new X509Certificate(leaf.der);
  if (!certificate.checkIssued(issuer) || !certificate.verify(issuer.publicKey))
    throw new Error('Not issued.');
}

/** A JWE from the service, the user's signature over it, and an OCSP answer from a delegated responder. */
async function benchRequest(rounds: number): Promise<readonly Measured[]> {
  const { publicKey, privateKey } = await generateKeyPair('ECDH-ES', { crv: 'P-256', extractable: true });
  const digestInfo = Buffer.concat([
    Buffer.from('3031300d060960864801650304020105000420', 'hex'),
    createHash('sha256').update('application').digest(),
  ]);
  const padding = constants.RSA_PKCS1_PADDING;
  const signatureValue = privateEncrypt({ key: leaf.key.privateKey, padding }, digestInfo);
  const content = JSON.stringify({
    certificate: Buffer.from(leaf.der).toString('base64'),
    signature: signatureValue.toString('base64'),
  });
  const jwe = await new CompactEncrypt(Buffer.from(content))
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid: 'bench' })
    .encrypt(publicKey);
  const responder = testResponder(ca, { label: 'bench responder', key: testKey('bench responder', 'rsa') });
  const ocsp = testOcspResponse({ certificate: leaf.certificate, issuer: ca, responder });
  const responderCache = new Map<string, VerifiedResponder>();
  const own = async () => {
    const opened = await openResult(jwe as CompactJwe, [{ kid: 'bench', state: 'active', key: privateKey }]);
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
  const pkijsCa = pkijs.Certificate.fromBER(ca.der);
  const peer = () => pkijsRequest(jwe, privateKey, pkijsCa, ocsp);
  const floor = await floorOf(privateKey, signatureValue);
  const rows = await measureRounds(
    [
      { name: 'jitsuin: JWE, path, signature, OCSP, 4 fields', count: 300, run: own },
      { name: 'jose + pkijs', count: 5, run: peer },
      { name: 'its three RSA verifies and one ECDH (floor)', count: 200, run: floor },
    ],
    rounds,
  );
  printMeasured('whole request', rows);
  return rows;
}

async function pkijsRequest(
  jwe: string,
  key: Parameters<typeof compactDecrypt>[1],
  trusted: pkijs.Certificate,
  ocsp: Uint8Array,
): Promise<void> {
  const { plaintext } = await compactDecrypt(jwe, key);
  const content = JSON.parse(Buffer.from(plaintext).toString()) as { certificate: string; signature: string };
  const certificate = pkijs.Certificate.fromBER(Buffer.from(content.certificate, 'base64'));
  const engine = new pkijs.CertificateChainValidationEngine({
    trustedCerts: [trusted],
    certs: [certificate],
    checkDate: new Date(AT),
  });
  const path = await engine.verify();
  const publicKey = await certificate.getPublicKey();
  const signature = Buffer.from(content.signature, 'base64');
  const signed = await crypto.subtle.verify(
    'RSASSA-PKCS1-v1_5',
    publicKey,
    signature,
    Buffer.from('application'),
  );
  const bytes = pkijs.OCSPResponse.fromBER(ocsp).responseBytes;
  const basic = pkijs.BasicOCSPResponse.fromBER(bytes?.response.valueBlock.valueHexView ?? new Uint8Array());
  const answered = await basic.verify({ trustedCerts: [trusted] });
  const names = certificate.extensions?.find(({ extnID }) => extnID === '2.5.29.17')?.parsedValue;
  if (!path.result || !signed || !answered || names === undefined)
    throw new Error('pkijs did not accept the request.');
}

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

interface CrlResult {
  readonly openMilliseconds: number;
  /** Processor time of the same: what counts on a busy machine. */
  readonly cpuMilliseconds: number;
  readonly lookupsPerSecond: number;
  readonly rssMegabytes: number;
  readonly rssBefore: number;
}

/** Opens a large CRL and looks serial numbers up, in a process of its own. */
async function benchCrl(count: number): Promise<CrlResult> {
  const directory = mkdtempSync(join(tmpdir(), 'jitsuin-bench-'));
  try {
    const files = [join(directory, 'large.crl'), join(directory, 'ca.der')] as const;
    const der = largeCrl(ca, count);
    writeFileSync(files[0], der);
    writeFileSync(files[1], ca.der);
    const program = fileURLToPath(new URL('./support/open-crl.ts', import.meta.url));
    const own = [compiledFile('verifier/revocation/crl'), compiledFile('verifier/x509/certificate')];
    const args = [
      '--import',
      'tsx',
      program,
      ...own,
      ...files,
      count,
      serialOf(1) - serialOf(0),
      serialOf(0),
    ].map(String);
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const result = JSON.parse(stdout) as CrlResult;
    const { openMilliseconds, cpuMilliseconds, lookupsPerSecond, rssMegabytes, rssBefore } = result;
    console.log(`CRL of ${count} entries (${(der.length / 1e6).toFixed(1)} MB)`);
    console.log(
      `  verify + index ${openMilliseconds.toFixed(0)} ms (processor ${cpuMilliseconds.toFixed(0)} ms), ${(lookupsPerSecond / 1e6).toFixed(2)} M lookups/s`,
    );
    console.log(
      `  peak RSS of the process ${rssMegabytes.toFixed(0)} MB, of which ${rssBefore.toFixed(0)} MB before`,
    );
    return result;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
