import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fromUtf8, toBase64 } from '../../../src/core/encoding.ts';
import { XML_SIGNATURE_CHECKS } from '../../../src/verifier/xmldsig/validation.ts';
import {
  APPLICATION,
  PROFILES,
  QUALIFIED_APPLICATION,
  SIBLING_PROFILES,
} from '../../support/xmldsig/documents.ts';
import { type SignerKind, testSigner } from '../../support/xmldsig/signers.ts';
import {
  ecdsa,
  replaceOnce,
  resign,
  rsa,
  rsaPss,
  type Signing,
  signDocument,
  verdict,
  verify,
} from '../../support/xmldsig/signing.ts';

describe.each(PROFILES)('verifyXmlSignature, profile %s', (profile) => {
  const selector = profile === 'enveloped' ? undefined : { name: '申請書' };
  const options = selector === undefined ? {} : { signedElement: selector };

  it.each([
    ['plain', APPLICATION],
    ['qualified', QUALIFIED_APPLICATION],
  ])('passes a good document (%s) with every check in order', (_, document) => {
    const validation = verify(signDocument(document, profile, options), profile, options);
    expect(validation.report.indication).toBe('TOTAL-PASSED');
    expect(validation.report.checks.map(({ name }) => name)).toEqual([...XML_SIGNATURE_CHECKS]);
    const others = validation.report.checks.filter(({ result }) => result !== 'passed');
    expect(others.map(({ name }) => name)).toEqual(['certificate-syntax']);
  });

  it('gives out the octets that were digested, and their SHA-256', () => {
    const validation = verify(signDocument(APPLICATION, profile), profile);
    const octets = validation.signedOctets ?? new Uint8Array();
    expect(fromUtf8(octets)).toContain('<氏名>模擬　𠮷子</氏名>');
    expect(validation.signedOctetsSha256).toBe(createHash('sha256').update(octets).digest('hex'));
    expect(toBase64(validation.certificateDer ?? new Uint8Array())).toBe(
      toBase64(testSigner('rsa').certificateDer),
    );
  });

  it('fails by signature with another key, and by digest when the content changes', () => {
    const signed = signDocument(APPLICATION, profile);
    expect(verdict(verify(signed, profile, { signer: 'other-rsa' }))).toBe(
      'signature-value xmldsig.signature',
    );
    const changed = replaceOnce(signed, '2025/02/04', '2025/02/05');
    expect(verdict(verify(changed, profile))).toBe('reference-digest xmldsig.digest');
  });

  it('marks what comes after a failure as not reached', () => {
    const { report } = verify(signDocument(APPLICATION, profile), profile, { signer: 'rsa-1024' });
    // A weak key hides nothing: the value is computed, and is not that of this key.
    expect(report.indication).toBe('TOTAL-FAILED');
    expect(report.subIndication).toBe('SIG_CRYPTO_FAILURE');
    expect(report.checks.slice(-3).map(({ result }) => result)).toEqual([
      'indeterminate',
      'failed',
      'not-reached',
    ]);
  });

  it('takes the key from the embedded certificate through the caller, who may refuse', () => {
    const signed = signDocument(APPLICATION, profile);
    const seen: Uint8Array[] = [];
    const key = {
      kind: 'certificate' as const,
      resolve: (der: Uint8Array) => {
        seen.push(der);
        return { publicKey: testSigner('rsa').publicKey };
      },
    };
    const passed = verify(signed, profile, { key });
    expect(passed.report.checks.every(({ result }) => result === 'passed')).toBe(true);
    expect(seen.map(toBase64)).toEqual([toBase64(testSigner('rsa').certificateDer)]);
    const refusal = {
      code: 'certificate.syntax',
      result: 'failed',
      subIndication: 'FORMAT_FAILURE',
    } as const;
    const refused = verify(signed, profile, { key: { kind: 'certificate', resolve: () => ({ refusal }) } });
    expect(verdict(refused)).toBe('certificate-syntax certificate.syntax');
  });

  it.each<[string, SignerKind, Signing]>([
    ['http://www.w3.org/2001/04/xmldsig-more#rsa-sha384', 'rsa', rsa('sha384')],
    ['http://www.w3.org/2001/04/xmldsig-more#rsa-sha512', 'rsa', rsa('sha512')],
    ['http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1', 'rsa', rsaPss('sha256')],
    ['http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1', 'rsa', rsaPss('sha384')],
    ['http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1', 'rsa', rsaPss('sha512')],
    ['http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256', 'p256', ecdsa('sha256')],
    ['http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384', 'p384', ecdsa('sha384')],
  ])('verifies %s', (uri, signer, signing) => {
    const other = replaceOnce(
      signDocument(APPLICATION, profile),
      'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
      uri,
    );
    expect(verdict(verify(resign(other, { signer, signing }), profile, { signer }))).toBe('TOTAL-PASSED');
    expect(verdict(verify(other, profile, { signer }))).toBe('signature-value xmldsig.signature');
    const wrongKey = signer === 'rsa' ? 'p256' : 'rsa';
    expect(verdict(verify(other, profile, { signer: wrongKey }))).toBe('key-policy certificate.key-policy');
  });

  it('does not take a DER-encoded ECDSA value for r ‖ s', () => {
    const uri = 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256';
    const other = replaceOnce(
      signDocument(APPLICATION, profile),
      'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
      uri,
    );
    const der = resign(other, { signer: 'p256', signing: ecdsa('sha256', 'der') });
    expect(verdict(verify(der, profile, { signer: 'p256' }))).toBe('signature-value xmldsig.signature');
  });
});

describe('what a signature does not cover', () => {
  it.each(SIBLING_PROFILES)('is listed, profile %s', (profile) => {
    const options = { signedElement: { name: '申請書' } };
    const signed = signDocument(`${QUALIFIED_APPLICATION}<?after x?>`, profile, options);
    const { unsigned, signedElement } = verify(signed, profile, options);
    expect(signedElement).toMatchObject({
      localName: '申請書',
      namespace: 'urn:example:application',
      wholeDocument: false,
    });
    expect(unsigned.map(({ kind, name }) => [kind, name])).toEqual([
      ['attribute', '版'],
      ['element', '添付'],
      ['comment', undefined],
      ['processing-instruction', 'after'],
    ]);
    const changed = replaceOnce(signed, 'unsigned attachment', 'another attachment');
    expect(verdict(verify(changed, profile, options))).toBe('TOTAL-PASSED');
  });

  it('is its comments alone when the whole document is signed', () => {
    const { unsigned } = verify(signDocument(QUALIFIED_APPLICATION, 'enveloped'), 'enveloped');
    expect(unsigned.map(({ kind }) => kind)).toEqual(['comment']);
    const changed = replaceOnce(signDocument(QUALIFIED_APPLICATION, 'enveloped'), 'unsigned attachment', 'x');
    expect(verdict(verify(changed, 'enveloped'))).toBe('reference-digest xmldsig.digest');
  });
});
