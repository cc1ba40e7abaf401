import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { SignatureValue } from '../../../src/core/brand.ts';
import { fromUtf8, toHex, toUtf8 } from '../../../src/core/encoding.ts';
import { JitsuinError } from '../../../src/core/errors.ts';
import { decisiveCheck } from '../../../src/core/report.ts';
import { prepareSignature, readSkeleton, resumePrepared } from '../../../src/core/xmldsig/prepare.ts';
import { prepareDetached, resumePreparedDetached } from '../../../src/core/xmldsig/prepare-detached.ts';
import { parseCertificate } from '../../../src/verifier/x509/certificate.ts';
import type { Certificate } from '../../../src/verifier/x509/certificate-types.ts';
import { completeSignature } from '../../../src/verifier/xmldsig/complete.ts';
import { APPLICATION, PROFILES, QUALIFIED_APPLICATION } from '../../support/xmldsig/documents.ts';
import { type SignerKind, testSigner } from '../../support/xmldsig/signers.ts';
import {
  AT,
  RSA_SHA256_SIGNING,
  replaceOnce,
  signDocument,
  verdict,
  verify,
} from '../../support/xmldsig/signing.ts';

function codeOf(action: () => unknown): string {
  try {
    action();
    return 'nothing thrown';
  } catch (thrown) {
    return thrown instanceof JitsuinError ? thrown.code : String(thrown);
  }
}

const sha256 = (octets: Uint8Array) => createHash('sha256').update(octets).digest('hex');

describe.each(PROFILES)('prepareSignature, profile %s', (profile) => {
  const prepared = prepareSignature(toUtf8(APPLICATION), { profile });

  it('gives the digest, DigestInfo and data of the canonical SignedInfo', () => {
    expect(toHex(prepared.digest)).toBe(sha256(prepared.signedInfoOctets));
    expect(toHex(prepared.digestInfo)).toBe(
      `3031300d060960864801650304020105000420${toHex(prepared.digest)}`,
    );
    expect(Buffer.from(prepared.data, 'base64').toString('hex')).toBe(toHex(prepared.digestInfo));
    expect(prepared.data).toHaveLength(68);
    const start =
      profile === 'guideline' ? '<SignedInfo>' : '<SignedInfo xmlns="http://www.w3.org/2000/09/xmldsig#">';
    expect(fromUtf8(prepared.signedInfoOctets).startsWith(start)).toBe(true);
  });

  it('changes no octet of the document outside the Signature', () => {
    const skeleton = fromUtf8(prepared.skeleton);
    const signature = /<Signature.*<\/Signature>/s.exec(skeleton)?.[0] ?? '';
    expect(skeleton.replace(signature, '')).toBe(APPLICATION);
    expect(skeleton).toContain(`${signature}</ZZ申請情報>`);
    expect(signature).toContain('<SignatureValue></SignatureValue>');
    expect(signature).toContain('<X509Certificate></X509Certificate>');
  });

  it('keeps a byte order mark, CRLF and quotes as they are', () => {
    const odd = `\ufeff${QUALIFIED_APPLICATION.replaceAll('\n', '\r\n').replace('?>', ' ?>')}\r\n`;
    const { skeleton } = prepareSignature(toUtf8(odd), {
      profile,
      ...(profile === 'enveloped' ? {} : { signedElement: { name: '申請書' } }),
    });
    expect(fromUtf8(skeleton).replace(/<Signature.*<\/Signature>/s, '')).toBe(odd);
  });

  it('is restored from its state, and from its skeleton alone', () => {
    expect(resumePrepared(prepared.state)).toEqual(prepared);
    expect(readSkeleton(prepared.skeleton, profile)).toEqual(prepared);
  });

  it('refuses a state that does not agree with itself', () => {
    const state = JSON.parse(prepared.state);
    const other = prepareSignature(toUtf8(replaceOnce(APPLICATION, '2025', '2026')), { profile });
    const broken: Record<string, unknown>[] = [
      { ...state, data: other.data },
      { ...state, version: 2 },
      { ...state, format: 'x' },
      { ...state, profile: 'detached' },
      { ...state, profile: '__proto__' },
      { ...state, skeleton: '*' },
      { ...state, signedElement: { xpath: '/' } },
    ];
    for (const fields of broken)
      expect(codeOf(() => resumePrepared(JSON.stringify(fields)))).toBe('xmldsig.state');
    for (const text of ['', 'null', '[]', '{', prepared.data])
      expect(codeOf(() => resumePrepared(text))).toBe('xmldsig.state');
    const skeleton = Buffer.from(replaceOnce(fromUtf8(prepared.skeleton), '2025', '2026')).toString('base64');
    expect(codeOf(() => resumePrepared(JSON.stringify({ ...state, skeleton })))).toBe('xmldsig.digest');
  });

  it('refuses what it cannot sign', () => {
    const refusal = (document: string, options = {}) =>
      codeOf(() => prepareSignature(toUtf8(document), { profile, ...options }));
    const signed = signDocument(APPLICATION, profile);
    expect(refusal(signed)).toBe('xmldsig.already-signed');
    for (const start of [
      '<Signature/>',
      '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>',
      '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo/></Signature>',
    ]) {
      expect(refusal(replaceOnce(APPLICATION, '</ZZ申請情報>', `${start}</ZZ申請情報>`))).toBe(
        'xmldsig.already-signed',
      );
    }
    expect(refusal(APPLICATION, { mode: 'digest' })).toBe('xmldsig.mode');
    expect(refusal(APPLICATION, { mode: 'digest-info' })).toBe('nothing thrown');
    expect(refusal(APPLICATION, { signedElement: { name: '委任状' } })).toBe('xmldsig.signed-element');
    expect(refusal(APPLICATION, { signedElement: { id: 'other' } })).toBe('xmldsig.signed-element');
    expect(refusal(`<!DOCTYPE x>${APPLICATION}`.replace(/<\?xml.*?\?>\n/, ''))).toBe('xml.dtd');
    const markup = replaceOnce(APPLICATION, '<ZZ申請情報', '<ZZ申請情報 xmlns:x="urn:a&amp;b"');
    expect(refusal(markup)).toBe('c14n.disputed-construct');
    const relative = replaceOnce(APPLICATION, '<ZZ申請情報', '<ZZ申請情報 xmlns:x="relative"');
    expect(refusal(relative)).toBe('c14n.relative-namespace');
    for (const name of ['urn:a b', 'urn:a&#9;b', 'urn:a%', 'http://h:/', 'urn:a{b}', 'urn:a\\b', 'urn:a|b']) {
      const document = replaceOnce(APPLICATION, '<ZZ申請情報', `<ZZ申請情報 xmlns:x='${name}'`);
      expect(refusal(document)).toBe('c14n.disputed-construct');
    }
  });

  it('signs a document with an element called Signature of another namespace: that is none', () => {
    const other = replaceOnce(
      APPLICATION,
      '</ZZ申請情報>',
      '<s:Signature xmlns:s="urn:seal">印</s:Signature></ZZ申請情報>',
    );
    expect(verdict(verify(signDocument(other, profile), profile))).toBe('TOTAL-PASSED');
  });

  it('reads no skeleton that is filled, has another form, other algorithms or another digest', () => {
    const skeleton = fromUtf8(prepared.skeleton);
    const reading = (text: string) => codeOf(() => readSkeleton(toUtf8(text), profile));
    expect(reading(skeleton)).toBe('nothing thrown');
    expect(reading(APPLICATION)).toBe('xmldsig.unsigned');
    expect(reading(signDocument(APPLICATION, profile))).toBe('xmldsig.shape');
    expect(reading(replaceOnce(skeleton, '<SignatureValue></SignatureValue>', '<SignatureValue/>'))).toBe(
      'xmldsig.shape',
    );
    expect(reading(replaceOnce(skeleton, '#rsa-sha256', '#rsa-sha512'))).toBe('xmldsig.policy');
    expect(reading(replaceOnce(skeleton, 'xmlenc#sha256', 'xmlenc#sha512'))).toBe('xmldsig.policy');
    expect(reading(replaceOnce(skeleton, '2025', '2026'))).toBe('xmldsig.digest');
    expect(reading(replaceOnce(skeleton, /<DigestValue>[^<]*/, '<DigestValue>AAAA'))).toBe('xmldsig.digest');
  });

  const value = (kind: SignerKind) =>
    RSA_SHA256_SIGNING(prepared.signedInfoOctets, testSigner(kind).privateKey);
  const certificateOf = (kind: SignerKind) => parseCertificate(testSigner(kind).certificateDer);
  const completeWith = (signatureValue: Uint8Array, certificate: Certificate) =>
    completeSignature(prepared, {
      signatureValue: signatureValue as SignatureValue,
      certificate,
      validationTime: AT,
    });
  const complete = (signatureValue: Uint8Array, kind: SignerKind = 'rsa') =>
    completeWith(signatureValue, certificateOf(kind));

  it('completes with the right value, changing only the two empty elements', () => {
    const completion = complete(value('rsa'));
    if (completion.outcome !== 'completed') throw new Error('refused');
    const emptied = fromUtf8(completion.document)
      .replace(/(<SignatureValue>)[^<]*/, '$1')
      .replace(/(<X509Certificate>)[^<]*/, '$1');
    expect(emptied).toBe(fromUtf8(prepared.skeleton));
    expect(completion.validation.signedOctetsSha256).toBe(prepared.signedOctetsSha256);
    expect(completion.validation.report.checks.every(({ result }) => result === 'passed')).toBe(true);
  });

  it.each<[string, () => ReturnType<typeof complete>, string]>([
    ['value of another key', () => complete(value('other-rsa')), 'xmldsig.signature'],
    ['certificate of another key', () => complete(value('rsa'), 'other-rsa'), 'xmldsig.signature'],
    [
      'value over the double hash (mode digest)',
      () => complete(RSA_SHA256_SIGNING(prepared.digest, testSigner('rsa').privateKey)),
      'xmldsig.signature',
    ],
    [
      'a certificate that pretends to have the key of another',
      () => {
        const { publicKey } = certificateOf('rsa');
        return completeWith(value('rsa'), { ...certificateOf('other-rsa'), publicKey });
      },
      'xmldsig.signature',
    ],
    [
      'a certificate that pretends to be that of another key',
      () =>
        completeWith(value('rsa'), { ...certificateOf('rsa'), der: testSigner('other-rsa').certificateDer }),
      'xmldsig.signature',
    ],
    ['empty value', () => complete(new Uint8Array()), 'xmldsig.signature'],
    ['weak key', () => complete(value('rsa-1024'), 'rsa-1024'), 'certificate.key-policy'],
    ['elliptic curve key', () => complete(value('rsa'), 'p256'), 'certificate.key-policy'],
  ])('does not complete with %s', (_, attempt, code) => {
    const completion = attempt();
    expect(completion.outcome).toBe('refused');
    expect('document' in completion).toBe(false);
    expect(completion.validation.report.indication).toBe(
      code === 'certificate.key-policy' ? 'INDETERMINATE' : 'TOTAL-FAILED',
    );
    expect(decisiveCheck(completion.validation.report)?.code).toBe(code);
  });
});

describe('prepareSignature, placement and selection', () => {
  it('opens an empty document element', () => {
    const { skeleton } = prepareSignature(toUtf8('<x:a xmlns:x="urn:x" b="1" />'), { profile: 'enveloped' });
    expect(fromUtf8(skeleton)).toMatch(/^<x:a xmlns:x="urn:x" b="1" ><Signature .*<\/Signature><\/x:a>$/);
  });

  it.each<[string, string, Record<string, unknown>, string]>([
    ['by-id', '<r><a/></r>', {}, 'no Id'],
    ['by-id', '<r><a Id="x"/><b Id="y"/></r>', {}, 'two Ids'],
    ['by-id', '<r><a Id="x"/><b Id="x"/></r>', { signedElement: { name: 'a' } }, 'duplicate Id'],
    ['by-id', '<r><a Id="x"><b xml:id="x"/></a></r>', {}, 'duplicate as xml:id'],
    ['by-id', '<r><a Id="申請"/></r>', {}, 'Id not ASCII'],
    ['by-id', '<r><a Id="x y"/></r>', {}, 'Id not a name'],
    ['by-id', '<r><a Id=""/></r>', {}, 'Id empty'],
    ['by-id', '<r><b><a Id="x"/></b></r>', {}, 'not a child of the root'],
    ['by-id', '<r><a Id="x"><a/></a></r>', {}, 'two of the name'],
    ['guideline', '<r><a/></r>', {}, 'no 申請書'],
    ['guideline', '<r><申請書/><申請書/></r>', {}, 'two 申請書'],
    ['guideline', '<r><申請書><申請書/></申請書></r>', {}, '申請書 in 申請書'],
    ['guideline', '<r><申請書/><申請書 xmlns="urn:x"/></r>', {}, '申請書 in two namespaces'],
    ['guideline', '<r><申請書/></r>', { signedElement: { name: '{urn:x}申請書' } }, 'other namespace'],
    ['guideline', '<申請書/>', {}, 'the root itself'],
    ['enveloped', '<r/>', { signedElement: { name: 's' } }, 'not the root'],
  ])('%s refuses %s %o (%s)', (profile, document, options) => {
    const prepare = () => prepareSignature(toUtf8(document), { profile: profile as 'enveloped', ...options });
    expect(codeOf(prepare)).toBe('xmldsig.signed-element');
  });

  it.each<[string, string, Record<string, unknown>]>([
    ['by-id', '<r><a Id="x"/><b Id="y"/></r>', { signedElement: { id: 'y' } }],
    ['by-id', '<r xmlns="urn:x"><a Id="x"/></r>', { signedElement: { name: '{urn:x}a' } }],
    ['guideline', '<r xmlns="urn:x"><申請書/></r>', {}],
    ['guideline', '<r><届/></r>', { signedElement: { name: '届' } }],
    ['enveloped', '<r/>', { signedElement: { name: 'r' } }],
  ])('%s takes %s %o', (profile, document, options) => {
    const prepared = prepareSignature(toUtf8(document), { profile: profile as 'enveloped', ...options });
    expect(resumePrepared(prepared.state)).toEqual(prepared);
  });

  it('in profile guideline a default namespace of the root is that of the Signature, and in the canonical SignedInfo', () => {
    const { signedInfoOctets } = prepareSignature(toUtf8('<r xmlns="urn:x"><申請書/></r>'), {
      profile: 'guideline',
    });
    expect(fromUtf8(signedInfoOctets).startsWith('<SignedInfo xmlns="urn:x"><CanonicalizationMethod ')).toBe(
      true,
    );
  });

  it('gives the digest of the guideline’s example over the octets from < to > of 申請書', () => {
    const prepared = prepareSignature(toUtf8(APPLICATION), { profile: 'guideline' });
    const element = /<申請書.*<\/申請書>/s.exec(APPLICATION)?.[0] ?? '';
    expect(prepared.signedOctetsSha256).toBe(sha256(toUtf8(element)));
  });
});

describe('prepareDetached', () => {
  const file = toUtf8('利用規約に同意します。');

  it('gives the two known values of data', () => {
    expect(prepareDetached(file, 'digest').data).toBe('XIh3yqL9yiAUQkuovXqx+xKZOwameHZx7OCoTRdlJrQ=');
    expect(prepareDetached(file, 'digest-info').data).toBe(
      'MDEwDQYJYIZIAWUDBAIBBQAEIFyId8qi/cogFEJLqL16sfsSmTsGpnh2cezgqE0XZSa0',
    );
  });

  it('is restored from its state, which holds the mode', () => {
    for (const mode of ['digest', 'digest-info'] as const) {
      const prepared = prepareDetached(file, mode);
      expect(resumePreparedDetached(prepared.state)).toEqual(prepared);
      const other = mode === 'digest' ? 'digest-info' : 'digest';
      expect(
        codeOf(() => resumePreparedDetached(JSON.stringify({ ...JSON.parse(prepared.state), mode: other }))),
      ).toBe('xmldsig.state');
    }
    expect(
      codeOf(() =>
        resumePreparedDetached(prepareSignature(toUtf8(APPLICATION), { profile: 'enveloped' }).state),
      ),
    ).toBe('xmldsig.state');
  });
});

describe('prepareSignature reads the document once, and gives what its skeleton gives', () => {
  const ns =
    'xmlns:x="urn:x" xmlns="urn:d" xml:lang="ja" xml:base="http://a.example/" xml:space="preserve" y="&lt;&#xA;"';
  it.each([
    ['an empty-element tag', '<a/>'],
    ['namespaces and xml attributes of the document element', `<x:a ${ns}><b xmlns="">1</b></x:a>`],
    ['xmldsig bound to a prefix and to none', `<a xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:b/></a>`],
    ['the default namespace of xmldsig', '<a xmlns="http://www.w3.org/2000/09/xmldsig#"><b/></a>'],
    [
      'a comment, a processing instruction, CDATA',
      '<?xml version="1.0"?><!--c--><a><?p i?><![CDATA[<b/>]]><!--d--></a><!--e-->',
    ],
    [
      'an element named as one of the Signature',
      '<a><Reference>1</Reference><KeyInfo Id="k">2</KeyInfo></a>',
    ],
    ['the octets that follow an end tag', '<a ><b></b ></a >\n\n'],
  ])('%s', (_name, text) => {
    const prepared = prepareSignature(toUtf8(text), { profile: 'enveloped' });
    expect(prepared).toEqual(readSkeleton(prepared.skeleton, 'enveloped'));
  });

  it.each(['by-id', 'guideline'] as const)('of one element, profile %s', (profile) => {
    const text = `<x:a ${ns}><x:b Id="b1">1</x:b><c>2</c></x:a>`;
    const options = { signedElement: { name: '{urn:x}b' } };
    const prepared = prepareSignature(toUtf8(text), { profile, ...options });
    expect(prepared).toEqual(readSkeleton(prepared.skeleton, profile, options));
  });

  it('refuses a signed element that the Signature would have a twin of', () => {
    const text = toUtf8('<a><Reference>1</Reference></a>');
    const options = { profile: 'guideline', signedElement: { name: 'Reference' } } as const;
    expect(codeOf(() => prepareSignature(text, options))).toBe('xmldsig.signed-element');
  });

  it('refuses a document that its Signature would make too large', () => {
    const text = '<a>1</a>';
    const limits = (size: number) => ({ size, elements: 20 });
    expect(
      codeOf(() => prepareSignature(toUtf8(text), { profile: 'enveloped', limits: limits(4096 + 8) })),
    ).toBe('nothing thrown');
    expect(
      codeOf(() => prepareSignature(toUtf8(text), { profile: 'enveloped', limits: limits(4096 + 7) })),
    ).toBe('xml.size');
  });
});
