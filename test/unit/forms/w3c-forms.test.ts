import { createHash, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type C14nUri, isC14nUri } from '../../../src/core/c14n/algorithms.ts';
import { canonicalOctets } from '../../../src/core/c14n/canonicalize.ts';
import { toUtf8 } from '../../../src/core/encoding.ts';
import { parseXml } from '../../../src/core/xml/parse.ts';
import { formNamed, verdictOf } from '../../support/xmldsig/forms.ts';
import { testRoot, testSigner } from '../../support/xmldsig/signers.ts';

const DSIG = 'http://www.w3.org/2000/09/xmldsig#';
const C14N = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';
const C14N_11 = 'http://www.w3.org/2006/12/xml-c14n11';
const EXC = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const HASHES = {
  sha256: 'http://www.w3.org/2001/04/xmlenc#sha256',
  sha384: 'http://www.w3.org/2001/04/xmldsig-more#sha384',
  sha512: 'http://www.w3.org/2001/04/xmlenc#sha512',
} as const;

interface Written {
  readonly form?: 'w3c-enveloped' | 'w3c-root-id';
  readonly hash?: keyof typeof HASHES;
  readonly c14n?: string;
  readonly transforms?: readonly string[];
  readonly id?: string;
  readonly keyInfo?: (certificate: string, ca: string) => string;
  readonly more?: string;
}

const enveloped = `${DSIG}enveloped-signature`;
const x509 = (inside: string) => `<ds:X509Data>${inside}</ds:X509Data>`;
const certificateOf = (base64: string) => `<ds:X509Certificate>${base64}</ds:X509Certificate>`;

/** A document as other software may sign it: by hand here, with nothing of ours but canonicalization. */
function made(written: Written = {}): string {
  const {
    form = 'w3c-enveloped',
    hash = 'sha256',
    c14n = C14N,
    transforms = [enveloped, C14N],
    id,
    more = '',
  } = written;
  const keyInfo = written.keyInfo ?? ((certificate) => x509(certificateOf(certificate)));
  const algorithm = (uri: string): C14nUri => (isC14nUri(uri) ? uri : C14N);
  const base64 = (der: Uint8Array) => Buffer.from(der).toString('base64');
  const { privateKey, certificateDer } = testSigner('rsa');
  const text = (digest: string, value: string) =>
    `<r xmlns="urn:r" xmlns:x="urn:x" Id="R"><a x:b="1">模擬</a><ds:Signature xmlns:ds="${DSIG}"${id === undefined ? '' : ` Id="${id}"`}>` +
    `<ds:SignedInfo><ds:CanonicalizationMethod Algorithm="${c14n}"/><ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>` +
    `<ds:Reference URI="${form === 'w3c-root-id' ? '#R' : ''}"><ds:Transforms>${transforms.map((uri) => `<ds:Transform Algorithm="${uri}"/>`).join('')}</ds:Transforms>` +
    `<ds:DigestMethod Algorithm="${HASHES[hash]}"/><ds:DigestValue>${digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>` +
    `<ds:SignatureValue>${value}</ds:SignatureValue><ds:KeyInfo>${keyInfo(base64(certificateDer), base64(testRoot().certificateDer))}</ds:KeyInfo>${more}</ds:Signature></r>`;
  const parts = (document: string) => {
    const parsed = parseXml(toUtf8(document));
    const [signature] = parsed.elementsNamed(DSIG, 'Signature');
    const [signedInfo] = parsed.elementsNamed(DSIG, 'SignedInfo');
    if (signature === undefined || signedInfo === undefined) throw new Error('no Signature');
    return { parsed, signature, signedInfo };
  };
  const { parsed, signature } = parts(text('', ''));
  const covered = canonicalOctets(
    parsed,
    { kind: 'element', element: parsed.root, without: signature },
    { algorithm: algorithm(transforms.at(-1) ?? '') },
  );
  const digest = createHash(hash).update(covered).digest('base64');
  const { parsed: digested, signedInfo } = parts(text(digest, ''));
  const octets = canonicalOctets(
    digested,
    { kind: 'element', element: signedInfo },
    { algorithm: algorithm(c14n) },
  );
  return text(digest, sign('sha256', octets, privateKey).toString('base64'));
}

const judged = (text: string, form = 'w3c-enveloped') =>
  verdictOf({ form: formNamed(form), document: toUtf8(text), files: [] });

describe('what other software signs is read by a form file, without a line of code', () => {
  it.each<[string, Written]>([
    ['as we write it', {}],
    ['exclusive C14N', { c14n: EXC, transforms: [enveloped, EXC] }],
    ['C14N 1.1', { c14n: C14N_11, transforms: [enveloped, C14N_11] }],
    ['the enveloped-signature transform alone', { transforms: [enveloped] }],
    ['SHA-384', { hash: 'sha384' }],
    ['SHA-512', { hash: 'sha512' }],
    ['an Id on the Signature', { id: 'sig-1' }],
    ['the CA beside the leaf', { keyInfo: (leaf, ca) => x509(certificateOf(leaf) + certificateOf(ca)) }],
    ['the CA before the leaf', { keyInfo: (leaf, ca) => x509(certificateOf(ca) + certificateOf(leaf)) }],
    [
      'X509SubjectName',
      { keyInfo: (leaf) => x509(`<ds:X509SubjectName>CN=x</ds:X509SubjectName>${certificateOf(leaf)}`) },
    ],
    ['KeyName', { keyInfo: (leaf) => `<ds:KeyName>k</ds:KeyName>${x509(certificateOf(leaf))}` }],
    [
      'KeyValue',
      { keyInfo: (leaf) => `<ds:KeyValue><ds:RSAKeyValue/></ds:KeyValue>${x509(certificateOf(leaf))}` },
    ],
  ])('%s', (_what, written) => {
    expect(judged(made(written))).toBe('TOTAL-PASSED');
    expect(judged(made(written).replace('模擬', '模疑'))).toBe('TOTAL-FAILED xmldsig.digest');
    expect(judged(made({ ...written, form: 'w3c-root-id' }), 'w3c-root-id')).toBe('TOTAL-PASSED');
  });

  it.each<[string, Written]>([
    ['no certificate', { keyInfo: () => '<ds:KeyName>k</ds:KeyName>' }],
    [
      'two leaves',
      {
        keyInfo: (leaf) =>
          x509(
            certificateOf(leaf) +
              certificateOf(Buffer.from(testSigner('other-rsa').certificateDer).toString('base64')),
          ),
      },
    ],
    [
      'a transform that is not offered',
      { transforms: [enveloped, 'http://www.w3.org/TR/1999/REC-xpath-19991116'] },
    ],
    ['no enveloped-signature', { transforms: [C14N] }],
    ['an Object', { more: '<ds:Object/>' }],
    ['the Id twice', { id: 'R' }],
  ])('and no more than that: %s', (_what, written) => {
    expect(judged(made(written))).not.toBe('TOTAL-PASSED');
    expect(judged(made({ ...written, form: 'w3c-root-id' }), 'w3c-root-id')).not.toBe('TOTAL-PASSED');
  });
});
