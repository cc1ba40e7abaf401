import 'reflect-metadata';
import { X509Certificate } from 'node:crypto';
import * as peculiar from '@peculiar/x509';
import { compactDecrypt } from 'jose';
import * as pkijs from 'pkijs';
import { TEST_NOW } from '../../support/pki/test-pki.ts';

type Path = () => unknown;

export function pkijsPath(leaf: Uint8Array, ca: Uint8Array): Path {
  const trusted = pkijs.Certificate.fromBER(ca);
  return async () => {
    const certs = [pkijs.Certificate.fromBER(leaf)];
    const engine = new pkijs.CertificateChainValidationEngine({
      trustedCerts: [trusted],
      certs,
      checkDate: new Date(TEST_NOW),
    });
    if (!(await engine.verify()).result) throw new Error('pkijs did not accept the path.');
  };
}

/** It builds a chain and verifies each signature and period; basic constraints, policies and names are not judged. */
export function peculiarPath(leaf: Uint8Array, ca: Uint8Array): Path {
  const issuer = new peculiar.X509Certificate(ca);
  return async () => {
    const certificate = new peculiar.X509Certificate(leaf);
    const chain = await new peculiar.X509ChainBuilder({ certificates: [issuer] }).build(certificate);
    const verified = await certificate.verify({ publicKey: issuer, date: new Date(TEST_NOW) });
    if (chain.length !== 2 || !verified) throw new Error('@peculiar/x509 did not accept the path.');
  };
}

export function nodePath(leaf: Uint8Array, ca: Uint8Array): Path {
  const issuer = new X509Certificate(ca);
  return () => {
    const certificate = new X509Certificate(leaf);
    if (!certificate.checkIssued(issuer) || !certificate.verify(issuer.publicKey))
      throw new Error('Not issued.');
  };
}

/** JWE, path, signature over `application`, OCSP and the alternative names, as an application of these two would do it. */
export async function joseAndPkijs(
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
    checkDate: new Date(TEST_NOW),
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
