import type { TenantId } from '../core/brand.ts';
import { JitsuinError } from '../core/errors.ts';
import type { AssertionTenant } from '../ports/assertion-tenant.ts';

/**
 * What a contract may have beside the verdict; each is off unless it is written there.
 *
 * - `basic-attributes`: 基本4情報 of the certificate, handed out once.
 * - `subject-id`: a random id of the citizen for this tenant.
 * - `certificate-kind`: whether the certificate is a card's or a phone's.
 * - `validity-end`: the day (of Japan) on which the certificate ends.
 * - `revocation-detail`: when and why it was revoked, in the answer of a status check.
 * - `status-notices`: the operator looks once a day and tells by webhook when a certificate went (失効通知).
 */
export const CONTRACT_ITEMS = [
  'basic-attributes',
  'subject-id',
  'certificate-kind',
  'validity-end',
  'revocation-detail',
  'status-notices',
] as const;
export type ContractItem = (typeof CONTRACT_ITEMS)[number];

/**
 * Facts by which a tenant could tell that two verifications are of one person: a contract has them only with the item
 * that says so openly.
 */
export const ITEMS_THAT_LINK: readonly ContractItem[] = [
  'validity-end',
  'revocation-detail',
  'status-notices',
];

/** @throws JitsuinError `right.missing` naming the item */
export function requireItem(tenants: PfTenants, tenant: TenantId, item: ContractItem): void {
  if (tenants.mayHave(tenant, item)) return;
  throw new JitsuinError('right.missing', `The contract of this tenant does not have "${item}".`, {
    at: item,
  });
}

/** Who the tenants are, and what each may do by its contract with the platform operator. */
export interface PfTenants {
  readonly assertions: readonly AssertionTenant[];
  /** Whether the tenant may hand in bundles of the service. */
  mayUse(tenant: TenantId, service: string): boolean;
  /** Whether the tenant's contract lets it have this. */
  mayHave(tenant: TenantId, item: ContractItem): boolean;
}
