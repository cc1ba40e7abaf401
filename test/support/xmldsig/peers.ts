import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignedXml } from 'xml-crypto';
import { RSA_SHA256 } from '../../../src/core/xmldsig/algorithms.ts';
import { C14N_10, ENVELOPED_SIGNATURE } from '../../../src/core/xmldsig/profile.ts';
import { XML_SIGNATURE_PROFILES } from '../../../src/core/xmldsig/profile-table.ts';
import { signatureTemplate } from '../../../src/core/xmldsig/signature-template.ts';
import { testRoot, testSigner } from './signers.ts';
import { inside } from './wrapping.ts';

/** Profiles that stock tools know. */
export type StockProfile = 'enveloped' | 'by-id';

/** Other software that signs and verifies; it keeps its files in a temporary folder. */
export interface Peer {
  readonly name: string;
  /** Whether it calls the document valid for the certificate of the signer `rsa`. */
  verify(document: string): boolean;
  /** A document signed by it with the key of the signer `rsa`. */
  sign(document: string, profile: StockProfile): string;
}

const folder = mkdtempSync(join(tmpdir(), 'jitsuin-peers-'));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function certificatePem(der: Uint8Array = testSigner('rsa').certificateDer): string {
  const base64 = Buffer.from(der).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${base64.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
}

const keyPem = () => testSigner('rsa').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

/** xmlsec1 of libxml2, undefined where it is not installed. */
export function xmlsec1Peer(): Peer | undefined {
  if (spawnSync('xmlsec1', ['--version']).status !== 0) return undefined;
  const certificate = file('certificate.pem', certificatePem());
  const root = file('root.pem', certificatePem(testRoot().certificateDer));
  const key = file('key.pem', keyPem());
  const ids = ['--id-attr:Id', '申請書', '--id-attr:Id', 'urn:example:application:申請書'];
  return {
    name: 'xmlsec1',
    verify: (document) =>
      spawnSync('xmlsec1', ['--verify', ...ids, '--trusted-pem', root, file('signed.xml', document)])
        .status === 0,
    sign: (document, profile) => {
      const signature = signatureTemplate(
        XML_SIGNATURE_PROFILES[profile],
        XML_SIGNATURE_PROFILES[profile].signatureMethod,
        new Uint8Array(),
        'application',
      );
      const template = file('template.xml', inside(document, signature));
      return execFileSync('xmlsec1', [
        '--sign',
        ...ids,
        '--privkey-pem',
        `${key},${certificate}`,
        template,
      ]).toString();
    },
  };
}

/** javax.xml.crypto of the JDK, undefined where java and javac are not installed. */
export function javaPeer(): Peer | undefined {
  const source = join(import.meta.dirname, '../java/XmlDsigPeer.java');
  if (spawnSync('javac', ['-d', folder, source]).status !== 0) return undefined;
  const certificate = file('certificate.der', testSigner('rsa').certificateDer);
  const key = file('rsa-key.der', testSigner('rsa').privateKey.export({ type: 'pkcs8', format: 'der' }));
  const run = (...words: string[]): string =>
    execFileSync('java', ['-Xshare:auto', '-XX:TieredStopAtLevel=1', '-cp', folder, 'XmlDsigPeer'], {
      input: `${words.join('\t')}\n`,
    })
      .toString()
      .trim();
  return {
    name: 'javax.xml.crypto',
    verify: (document) => run('verify', certificate, file('signed.xml', document)) === 'valid',
    sign: (document, profile) => {
      const out = join(folder, 'java-signed.xml');
      const uri = profile === 'enveloped' ? '' : '#application';
      const answer = run('sign', key, certificate, file('plain.xml', document), out, uri, RSA_SHA256);
      if (answer !== 'signed') throw new Error(answer);
      return readFileSync(out, 'utf8');
    },
  };
}

/** xml-crypto, which is always there. Its own verdict decides nothing in our software. */
export function xmlCryptoPeer(): Peer {
  return {
    name: 'xml-crypto',
    verify: (document) => {
      const judge = new SignedXml({ publicCert: certificatePem(), getCertFromKeyInfo: () => null });
      const signature = /<(?:\w+:)?Signature .*<\/(?:\w+:)?Signature>/s.exec(document)?.[0] ?? '';
      judge.loadSignature(signature);
      try {
        return judge.checkSignature(document);
      } catch {
        return false;
      }
    },
    sign: (document, profile) => {
      const signer = new SignedXml({
        privateKey: keyPem(),
        publicCert: certificatePem(),
        canonicalizationAlgorithm: C14N_10,
        signatureAlgorithm: RSA_SHA256,
      });
      const digestAlgorithm = 'http://www.w3.org/2001/04/xmlenc#sha256';
      if (profile === 'enveloped') {
        const transforms = [ENVELOPED_SIGNATURE, C14N_10];
        signer.addReference({ xpath: '/*', uri: '', isEmptyUri: true, transforms, digestAlgorithm });
      } else {
        signer.addReference({ xpath: "//*[local-name(.)='申請書']", transforms: [C14N_10], digestAlgorithm });
      }
      signer.computeSignature(document);
      return signer.getSignedXml();
    },
  };
}
