import type { JpkiEnvironment } from '../../../src/verifier/x509/jpki-types.ts';
import { generalName, name, utf8 } from './der-encode.ts';
import { extensions } from './extension-encode.ts';
import {
  issueCa,
  issueCertificate,
  type TestCertificateSpec,
  type TestIdentity,
  testKey,
} from './test-pki.ts';

/** Simulated people only. */
export const SIMULATED_PERSON = {
  name: '模擬　花子',
  nameMap: '00000',
  sex: '2',
  birth: '420010230',
  address: '東京都模擬区試験一丁目２番３号',
  addressMap: '000000000000000',
} as const;

const CA_NAME = [
  'C=JP',
  'O=JPKI',
  'OU=JPKI for digital signature',
  'OU=Japan Agency for Local Authority Information Systems',
];
const AUTHENTICATION_CA_NAME = [
  'C=JP',
  'O=JPKI',
  'OU=JPKI for user authentication',
  'OU=Japan Agency for Local Authority Information Systems',
];

/** A CA in the shape of JPKI's; every generation has the same name. RSA-2048 unless another key is given. */
export function jpkiCa(
  generation = '1',
  options: Partial<TestCertificateSpec> & { purpose?: 'authentication' } = {},
): TestIdentity {
  const { purpose, ...spec } = options;
  const subject = name(...(purpose === 'authentication' ? AUTHENTICATION_CA_NAME : CA_NAME));
  return issueCa({ subject, key: testKey(`jpki-${purpose ?? 'signing'}-${generation}`, 'rsa'), ...spec });
}

/** DER Name of one municipality's CRL partition. */
export function partitionName(municipality = 'Mogi-ku'): Uint8Array {
  return name(
    'C=JP',
    'O=JPKI',
    'OU=JPKI for digital signature',
    'OU=CRL Distribution Points',
    'OU=Tokyo-to',
    `CN=${municipality} CRLDP`,
  );
}

const arc = (last: number) => `1.2.392.200149.8.5.5.${last}`;

/** The otherNames of a person, in the order of a real certificate: 1, 4, 3, 5, 2, 6. */
export function fourAttributeNames(
  person: Partial<Record<keyof typeof SIMULATED_PERSON, string>> = {},
): Uint8Array[] {
  const all = { ...SIMULATED_PERSON, ...person };
  const rows: readonly [number, string][] = [
    [1, all.name],
    [4, all.birth],
    [3, all.sex],
    [5, all.address],
    [2, all.nameMap],
    [6, all.addressMap],
  ];
  return rows.map(([last, text]) => generalName.otherName(arc(last), utf8(text)));
}

export const JPKI_TEST_POLICY: Readonly<Record<JpkiEnvironment, string>> = {
  production: '1.2.392.200149.8.5.1.1.20',
  test: '1.2.392.200149.8.5.1.0.20',
};

export interface JpkiLeafSpec extends Partial<TestCertificateSpec> {
  readonly environment?: JpkiEnvironment;
  readonly policies?: readonly string[];
  readonly usages?: Parameters<typeof extensions.keyUsage>[0];
  readonly names?: readonly Uint8Array[];
  readonly partition?: Uint8Array;
  /** Extensions beside those of the profile. */
  readonly more?: readonly Uint8Array[];
}

/** A signature certificate that keeps the JPKI profile, RSA-2048, for a simulated person. */
export function jpkiLeafSpec(issuer: TestIdentity, spec: JpkiLeafSpec = {}): TestCertificateSpec {
  const { environment = 'test', policies, usages, names, partition, more = [], ...rest } = spec;
  return {
    subject: name('C=JP', 'L=Tokyo-to', 'L=Mogi-ku', 'CN=202611220900000SIMULATED001'),
    issuer,
    key: testKey('jpki-leaf', 'rsa'),
    extensions: [
      extensions.keyUsage(usages ?? ['digitalSignature', 'nonRepudiation']),
      extensions.subjectAltName(names ?? fourAttributeNames()),
      extensions.certificatePolicies(policies ?? [JPKI_TEST_POLICY[environment]]),
      extensions.crlDistributionPoints([partition ?? partitionName()]),
      ...more,
    ],
    ...rest,
  };
}

export function jpkiLeaf(issuer: TestIdentity, spec: JpkiLeafSpec = {}): TestIdentity {
  return issueCertificate(jpkiLeafSpec(issuer, spec));
}
