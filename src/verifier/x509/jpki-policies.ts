import type { JpkiCertificateKind } from './jpki-types.ts';
import type { Name } from './name.ts';

/**
 * Certificate policies of JPKI as the first policies knew them; those of today have them in their files
 * (samples/policies).
 */
const JPKI_POLICIES: readonly JpkiCertificateKind[] = [
  {
    policy: '1.2.392.200149.8.5.1.1.20',
    medium: 'card',
    purpose: 'signing',
    environment: 'production',
    certainty: 'seen',
  },
  {
    policy: '1.2.392.200149.8.5.1.0.20',
    medium: 'card',
    purpose: 'signing',
    environment: 'test',
    certainty: 'seen',
  },
  {
    policy: '1.2.392.200149.8.5.1.3.30',
    medium: 'card',
    purpose: 'user-authentication',
    environment: 'production',
    certainty: 'seen',
  },
  {
    policy: '1.2.392.200149.8.5.1.0.30',
    medium: 'card',
    purpose: 'user-authentication',
    environment: 'test',
    certainty: 'unverified',
  },
  {
    policy: '1.2.392.200149.8.5.1.1.40',
    medium: 'phone',
    purpose: 'signing',
    environment: 'production',
    certainty: 'unverified',
  },
];

/** The policy OIDs of one purpose and environment. */
export function jpkiPolicies(
  wanted: Pick<JpkiCertificateKind, 'purpose' | 'environment'>,
): readonly string[] {
  const rows = JPKI_POLICIES.filter(
    (row) => row.purpose === wanted.purpose && row.environment === wanted.environment,
  );
  return rows.map((row) => row.policy);
}

/** The kind that a policy OID stands for. */
export function jpkiKind(
  policy: string,
  kinds: readonly JpkiCertificateKind[] = JPKI_POLICIES,
): JpkiCertificateKind | undefined {
  return kinds.find((row) => row.policy === policy);
}

const ORGANIZATION = '2.5.4.10';
const UNIT = '2.5.4.11';

/** The JPKI's own, and that of the test environment. */
const JPKI_NAMES = ['JPKI', 'JPKI-TEST'] as const;

/** The JPKI's CA for digital signature by its name, which all its generations have (facts/pki.md section 4). */
export function isJpkiSignatureCa(issuer: Name): boolean {
  const attributes = issuer.rdns.flat();
  const has = (oid: string, value: string) =>
    attributes.some((attribute) => attribute.type === oid && attribute.value === value);
  return JPKI_NAMES.some((name) => has(ORGANIZATION, name)) && has(UNIT, 'JPKI for digital signature');
}
