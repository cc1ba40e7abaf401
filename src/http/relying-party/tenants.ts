import type { ApiKeysFile } from '../../config/relying-party.ts';
import type { TenantId } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import { apiKeyTenants, type TenantJudge } from '../tenants.ts';

/** The tenants of the key file as a judge of bearers, and where each one's citizens may be sent. */
export function tenantsOf(file: ApiKeysFile): {
  readonly tenants: TenantJudge;
  readonly returnUrls: (tenant: TenantId) => readonly string[];
} {
  const keys = file.tenants.map(({ tenant, api_key_sha256: apiKeySha256, scopes }) =>
    defined({
      tenant: tenant as TenantId,
      apiKeySha256,
      scopes,
    }),
  );
  return {
    tenants: apiKeyTenants(keys),
    returnUrls: (id) =>
      file.tenants.flatMap(({ tenant, return_urls: urls }) => (tenant === id ? (urls ?? []) : [])),
  };
}

/**
 * In whose name the pages for trying out receive applications: the first tenant's; nothing where they are not
 * shown.
 */
export function demoOf(
  { demoPages }: { readonly demoPages: 'shown' | 'absent' },
  file: ApiKeysFile,
): { readonly demo?: { readonly tenant: TenantId } } {
  const first = file.tenants[0]?.tenant;
  return demoPages === 'absent' || first === undefined ? {} : { demo: { tenant: first as TenantId } };
}
