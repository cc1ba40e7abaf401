import type { Express } from 'express';
import type { ApiKeysFile } from '../../contracts/rp-environment.ts';
import type { TenantId } from '../../core/brand.ts';
import { listen } from '../listen.ts';
import { apiKeyTenants, type TenantJudge } from '../tenants.ts';

/** A part that runs until it is closed. */
export interface RunningServer {
  readonly url: string;
  /** Drains open requests (at most 30 s), then closes what the role opened. */
  close(): Promise<void>;
}

/** Serves a role's application; closes its adapters when it can not, and after the drain. */
export async function runServer(
  app: Express,
  place: { readonly host: string; readonly port: number },
  closeAdapters: () => Promise<void>,
): Promise<RunningServer> {
  try {
    const listening = await listen(app, place);
    const close = async () => {
      await listening.close();
      await closeAdapters();
    };
    return { url: listening.url, close };
  } catch (thrown) {
    await closeAdapters();
    throw thrown;
  }
}

/** The tenants of the key file as a judge of bearers, and where each one's citizens may be sent. */
export function tenantsOf(file: ApiKeysFile): {
  readonly tenants: TenantJudge;
  readonly returnUrls: (tenant: TenantId) => readonly string[];
} {
  const entries = file.tenants.map(({ tenant, api_key_sha256: apiKeySha256, return_urls: returnUrls }) => ({
    tenant: tenant as TenantId,
    apiKeySha256,
    returnUrls: returnUrls ?? [],
  }));
  const byTenant = new Map(entries.map(({ tenant, returnUrls }) => [tenant, returnUrls]));
  return { tenants: apiKeyTenants(entries), returnUrls: (tenant) => byTenant.get(tenant) ?? [] };
}

/** In whose name the pages for trying out receive applications: the first tenant's; nothing where they are not shown. */
export function demoOf(
  { demoPages }: { readonly demoPages: 'shown' | 'absent' },
  file: ApiKeysFile,
): { readonly demo?: { readonly tenant: TenantId } } {
  const first = file.tenants[0]?.tenant;
  return demoPages === 'absent' || first === undefined ? {} : { demo: { tenant: first as TenantId } };
}
