import type { TenantId } from '../../core/brand.ts';
import type { IdempotencyStore } from '../../ports/idempotency-store.ts';
import type { RelyingParty } from '../../rp/relying-party.ts';
import type { TenantJudge } from '../tenants.ts';

/** What the routes that sp and gov share work with (src/decisions/shared-relying-party-routes.md). */
export interface RelyingPartyApi {
  readonly rp: RelyingParty;
  readonly tenants: TenantJudge;
  readonly idempotency: IdempotencyStore;
  /** Base URL that citizens use; no trailing slash. */
  readonly publicUrl: string;
  /** Octets of a document. */
  readonly bodyLimit: number;
  /** Where a tenant's citizens may be sent at the end; compared exactly. */
  readonly returnUrls: (tenant: TenantId) => readonly string[];
}
