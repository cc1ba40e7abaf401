import { describe, expect, it } from 'vitest';
import { asJitsuinError } from '../../../src/core/errors.ts';
import { openCrl } from '../../../src/verifier/revocation/crl.ts';
import { parseOcspResponse } from '../../../src/verifier/revocation/ocsp-response.ts';
import { parseCertificate } from '../../../src/verifier/x509/certificate.ts';
import { EXTENSION, KEY_PURPOSE } from '../../../src/verifier/x509/oids.ts';
import {
  encodeDer,
  encodeOid,
  generalName,
  integer,
  nullElement,
  octetString,
  sequence,
  TAG,
} from '../../support/pki/der-encode.ts';
import { extension, extensions } from '../../support/pki/extension-encode.ts';
import { verdict } from '../../support/pki/path-verdict.ts';
import { certificateDer, issueCa, issueCertificate } from '../../support/pki/test-pki.ts';
import { testCrl, testOcspResponse } from '../../support/pki/test-revocation.ts';

/** What parsing says: the code, or `read`. */
function read(parse: () => unknown): string {
  try {
    parse();
    return 'read';
  } catch (thrown) {
    return asJitsuinError(thrown).code;
  }
}

const empty = sequence();
const CRITICAL = [true, false] as const;
const ROLES = ['end entity', 'CA'] as const;
const certificateWith = (role: (typeof ROLES)[number], one: Uint8Array) => {
  const basic = role === 'CA' ? [extensions.basicConstraints(true)] : [];
  return () => parseCertificate(certificateDer({ subject: ['CN=Evenly'], extensions: [...basic, one] }).der);
};
const root = issueCa({ subject: ['CN=Evenly root'] });

/** Extension × size and sign, the same in every role and however critical. */
const REFUSED: readonly (readonly [name: string, oid: string, value: Uint8Array])[] = [
  ['keyUsage without a bit', EXTENSION.keyUsage, encodeDer(TAG.bitString, Uint8Array.of(0))],
  ['empty extKeyUsage', EXTENSION.extendedKeyUsage, empty],
  ['empty subjectAltName', EXTENSION.subjectAltName, empty],
  ['empty issuerAltName', EXTENSION.issuerAltName, empty],
  ['empty certificatePolicies', EXTENSION.certificatePolicies, empty],
  ['empty policyMappings', EXTENSION.policyMappings, empty],
  ['empty policyConstraints', EXTENSION.policyConstraints, empty],
  ['empty nameConstraints', EXTENSION.nameConstraints, empty],
  ['empty cRLDistributionPoints', EXTENSION.cRLDistributionPoints, empty],
  ['empty freshestCRL', EXTENSION.freshestCRL, empty],
  ['inhibitAnyPolicy -1', EXTENSION.inhibitAnyPolicy, integer(-1)],
  ...[0, 3, 5, 8, 15, 17, 32].map((length): [string, string, Uint8Array] => [
    `an iPAddress of ${length} octets`,
    EXTENSION.subjectAltName,
    sequence(generalName.ip(...new Array<number>(length).fill(1))),
  ]),
  ...[0, 4, 7, 9, 16, 31, 33].map((length): [string, string, Uint8Array] => [
    `a constraint of an iPAddress of ${length} octets`,
    EXTENSION.nameConstraints,
    sequence(encodeDer(0xa0, sequence(generalName.ip(...new Array<number>(length).fill(1))))),
  ]),
];
const READ: readonly (readonly [name: string, oid: string, value: Uint8Array])[] = [
  ...[4, 16].map((length): [string, string, Uint8Array] => [
    `an iPAddress of ${length} octets`,
    EXTENSION.subjectAltName,
    sequence(generalName.ip(...new Array<number>(length).fill(1))),
  ]),
  ...[8, 32].map((length): [string, string, Uint8Array] => [
    `a constraint of an iPAddress of ${length} octets`,
    EXTENSION.nameConstraints,
    sequence(encodeDer(0xa0, sequence(generalName.ip(...new Array<number>(length).fill(1))))),
  ]),
];

describe('a rule of X.509 is the same in every role, critical or not', () => {
  it.each(REFUSED)('%s is refused', (_name, oid, value) => {
    for (const role of ROLES)
      for (const critical of CRITICAL)
        expect(read(certificateWith(role, extension(oid, value, critical))), role).toMatch(
          /^(?:der|certificate)\./,
        );
  });

  it.each(READ)('%s is read', (_name, oid, value) => {
    for (const role of ROLES)
      for (const critical of CRITICAL)
        expect(read(certificateWith(role, extension(oid, value, critical)))).toBe('read');
  });

  it('id-pkix-ocsp-nocheck is known of a responder only', () => {
    const nocheck = (critical: boolean) => extension(EXTENSION.ocspNoCheck, nullElement(), critical);
    const leaf = (...own: readonly Uint8Array[]) =>
      verdict(issueCertificate({ subject: ['CN=End'], issuer: root, extensions: own }).certificate, {
        trustAnchors: [root.certificate],
        intermediates: [],
      });
    const responder = extensions.extendedKeyUsage([KEY_PURPOSE.ocspSigning]);
    expect(leaf(nocheck(true))).toBe('critical-extensions certificate.critical-extension');
    expect(leaf(nocheck(false))).toBe('TOTAL-PASSED');
    expect(leaf(nocheck(true), responder)).toBe('TOTAL-PASSED');
  });

  it.each([
    ['0', 0, 'read'],
    ['1', 1, 'read'],
    ['-1', -1, 'revocation.invalid'],
    ['-128', -128, 'revocation.invalid'],
  ] as const)('cRLNumber %s', (_name, number, expected) => {
    const der = testCrl({ issuer: root, number });
    expect(read(() => openCrl(der, { issuers: [root.certificate] }))).toBe(expected);
  });

  it('an issuingDistributionPoint without content is refused', () => {
    const der = testCrl({
      issuer: root,
      moreExtensions: [extension(EXTENSION.issuingDistributionPoint, empty, true)],
    });
    expect(read(() => openCrl(der, { issuers: [root.certificate] }))).toBe('revocation.invalid');
  });

  it('the parameters of CertID.hashAlgorithm are absent or NULL', () => {
    const end = issueCertificate({ subject: ['CN=End'], issuer: root });
    const honest = testOcspResponse({ certificate: end.certificate, issuer: root });
    const sha1 = encodeOid('1.3.14.3.2.26');
    const at = Buffer.from(honest).indexOf(sha1);
    const parameters = Buffer.from(honest.subarray(at + sha1.length, at + sha1.length + 2));
    expect([read(() => parseOcspResponse(honest)), parameters.toString('hex')]).toEqual(['read', '0500']);
    const other = Uint8Array.from(honest);
    other.set(octetString(new Uint8Array(0)), at + sha1.length);
    expect(read(() => parseOcspResponse(other))).toBe('der.invalid');
  });
});
