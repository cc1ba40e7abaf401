import type { ApiKeysFile } from '../../config/relying-party.ts';
import type { TenantId } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import { apiKeyTenants, type TenantJudge } from '../tenants.ts';

/**
 * The tenants of the key file as a judge of bearers, and where each one's citizens may be sent. `current`: the file as
 * it is now; the same object while it did not change.
 */
export function tenantsOf(current: () => ApiKeysFile): {
  readonly tenants: TenantJudge;
  readonly returnUrls: (tenant: TenantId) => readonly string[];
} {
  let known = current();
  let judge = judgeOf(known);
  return {
    tenants: (bearer, octets) => {
      const now = current();
      if (now !== known) {
        judge = judgeOf(now);
        known = now;
      }
      return judge(bearer, octets);
    },
    returnUrls: (id) => returnUrlsOf(current(), id),
  };
}

export function returnUrlsOf(file: ApiKeysFile, id: string): readonly string[] {
  return file.tenants.flatMap(({ tenant, return_urls: urls }) => (tenant === id ? (urls ?? []) : []));
}

function judgeOf(file: ApiKeysFile): TenantJudge {
  return apiKeyTenants(
    file.tenants.map(({ tenant, api_key_sha256: apiKeySha256, scopes }) =>
      defined({ tenant: tenant as TenantId, apiKeySha256, scopes }),
    ),
  );
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
