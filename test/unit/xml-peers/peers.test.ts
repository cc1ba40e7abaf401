import { generateKeyPairSync } from 'node:crypto';
import { createRequire } from 'node:module';
import { DOMParser } from '@xmldom/xmldom';
import { describe, expect, it } from 'vitest';
import { SignedXml } from 'xml-crypto';
import { canonicalizeNode } from '../../../src/adapters/xml-peers/canonicalize-node.ts';
import type { DomNode } from '../../../src/adapters/xml-peers/dom.ts';
import {
  registerCanonicalizers,
  type XmlC14nCanonicaliser,
  type XmlC14nRegistry,
} from '../../../src/adapters/xml-peers/xml-c14n.ts';
import { useCanonicalizers } from '../../../src/adapters/xml-peers/xml-crypto.ts';
import { C14N_1_0, C14N_1_1, EXC_C14N } from '../../../src/core/c14n/algorithms.ts';
import { canonicalOctets } from '../../../src/core/c14n/canonicalize.ts';
import { parseXml } from '../../../src/core/xml/parse.ts';
import { refusal } from '../../support/refusal.ts';

const TEXT =
  '<?p x?><申請書 xmlns="urn:a" xmlns:p="urn:p" xml:lang="ja" b="1" a="&#9;&quot;"><p:氏名 p:z="" Id="i">山田 &amp; 太郎<![CDATA[<>]]><!-- c --><空/></p:氏名></申請書>';
const dom = new DOMParser().parseFromString(TEXT, 'text/xml');
const [element] = [...dom.getElementsByTagNameNS('urn:p', '氏名')];
const document = parseXml(Buffer.from(TEXT));
const ours = (algorithm: typeof C14N_1_0 | typeof C14N_1_1 | typeof EXC_C14N): string => {
  const [apex] = document.elementsNamed('urn:p', '氏名');
  if (apex === undefined) throw new Error('The test document lost an element.');
  return Buffer.from(canonicalOctets(document, { kind: 'element', element: apex }, { algorithm })).toString();
};

describe('canonical form of DOM nodes', () => {
  it('is that of the octets they came from', () => {
    if (element === undefined) throw new Error('The DOM lost an element.');
    expect(canonicalizeNode(element, { algorithm: C14N_1_0 })).toBe(ours(C14N_1_0));
    expect(canonicalizeNode(element, { algorithm: EXC_C14N })).toBe(ours(EXC_C14N));
    const whole = Buffer.from(
      canonicalOctets(document, { kind: 'document' }, { algorithm: C14N_1_0 }),
    ).toString();
    expect(canonicalizeNode(dom, { algorithm: C14N_1_0 })).toBe(whole);
  });

  it('is refused for trees that are not XML', () => {
    const broken = new DOMParser().parseFromString('<a/>', 'text/xml');
    broken.documentElement?.appendChild(broken.createComment('a--b'));
    expect(refusal(() => canonicalizeNode(broken, { algorithm: C14N_1_0 })).code).toBe('xml.not-well-formed');
    const typed = new DOMParser().parseFromString('<!DOCTYPE a><a/>', 'text/xml');
    expect(refusal(() => canonicalizeNode(typed, { algorithm: C14N_1_0 })).code).toBe('xml.dtd');
    const text: DomNode | null | undefined = element?.firstChild;
    expect(refusal(() => canonicalizeNode(text ?? dom, { algorithm: C14N_1_0 })).code).toBe('c14n.target');
  });
});

describe('xml-c14n as the registry', () => {
  it.each([C14N_1_0, C14N_1_1, EXC_C14N] as const)('%s', async (algorithm) => {
    const registry = createRequire(import.meta.url)('xml-c14n')() as XmlC14nRegistry & {
      createCanonicaliser(uri: string): XmlC14nCanonicaliser;
    };
    registerCanonicalizers(registry);
    const canonical = await new Promise((resolve, reject) => {
      const node: DomNode = element ?? dom;
      registry
        .createCanonicaliser(algorithm)
        .canonicalise(node, (error, text) => (error ? reject(error) : resolve(text)));
    });
    expect(canonical).toBe(ours(algorithm));
  });
});

describe('xml-crypto with our algorithms', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    publicCert: publicKey.export({ type: 'spki', format: 'pem' }),
  };

  it.each([C14N_1_0, C14N_1_1, EXC_C14N])('signs and verifies with %s', (algorithm) => {
    const signer = new SignedXml({
      ...pem,
      canonicalizationAlgorithm: algorithm,
      signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    });
    useCanonicalizers(signer);
    signer.addReference({
      xpath: "//*[local-name(.)='氏名']",
      transforms: [algorithm],
      digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha256',
    });
    signer.computeSignature(TEXT);
    const signed = signer.getSignedXml();
    const verify = (text: string): boolean => {
      const verifier = new SignedXml(pem);
      useCanonicalizers(verifier);
      const [signature] = [
        ...new DOMParser().parseFromString(text, 'text/xml').getElementsByTagName('Signature'),
      ];
      verifier.loadSignature(String(signature));
      return verifier.checkSignature(text);
    };
    expect(verify(signed)).toBe(true);
    expect(verify(signed.replace('山田', '田山'))).toBe(false);
  });
});
