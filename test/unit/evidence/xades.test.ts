import { existsSync, readFileSync } from 'node:fs';
import { XmlBufferInputProvider, XmlDocument, XsdValidator, xmlRegisterInputProvider } from 'libxml2-wasm';
import { describe, expect, it } from 'vitest';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { JitsuinError } from '../../../src/core/errors.ts';
import type { Report } from '../../../src/core/report.ts';
import { DAY_MILLIS as DAY } from '../../../src/core/spans.ts';
import { parseXml } from '../../../src/core/xml/parse.ts';
import { XML_SIGNATURE_PROFILES } from '../../../src/core/xmldsig/profile-table.ts';
import { elementOctets, signedOctets } from '../../../src/core/xmldsig/signed-octets.ts';
import { answerOcsp, ocspError } from '../../../src/simulator/jpki/ocsp.ts';
import { makeRegistry } from '../../../src/simulator/jpki/registry.ts';
import { withOcspAnswers } from '../../../src/verification/evidence/ocsp-for-xades.ts';
import { judgeStamped, type StampRules } from '../../../src/verifier/judge-stamped.ts';
import { shippedFor } from '../../../src/verifier/policy/shipped.ts';
import { policyOf } from '../../../src/verifier/policy/validation-policy.ts';
import { verifyTimeStamp } from '../../../src/verifier/timestamp/verify-time-stamp.ts';
import { parseCertificate } from '../../../src/verifier/x509/certificate.ts';
import { archivedOctets, xadesDocument } from '../../../src/verifier/xades/xades-export.ts';
import { xadesSource } from '../../../src/verifier/xades/xades-source.ts';
import { verifyXmlSignature } from '../../../src/verifier/xmldsig/verify.ts';
import { FakeLog } from '../../support/fakes.ts';
import { cardOf, NOW } from '../../support/pf-signing.ts';
import { AT } from '../../support/xmldsig/signing.ts';
import { codeOf } from '../jwe/bundle-kit.ts';
import { stampWithData, tokenOver, tsa, tsaAnchors } from '../timestamp/tsa-kit.ts';
import { evidenceFor, registry } from './evidence-kit.ts';

const SCHEMAS = '/work/shared/vectors/xades';
const XMLDSIG = 'http://www.w3.org/2000/09/xmldsig#';
const C14N_10 = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';
const NAMES = { ds: XMLDSIG, x: 'http://uri.etsi.org/01903/v1.3.2#', a: 'http://uri.etsi.org/01903/v1.4.1#' };
const made = (person: string, method: 'OCSP' | 'CRL') =>
  xadesDocument(xadesSource(evidenceFor('x', person, method).octets), stampWithData);
const TSA_DATA = 'a:TimeStampValidationData';

function texts(document: Uint8Array, xpath: string): string[] {
  const parsed = XmlDocument.fromBuffer(document);
  try {
    return parsed.find(xpath, NAMES).map((node) => node.content);
  } finally {
    parsed.dispose();
  }
}

describe.each(['OCSP', 'CRL'] as const)('the XAdES document of a verification by %s', (method) => {
  it('holds every certificate and the revocation data, in the order of the levels', async () => {
    const document = await made('hanako', method);
    const source = xadesSource(evidenceFor('x', 'hanako', method).octets);
    const values = (name: string, within = `x:UnsignedSignatureProperties/*[not(self::${TSA_DATA})]`) =>
      texts(document, `//${within}//x:${name}`).map((text) => Buffer.from(text, 'base64'));
    expect(values('EncapsulatedX509Certificate')).toEqual(source.certificates.map((der) => Buffer.from(der)));
    expect(values('EncapsulatedCRLValue').length).toBe(method === 'CRL' ? 1 : 0);
    expect(values('EncapsulatedOCSPValue').length).toBe(method === 'OCSP' ? 1 : 0);
    const properties = '//x:UnsignedSignatureProperties/*';
    expect(texts(document, properties)).toHaveLength(6);
    expect(texts(document, '//x:SignatureTimeStamp/following-sibling::*[1][self::a:*]')).toHaveLength(1);
    expect(
      texts(document, `//a:ArchiveTimeStamp/following-sibling::*[last()][self::${TSA_DATA}]`),
    ).toHaveLength(1);
    const chain = [tsa.certificate, tsa.rootCertificate];
    expect(values('EncapsulatedX509Certificate', TSA_DATA)).toEqual([...chain, ...chain]);
    expect(values('EncapsulatedCRLValue', TSA_DATA)).toHaveLength(2);
    expect(texts(document, "//x:QualifyingProperties[@Target='#xades-signature']")).toHaveLength(1);
    expect(texts(document, "//ds:Signature[@Id='xades-signature']")).toHaveLength(1);
  });

  it('leaves the octets that are signed as they were', async () => {
    const source = xadesSource(evidenceFor('x', 'hanako', method).octets);
    const octets = (document: Uint8Array) => {
      const parsed = parseXml(document);
      const [signature] = parsed.elementsNamed(XMLDSIG, 'Signature');
      const [signedInfo] = parsed.elementsNamed(XMLDSIG, 'SignedInfo');
      if (signature === undefined || signedInfo === undefined) throw new Error('no Signature');
      const covered = signedOctets(parsed, XML_SIGNATURE_PROFILES.enveloped, parsed.root, signature);
      return [Buffer.from(elementOctets(signedInfo)), Buffer.from(covered)];
    };
    const made = await xadesDocument(source, stampWithData);
    expect(octets(made)).toEqual(octets(source.document));
    expect(octets(made)[1]).toEqual(Buffer.from(source.signedOctets));
  });

  it('has an archive time-stamp over the signed octets, the Signature and the properties before it', async () => {
    const document = await made('kanji', method);
    const source = xadesSource(evidenceFor('x', 'kanji', method).octets);
    const [, archive = ''] = texts(document, '//x:EncapsulatedTimeStamp');
    const judged = (octets: Uint8Array) => {
      const stamped = archivedOctets(octets, source.signedOctets);
      const token = new Uint8Array(Buffer.from(archive, 'base64'));
      return verifyTimeStamp({ token, stamped, trustAnchors: tsaAnchors() }).indication;
    };
    expect(judged(document)).toBe('TOTAL-PASSED');
    const text = Buffer.from(document).toString('utf8');
    const changed = text.replace('<xades:RevocationValues>', '<xades:RevocationValues Id="x">');
    expect(changed).not.toBe(text);
    expect(judged(Buffer.from(changed))).toBe('TOTAL-FAILED');
  });
});

describe('our own XAdES document', () => {
  const verdictOf = (document: Uint8Array | string) => {
    const octets = typeof document === 'string' ? Buffer.from(document) : document;
    const resolve = (der: Uint8Array) => ({ publicKey: parseCertificate(der).publicKey() });
    const options = {
      profile: 'enveloped',
      key: { kind: 'certificate', resolve },
      validationTime: AT,
    } as const;
    const { report, unsigned, signedOctetsSha256 } = verifyXmlSignature(octets, options);
    return { code: report.checks.find(({ code }) => code !== undefined)?.code, unsigned, signedOctetsSha256 };
  };

  it('verifies as the document that it was made of, its properties told as not signed', async () => {
    const source = xadesSource(evidenceFor('x', 'hanako', 'CRL').octets);
    const before = verdictOf(source.document);
    const after = verdictOf(await made('hanako', 'CRL'));
    expect(before.code).toBeUndefined();
    expect(after.code).toBeUndefined();
    expect(after.signedOctetsSha256).toBe(before.signedOctetsSha256);
    const names = after.unsigned.map(({ name }) => name);
    expect(names).toEqual([...before.unsigned.map(({ name }) => name), 'QualifyingProperties']);
  });

  it('has nothing else where its properties are', async () => {
    const text = Buffer.from(await made('hanako', 'CRL')).toString();
    const put = (from: string | RegExp, to: string) => {
      const changed = text.replace(from, to);
      expect(changed).not.toBe(text);
      return verdictOf(changed).code;
    };
    expect(put(' Target="#xades-signature"', ' Target="#other"')).toBe('xmldsig.other-form');
    expect(put(' Target="#xades-signature"', '')).toBe('xmldsig.other-form');
    expect(put('<Object>', '<Object Id="o">')).toBe('xmldsig.other-form');
    expect(put('<Object>', '<Object><x/>')).toBe('xmldsig.other-form');
    expect(put('<Object>', '<Object/><Object>')).toBe('xmldsig.other-form');
    expect(put('<xades:UnsignedProperties>', '<xades:SignedProperties/><xades:UnsignedProperties>')).toBe(
      'xmldsig.other-form',
    );
    expect(put(/xades:UnsignedProperties>/g, 'xades:SignedProperties>')).toBe('xmldsig.other-form');
    expect(put('<xades:CertificateValues>', '<xades:CertificateValues Id="xades-signature">')).toBe(
      'xmldsig.other-form',
    );
    expect(put('<Signature Id="xades-signature"', '<Signature Id="xades-signature" x="y"')).toBe(
      'xmldsig.other-form',
    );
  });
});

describe('a record by CRL', () => {
  const source = xadesSource(evidenceFor('x', 'hanako', 'CRL').octets);
  const log = new FakeLog();
  const asker = (answer: (request: Uint8Array) => Buffer, now = NOW + DAY) => ({
    log,
    clock: { now: () => now as EpochMillis },
    revocation: { ocsp: async (request: Uint8Array) => new Uint8Array(answer(request)) },
  });
  const honest = asker((request) => answerOcsp(registry, request, NOW + DAY));

  it('gets an OCSP answer of now, which the document then holds beside the CRL', async () => {
    const { ocsp, ...rest } = await withOcspAnswers(honest, source);
    expect(ocsp).toHaveLength(1);
    expect(rest).toEqual({ ...source, ocsp: undefined });
    const document = await xadesDocument({ ...rest, ocsp }, stampWithData);
    expect(texts(document, '//x:EncapsulatedOCSPValue')).toEqual(
      ocsp.map((der) => Buffer.from(der).toString('base64')),
    );
  });

  it('is left as it is where it has answers, or where nobody can be asked', async () => {
    const answered = xadesSource(evidenceFor('x', 'hanako', 'OCSP').octets);
    expect(await withOcspAnswers(honest, answered)).toBe(answered);
    expect(await withOcspAnswers({ ...honest, revocation: {} }, source)).toBe(source);
  });

  it('gets no answer that says nothing, is too old or about another authority', async () => {
    const of = (asked: Parameters<typeof withOcspAnswers>[0]) => codeOf(() => withOcspAnswers(asked, source));
    expect(await of(asker(() => ocspError('tryLater')))).toBe('revocation.unavailable');
    expect(await of(asker((request) => answerOcsp(registry, request, NOW), NOW + 400 * DAY))).toBe(
      'revocation.unavailable',
    );
    const other = makeRegistry('others', NOW);
    expect(await of(asker((request) => answerOcsp(other, request, NOW + DAY)))).toBe(
      'revocation.unavailable',
    );
    const unreachable = async () => {
      throw new JitsuinError('revocation.unavailable', 'down');
    };
    expect(await of({ ...honest, revocation: { ocsp: unreachable } })).toBe('revocation.unavailable');
  });

  it('gets none that says it was revoked for its key since', async () => {
    const { signCertificate } = cardOf(registry, 'hanako');
    registry.revoke(signCertificate, { revokedAt: NOW + 1_000, reason: 'keyCompromise' });
    const code = await codeOf(() => withOcspAnswers(honest, source));
    registry.restore(signCertificate);
    expect(code).toBe('certificate.revoked');
  });
});

describe('what does not become XAdES', () => {
  it('a verdict that is not OK', async () => {
    expect(await codeOf(async () => xadesSource(evidenceFor('x', 'revoked').octets))).toBe('xmldsig.state');
    expect(await codeOf(async () => xadesSource(new Uint8Array(3)))).toBe('evidence.invalid');
  });
});

const present = existsSync(SCHEMAS);
if (!present) console.warn('NOT TESTED against the XAdES schema: ../shared/vectors/xades is not here.');

it('the Id that the Signature needs is taken by another element: nothing is made', async () => {
  const source = xadesSource(evidenceFor('x', 'hanako', 'CRL').octets);
  const text = Buffer.from(source.document).toString();
  const root = /<[^?!][^\s/>]*/;
  const taken = Buffer.from(text.replace(root, (start) => `${start} Id="xades-signature"`));
  expect(await codeOf(() => xadesDocument({ ...source, document: taken }, stampWithData))).toBe(
    'xmldsig.state',
  );
  const other = Buffer.from(text.replace(root, (start) => `${start} Id="another"`));
  expect(await codeOf(() => xadesDocument({ ...source, document: other }, stampWithData))).toBe('accepted');
});

describe.skipIf(!present)('against the schemas of ETSI and W3C', () => {
  /** Valid when each Signature of it fits; the application around it has no schema here. */
  const faults = (document: Uint8Array): string | undefined => {
    const parsed = XmlDocument.fromBuffer(document);
    const schema = schemaDocument();
    const validator = XsdValidator.fromDoc(schema);
    try {
      const signature = parsed.get('//ds:Signature', NAMES)?.toString() ?? '';
      const alone = XmlDocument.fromString(signature);
      try {
        validator.validate(alone);
      } finally {
        alone.dispose();
      }
      return undefined;
    } catch (thrown) {
      return String(thrown);
    } finally {
      validator.dispose();
      schema.dispose();
      parsed.dispose();
    }
  };

  it.each(['OCSP', 'CRL'] as const)('by %s it is valid, and a wrong one is not', async (method) => {
    const document = await made('taro', method);
    expect(faults(document)).toBeUndefined();
    const text = Buffer.from(document).toString('utf8');
    const wrong = text.replaceAll('xades:CertificateValues', 'xades:CertificateValue');
    expect(faults(Buffer.from(wrong))).toContain('CertificateValue');
  });
});

const LOCAL: Readonly<Record<string, string>> = {
  'mem:xmldsig.xsd': 'xmldsig-core-schema.xsd',
  'mem:xades132.xsd': 'XAdES01903v132-202407.xsd',
  'mem:xades141.xsd': 'XAdES01903v141-202407.xsd',
};

/** The schemas from the folder as they are, but for the places where they look for each other. */
function schemaDocument(): XmlDocument {
  const files = Object.fromEntries(
    Object.entries(LOCAL).map(([place, name]) => {
      const text = readFileSync(`${SCHEMAS}/${name}`, 'utf8')
        .replace(/<!DOCTYPE[^[>]*(?:\[[\s\S]*?\])?\s*>/, '')
        .replace(/schemaLocation="[^"]*xmldsig[^"]*"/g, 'schemaLocation="mem:xmldsig.xsd"')
        .replace(/schemaLocation="[^"]*XAdES01903v132[^"]*"/g, 'schemaLocation="mem:xades132.xsd"');
      return [place, new TextEncoder().encode(text)];
    }),
  );
  xmlRegisterInputProvider(new XmlBufferInputProvider(files));
  return XmlDocument.fromString(
    `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
      <xs:import namespace="${XMLDSIG}" schemaLocation="mem:xmldsig.xsd"/>
      <xs:import namespace="${NAMES.x}" schemaLocation="mem:xades132.xsd"/>
      <xs:import namespace="${NAMES.a}" schemaLocation="mem:xades141.xsd"/>
    </xs:schema>`,
  );
}

describe('the time-stamps within a document', () => {
  const stamps = { tokens: [], trustAnchors: tsaAnchors() };
  const judged = (document: Uint8Array, at: number, given: StampRules = stamps) =>
    judgeStamped({ kind: 'document', document, profile: 'enveloped' }, 'digest-info', rulesAt(at), given);
  const rulesAt = (at: number) => ({
    trustAnchors: [],
    intermediates: [],
    data: { crls: [], ocsp: [] },
    revocation: 'switched-off' as const,
    policy: policyOf(shippedFor('test'), 'EITHER'),
    at: at as EpochMillis,
  });
  const proof = ({ report }: { report: Report }) =>
    report.checks.find(({ name }) => name === 'proof-of-time')?.code;
  /** The token that this property has, exchanged for another. */
  const exchanged = (document: Uint8Array, property: string, token: Uint8Array) => {
    const text = Buffer.from(document).toString();
    const pattern = new RegExp(`(<${property}[^>]*>.*?<xades:EncapsulatedTimeStamp>)[^<]*`);
    const changed = text.replace(
      pattern,
      (_all, before: string) => before + Buffer.from(token).toString('base64'),
    );
    expect(changed).not.toBe(text);
    return Buffer.from(changed);
  };

  it('prove when the signature was there, to who trusts their authority', async () => {
    const document = await made('hanako', 'CRL');
    expect(judged(document, NOW + DAY).provedAt).toBe(NOW);
    expect(judged(document, NOW + DAY, { tokens: [], trustAnchors: [] }).provedAt).toBeUndefined();
    expect(judged(document, NOW - DAY).provedAt).toBeUndefined();
  });

  it('prove nothing over other octets, and nothing once the certificate of their authority has ended', async () => {
    const document = await made('hanako', 'CRL');
    const other = exchanged(document, 'xades:SignatureTimeStamp', tokenOver(Uint8Array.of(1)));
    expect(judged(other, NOW + DAY).provedAt).toBeUndefined();
    const [end = 0] = judged(document, NOW + DAY).timeStamps.map(({ validUntil }) => validUntil ?? 0);
    expect(judged(document, end).provedAt).toBe(NOW);
    const late = judged(document, end + 1);
    expect([late.provedAt, late.timeStamps[0]?.checks.at(-1)?.code]).toEqual([
      undefined,
      'timestamp.renewal',
    ]);
  });

  it.each([
    ['Canonical XML 1.0, which is the default', C14N_10, NOW],
    ['exclusive canonicalization', 'http://www.w3.org/2001/10/xml-exc-c14n#', undefined],
    ['nothing', '', undefined],
  ])('over the value in %s', async (_name, algorithm, provedAt) => {
    const text = Buffer.from(await made('hanako', 'CRL')).toString();
    const method = `<CanonicalizationMethod xmlns="${XMLDSIG}" Algorithm="${algorithm}"/>`;
    const changed = text.replace(/<xades:SignatureTimeStamp[^>]*>/, (start) => start + method);
    expect(changed).not.toBe(text);
    const report = judged(Buffer.from(changed), NOW + DAY);
    const tokens = report.timeStamps.map(({ genTime }) => genTime);
    expect([report.provedAt, tokens]).toEqual([provedAt, provedAt === undefined ? [] : [NOW]]);
  });

  it('contradict each other where a later one claims to be older than what it covers', async () => {
    const document = await made('hanako', 'CRL');
    const older = exchanged(
      document,
      'xades141:ArchiveTimeStamp',
      tokenOver(Uint8Array.of(1), { at: NOW - 1_000 }),
    );
    expect(proof(judged(document, NOW + DAY))).toBeUndefined();
    expect(proof(judged(older, NOW + DAY))).toBe('timestamp.order');
  });
});
