import type { TenantId } from '../core/brand.ts';
import type { AssertionTenant } from '../ports/assertion-tenant.ts';

/**
 * `basic-attributes`: 基本4情報 of the certificate, handed out once. `subject-id`: a random id of the citizen for this
 * tenant.
 */
export const CONTRACT_ITEMS = ['basic-attributes', 'subject-id'] as const;
export type ContractItem = (typeof CONTRACT_ITEMS)[number];

/** Who the tenants are, and what each may do by its contract with the platform operator. */
export interface PfTenants {
  readonly assertions: readonly AssertionTenant[];
  /** Whether the tenant may hand in bundles of the service. */
  mayUse(tenant: TenantId, service: string): boolean;
  /** Whether the tenant's contract lets it have this. */
  mayHave(tenant: TenantId, item: ContractItem): boolean;
}
