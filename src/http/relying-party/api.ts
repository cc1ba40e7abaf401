import type { TenantId } from '../../core/brand.ts';
import type { IdempotencyStore } from '../../ports/idempotency-store.ts';
import type { RelyingParty } from '../../rp/relying-party.ts';
import type { Unpack } from '../packed-form.ts';
import type { TenantJudge } from '../tenants.ts';

/** How many files beside a document, and how large. */
interface FileLimits {
  readonly most: number;
  /** Octets of one. */
  readonly file: number;
  /** Octets of all. */
  readonly total: number;
}

/** What the routes that sp and gov share work with (src/decisions/shared-relying-party-routes.md). */
export interface RelyingPartyApi {
  readonly rp: RelyingParty;
  readonly tenants: TenantJudge;
  readonly idempotency: IdempotencyStore;
  /** Base URL that citizens use; no trailing slash. */
  readonly publicUrl: string;
  /** Octets of a document. */
  readonly bodyLimit: number;
  /** Of the files beside a document. */
  readonly files: FileLimits;
  /** The files of a ZIP within these limits. @throws JitsuinError `usage.arguments` */
  readonly unpack: Unpack;
  /** Where a tenant's citizens may be sent at the end; compared exactly. */
  readonly returnUrls: (tenant: TenantId) => readonly string[];
}
