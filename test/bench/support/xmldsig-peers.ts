import { createHash, verify as cryptoVerify, type KeyObject, webcrypto } from 'node:crypto';
import { createRequire } from 'node:module';
import { DOMImplementation, DOMParser, XMLSerializer } from '@xmldom/xmldom';
import { XmlDocument, type XmlElement } from 'libxml2-wasm';
import { SignedXml } from 'xml-crypto';
import type * as XmlDsigJs from 'xmldsigjs';

/** A whole verification with a key that is known beforehand; true when valid. */
export type Verification = (octets: Buffer) => boolean | Promise<boolean>;

const DSIG = { ds: 'http://www.w3.org/2000/09/xmldsig#' };
const require = createRequire(import.meta.url);

export function xmlCrypto(publicKey: KeyObject): Verification {
  const publicCert = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  return (octets) => {
    const text = octets.toString();
    const judge = new SignedXml({ publicCert, getCertFromKeyInfo: () => null });
    judge.loadSignature(text.slice(text.indexOf('<Signature '), text.lastIndexOf('</')));
    return judge.checkSignature(text);
  };
}

export async function xmldsigJs(publicKey: KeyObject): Promise<Verification> {
  const xmldsigjs = require('xmldsigjs') as typeof XmlDsigJs;
  const requireAsXmldsigjs = createRequire(require.resolve('xmldsigjs'));
  const xmlCore = requireAsXmldsigjs('xml-core') as { setNodeDependencies(dependencies: object): void };
  const xpath = requireAsXmldsigjs('xpath') as object;
  xmlCore.setNodeDependencies({ DOMParser, DOMImplementation, XMLSerializer, xpath });
  xmldsigjs.Application.setEngine('node', webcrypto as never);
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const imported = await webcrypto.subtle.importKey('spki', spki, algorithm, true, ['verify']);
  return (octets) => {
    const document = xmldsigjs.Parse(octets.toString());
    const judge = new xmldsigjs.SignedXml(document);
    judge.LoadXml(document.getElementsByTagNameNS(DSIG.ds, 'Signature')[0] as never);
    return judge.Verify(imported);
  };
}

/** What one would write by hand over libxml2: no check of shape, algorithms or transforms. */
export function libxml2Wasm(publicKey: KeyObject): Verification {
  return (octets) => {
    const document = XmlDocument.fromBuffer(octets);
    try {
      const signature = document.get('/*/ds:Signature', DSIG) as XmlElement;
      const text = (path: string) => (signature.get(path, DSIG) as XmlElement).content;
      const signedInfo = signature.get('ds:SignedInfo', DSIG) as XmlElement;
      const value = Buffer.from(text('ds:SignatureValue'), 'base64');
      const digest = text('ds:SignedInfo/ds:Reference/ds:DigestValue');
      const octetsOfSignedInfo = Buffer.from(signedInfo.canonicalizeToString());
      if (!cryptoVerify('sha256', octetsOfSignedInfo, publicKey, value)) return false;
      signature.remove();
      return createHash('sha256').update(document.canonicalizeToString()).digest('base64') === digest;
    } finally {
      document.dispose();
    }
  };
}
