import { describe, expect, it } from 'vitest';
import { APPLICATION, QUALIFIED_APPLICATION } from '../../support/xmldsig/documents.ts';
import {
  javaPeer,
  type Peer,
  type StockProfile,
  xmlCryptoPeer,
  xmlsec1Peer,
} from '../../support/xmldsig/peers.ts';
import { testSigner } from '../../support/xmldsig/signers.ts';
import { replaceOnce, resign, signDocument, verdict, verify } from '../../support/xmldsig/signing.ts';

const found: Readonly<Record<string, Peer | undefined>> = {
  xmlsec1: xmlsec1Peer(),
  'javax.xml.crypto': javaPeer(),
  'xml-crypto': xmlCryptoPeer(),
};
const missing = Object.keys(found).filter((name) => found[name] === undefined);
if (missing.length > 0) console.warn(`NOT TESTED against ${missing.join(', ')}: not installed here.`);

it('has every peer where JITSUIN_REQUIRE_PEERS=1', () => {
  if (process.env['JITSUIN_REQUIRE_PEERS'] === '1') expect(missing).toEqual([]);
  expect(found['xml-crypto']).toBeDefined();
});

const PROFILES: readonly StockProfile[] = ['enveloped', 'by-id'];
const DOCUMENTS: readonly [string, string][] = [
  ['plain', APPLICATION],
  ['qualified', QUALIFIED_APPLICATION],
];
/** xml-crypto leaves out the xml:* attributes that SignedInfo inherits, so it is asked about the plain document only. */
const knows = (peer: Peer, document: string) => peer.name !== 'xml-crypto' || document === APPLICATION;

for (const peer of Object.values(found).filter((each): each is Peer => each !== undefined)) {
  for (const profile of PROFILES) {
    const options = profile === 'enveloped' ? {} : { signedElement: { name: '申請書' } };

    describe(`${peer.name}, profile ${profile}`, () => {
      it.each(DOCUMENTS.filter(([, document]) => knows(peer, document)))(
        '%s: verifies what we sign',
        (_, document) => {
          const signed = signDocument(document, profile, options);
          expect(peer.verify(signed)).toBe(true);
          expect(peer.verify(replaceOnce(signed, '模擬', '模疑'))).toBe(false);
        },
      );

      it.each(DOCUMENTS.filter(([, document]) => knows(peer, document)))(
        '%s: its signature is verified by us',
        (_, document) => {
          const signed = peer.sign(document, profile);
          expect(verdict(verify(signed, profile, options))).toBe('TOTAL-PASSED');
          expect(verdict(verify(replaceOnce(signed, '模擬', '模疑'), profile, options))).toBe(
            'reference-digest xmldsig.digest',
          );
          const other = resign(signed, { signer: 'other-rsa' });
          expect(verdict(verify(other, profile, options))).toBe('signature-value xmldsig.signature');
          expect(verdict(verify(other, profile, { ...options, signer: 'other-rsa' }))).toBe('TOTAL-PASSED');
        },
      );

      it('embeds the certificate that we read', () => {
        const { certificateDer } = verify(peer.sign(APPLICATION, profile), profile, options);
        expect(Buffer.from(certificateDer ?? []).equals(testSigner('rsa').certificateDer)).toBe(true);
      });
    });
  }

  it(`${peer.name} does not know the guideline’s form: its rules are ours alone`, () => {
    const signed = signDocument(APPLICATION, 'guideline');
    expect(verdict(verify(signed, 'guideline'))).toBe('TOTAL-PASSED');
    let accepted = false;
    try {
      accepted = peer.verify(signed);
    } catch {
      accepted = false;
    }
    expect(accepted).toBe(false);
  });
}
