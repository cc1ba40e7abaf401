import type { CertificateFacts } from '../contracts/verification.ts';
import { defined } from '../core/defined.ts';
import { JitsuinError } from '../core/errors.ts';
import { japaneseDay } from '../core/fees/price-list.ts';
import type { Verification } from '../core/sign-transaction/verification.ts';
import type { Certificate } from '../verifier/x509/certificate-types.ts';
import { jpkiKind } from '../verifier/x509/jpki-policies.ts';
import { certificateOf } from './check-status.ts';
import type { PlatformOperator } from './platform-operator.ts';

const KINDS = { card: 'JPKI_CARD_DIGITAL_SIGNATURE', phone: 'JPKI_MOBILE_DIGITAL_SIGNATURE' } as const;

/**
 * What the contract lets a tenant know of a certificate: its kind, the day on which it ends. Nothing else of it.
 * @throws JitsuinError `right.missing` (neither is in the contract), `transaction.state` (there is none)
 */
export async function certificateFacts(
  operator: PlatformOperator,
  verification: Verification,
): Promise<CertificateFacts> {
  const { id, tenant } = verification;
  const { tenants } = operator;
  const kind = tenants.mayHave(tenant, 'certificate-kind');
  const end = tenants.mayHave(tenant, 'validity-end') && tenants.mayHave(tenant, 'subject-id');
  if (!kind && !end)
    throw new JitsuinError(
      'right.missing',
      'The contract of this tenant has neither "certificate-kind" nor "validity-end".',
    );
  const certificate = await certificateOf(operator, verification);
  return defined({
    verification_id: id,
    kind: kind ? kindOf(operator, certificate) : undefined,
    valid_until: end ? japaneseDay(certificate.notAfter) : undefined,
  });
}

function kindOf({ policy }: PlatformOperator, { certificatePolicies = [] }: Certificate) {
  const kinds = policy.content.certificatePolicies;
  const known = certificatePolicies
    .map((one) => jpkiKind(one.policy, kinds))
    .find((one) => one !== undefined);
  return known === undefined ? undefined : KINDS[known.medium];
}
