import { describe, expect, it } from 'vitest';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { JitsuinError } from '../../../src/core/errors.ts';
import { decisiveCheck } from '../../../src/core/report.ts';
import { readFourAttributes } from '../../../src/verifier/x509/four-attributes.ts';
import { lintJpkiProfile } from '../../../src/verifier/x509/jpki-profile.ts';
import type { JpkiEnvironment, JpkiPurpose } from '../../../src/verifier/x509/jpki-types.ts';
import { validateCertificationPath } from '../../../src/verifier/x509/path.ts';
import { jpkiSigningPathPolicy } from '../../../src/verifier/x509/path-policy.ts';
import { bmp, generalName, name, printable, utf8 } from '../../support/pki/der-encode.ts';
import { extensions } from '../../support/pki/extension-encode.ts';
import {
  fourAttributeNames,
  type JpkiLeafSpec,
  jpkiCa,
  jpkiLeaf,
  SIMULATED_PERSON,
} from '../../support/pki/test-jpki.ts';
import { TEST_NOW } from '../../support/pki/test-pki.ts';

const ca = jpkiCa();
const at = TEST_NOW as EpochMillis;
const ARC = '1.2.392.200149.8.5.5';

function lint(
  spec: JpkiLeafSpec = {},
  purpose: JpkiPurpose = 'signing',
  environment: JpkiEnvironment = 'test',
) {
  return lintJpkiProfile(jpkiLeaf(ca, spec).certificate, { purpose, environment, at });
}

/** The first broken rule and its code. */
function broken(...given: Parameters<typeof lint>): string {
  const failed = decisiveCheck(lint(...given));
  return failed === undefined ? 'none' : `${failed.name} ${failed.code}`;
}

const attributes = (names: readonly Uint8Array[]) => readFourAttributes(jpkiLeaf(ca, { names }).certificate);

function refusal(names: readonly Uint8Array[]): string {
  try {
    attributes(names);
    return 'accepted';
  } catch (thrown) {
    return thrown instanceof JitsuinError ? thrown.code : 'another error';
  }
}

const own = (last: number, value: Uint8Array) => generalName.otherName(`${ARC}.${last}`, value);

describe('the path of a signature certificate', () => {
  const verdict = (spec: JpkiLeafSpec, environment: JpkiEnvironment = 'test', anchor = ca) => {
    const report = validateCertificationPath({
      leaf: jpkiLeaf(ca, spec).certificate,
      intermediates: [],
      trustAnchors: [anchor.certificate],
      at,
      policy: jpkiSigningPathPolicy(environment),
    });
    return decisiveCheck(report)?.code ?? report.indication;
  };

  it('passes for its environment and not for the other', () => {
    expect(verdict({})).toBe('TOTAL-PASSED');
    expect(verdict({ environment: 'production' }, 'production')).toBe('TOTAL-PASSED');
    expect(verdict({}, 'production')).toBe('certificate.policy');
    expect(verdict({ environment: 'production' })).toBe('certificate.policy');
  });

  it('K3 refuses a user-authentication certificate by its policy, or by its CA', () => {
    const policies = ['1.2.392.200149.8.5.1.3.30'];
    expect(verdict({ policies, usages: ['digitalSignature'] })).toBe('certificate.policy');
    expect(verdict({ policies })).toBe('certificate.policy');
    expect(verdict({}, 'test', jpkiCa('1', { purpose: 'authentication' }))).toBe(
      'certificate.anchor-missing',
    );
  });

  it('K2 refuses other key usages', () => {
    expect(verdict({ usages: ['digitalSignature'] })).toBe('certificate.usage');
    expect(verdict({ usages: ['nonRepudiation'] })).toBe('certificate.usage');
  });

  it('K4 refuses another CA of the same name', () => {
    expect(verdict({}, 'test', jpkiCa('2'))).toBe('certificate.anchor-missing');
  });
});

describe('the lint, apart from the path verdict', () => {
  it('passes a certificate of the profile and says what it is', () => {
    const report = lint();
    expect(report.indication).toBe('TOTAL-PASSED');
    expect(report.kind).toMatchObject({
      medium: 'card',
      purpose: 'signing',
      environment: 'test',
      certainty: 'seen',
    });
    const phone = lint({ policies: ['1.2.392.200149.8.5.1.1.40'] }, 'signing', 'production');
    expect(phone.kind).toMatchObject({ medium: 'phone', certainty: 'unverified' });
    expect(phone.indication).toBe('TOTAL-PASSED');
  });

  it.each<[string, JpkiLeafSpec, string]>([
    ['an unknown policy', { policies: ['1.2.3'] }, 'jpki-certificate-kind certificate.policy'],
    ['a production certificate', { environment: 'production' }, 'jpki-certificate-kind certificate.policy'],
    [
      'more key usages',
      { usages: ['digitalSignature', 'nonRepudiation', 'keyEncipherment'] },
      'jpki-key-usage certificate.usage',
    ],
    ['no key identifiers', { identifiers: 'none' }, 'jpki-key-identifiers certificate.profile'],
    ['a subject without C=JP', { subject: name('C=US', 'CN=x') }, 'jpki-subject-name certificate.profile'],
    [
      'an IA5String in the subject',
      { subject: name('C=JP', 'CN=x', 'E=a@b.test') },
      'jpki-subject-name certificate.profile',
    ],
    ['a CA', { more: [extensions.basicConstraints(true)] }, 'jpki-end-entity certificate.usage'],
    [
      'an attribute missing',
      { names: fourAttributeNames().slice(1, 4) },
      'jpki-four-attributes certificate.profile',
    ],
    [
      'an attribute twice',
      { names: [...fourAttributeNames(), own(3, utf8('1'))] },
      'jpki-four-attributes certificate.profile',
    ],
  ])('refuses %s', (_, spec, expected) => {
    expect(broken(spec)).toBe(expected);
  });

  it('refuses distribution points that are not directory names', () => {
    const usual = [
      extensions.keyUsage(['digitalSignature', 'nonRepudiation']),
      extensions.subjectAltName(fourAttributeNames()),
      extensions.certificatePolicies(['1.2.392.200149.8.5.1.0.20']),
    ];
    const url = extensions.distributionPoints([{ name: generalName.uri('http://127.0.0.1/x.crl') }]);
    expect(broken({ extensions: [...usual, url] })).toBe('jpki-distribution-point certificate.profile');
    expect(broken({ extensions: usual })).toBe('jpki-distribution-point certificate.profile');
  });

  it('knows the shape of authentication certificates too', () => {
    const spec: JpkiLeafSpec = { policies: ['1.2.392.200149.8.5.1.3.30'], usages: ['digitalSignature'] };
    expect(broken(spec, 'user-authentication', 'production')).toBe(
      'jpki-four-attributes certificate.profile',
    );
    const names = [generalName.dns('example.test')];
    expect(broken({ ...spec, names }, 'user-authentication', 'production')).toBe('none');
    expect(broken({ ...spec, names }, 'signing', 'production')).toBe(
      'jpki-certificate-kind certificate.policy',
    );
  });

  it('notes a BMPString and more attributes without failing', () => {
    const [, ...rest] = fourAttributeNames();
    const note = (names: readonly Uint8Array[]) =>
      lint({ names }).checks.find((check) => check.name === 'jpki-four-attributes');
    expect(note([own(1, bmp(SIMULATED_PERSON.name)), ...rest])).toMatchObject({
      result: 'passed',
      detail: 'an attribute is a BMPString',
    });
    expect(note([...fourAttributeNames(), own(7, utf8('もぎ'))])).toMatchObject({
      result: 'passed',
      detail: '1 more attributes of the arc',
    });
  });
});

describe('基本4情報', () => {
  it('are found by OID in any order', () => {
    const expected = {
      name: { text: '模擬　花子', substitutionMap: '00000', substituted: [] },
      sex: 'female',
      dateOfBirth: { era: 'heisei', year: '2001', month: '02', day: '30', raw: '420010230' },
      additional: [],
    };
    expect(attributes(fourAttributeNames())).toMatchObject(expected);
    expect(attributes(fourAttributeNames().reverse())).toMatchObject(expected);
  });

  it('keep Unicode to the code point and count maps in code points', () => {
    const rare = '𠮷田　葛\u{e0100}城'; // beyond the BMP, and a variation selector
    expect([...rare].length).toBe(6);
    expect(refusal(fourAttributeNames({ name: rare, nameMap: '1000010' }))).toBe('certificate.profile');
    const exact = attributes(fourAttributeNames({ name: rare, nameMap: '100001' }));
    expect(exact.name?.text).toBe(rare);
    expect(exact.name?.substituted).toEqual([0, 5]);
    expect(refusal(fourAttributeNames({ name: rare, nameMap: '0'.repeat(rare.length) }))).toBe(
      'certificate.profile',
    );
  });

  it('keep unknown parts of a date of birth as text', () => {
    expect(attributes(fourAttributeNames({ birth: '319500000' })).dateOfBirth).toMatchObject({
      era: 'showa',
      year: '1950',
      month: '00',
      day: '00',
    });
    expect(attributes(fourAttributeNames({ birth: '000000000' })).dateOfBirth?.era).toBe('unknown');
  });

  it.each([
    ['a date with an era that is not', fourAttributeNames({ birth: '620010101' })],
    ['a date of eight digits', fourAttributeNames({ birth: '20010101' })],
    ['a month 13', fourAttributeNames({ birth: '420011301' })],
    ['full-width digits', fourAttributeNames({ birth: '４20010101' })],
    ['another sex digit', fourAttributeNames({ sex: '4' })],
    ['a map of other characters', fourAttributeNames({ nameMap: '0000x' })],
    ['a map too short', fourAttributeNames({ addressMap: '0' })],
    [
      'an address of 201 characters',
      fourAttributeNames({ address: '住'.repeat(201), addressMap: '0'.repeat(201) }),
    ],
    ['a duplicate', [...fourAttributeNames(), own(1, utf8('別　人'))]],
    ['a PrintableString', [own(1, printable('x'))]],
    ['a map without its text', [own(2, utf8('000'))]],
  ])('refuse %s', (_, names) => {
    expect(refusal(names)).toBe('certificate.profile');
  });

  it('keep unknown OIDs of the arc raw', () => {
    const value = utf8('もぎ　はなこ');
    const { additional } = attributes([...fourAttributeNames(), own(7, value)]);
    expect(additional.map(({ oid, value: der }) => [oid, Buffer.from(der)])).toEqual([
      [`${ARC}.7`, Buffer.from(value)],
    ]);
  });
});
