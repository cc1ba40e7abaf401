import { z } from 'zod';
import type { TenantId } from '../../core/brand.ts';
import { JitsuinError } from '../../core/errors.ts';
import { CONTRACT_ITEMS, ITEMS_THAT_LINK, type PfTenants } from '../../pf/tenant-rights.ts';

/** A public signing key of a tenant (private_key_jwt): EC or RSA, and nothing private or symmetric in it. */
const publicJwkSchema = z
  .object({ kty: z.enum(['EC', 'RSA']), kid: z.string().min(1).max(255) })
  .catchall(z.string())
  .refine((jwk) => !['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'].some((member) => Object.hasOwn(jwk, member)), {
    message: 'holds a private key',
  });

export const tenantSchema = z.strictObject({
  /** Ours; never shown to another tenant. */
  id: z.string().regex(/^[0-9a-zA-Z_-]{1,64}$/),
  name: z.string().min(1).max(200),
  client_id: z.string().regex(/^[\x21-\x7e]{1,255}$/),
  jwks: z.object({ keys: z.array(publicJwkSchema).min(1).max(4) }),
  /** Names of the services whose bundles this tenant may hand in (keys are per service). */
  services: z.array(z.string().regex(/^[0-9A-Za-z._-]{1,64}$/)).min(1),
  /** What its contract lets it have beside the verdict; nothing when absent. */
  contract: z
    .array(z.enum(CONTRACT_ITEMS))
    .max(CONTRACT_ITEMS.length)
    .refine(
      (items) => items.includes('subject-id') || !items.some((item) => ITEMS_THAT_LINK.includes(item)),
      {
        message: `has one of ${ITEMS_THAT_LINK.join(', ')} without subject-id, to which they amount`,
      },
    )
    .optional(),
});
export const pfTenantsSchema = z.array(tenantSchema).min(1);
export type TenantRecord = z.infer<typeof tenantSchema>;

/**
 * The tenants file: a JSON list of `{id, name, client_id, jwks, services, contract?}`.
 * @throws JitsuinError `config.invalid` naming the place, never a value
 */
export function readPfTenants(json: unknown): PfTenants {
  const parsed = pfTenantsSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    // only sentences of ours: another could show a value
    const why = issue?.code === 'custom' ? `: it ${issue.message}` : '';
    throw invalid(`at ${issue?.path.join('.') || 'its top'}${why}`);
  }
  const distinct = (values: readonly string[]) => new Set(values).size === values.length;
  if (!distinct(parsed.data.map((tenant) => tenant.id))) throw invalid('with an id twice');
  if (!distinct(parsed.data.map((tenant) => tenant.client_id))) throw invalid('with a client_id twice');
  const contracts = new Map(parsed.data.map(({ id, contract = [] }) => [id, new Set<string>(contract)]));
  const services = new Map(parsed.data.map((tenant) => [tenant.id, new Set(tenant.services)]));
  return {
    assertions: parsed.data.map(({ id, client_id, jwks }) => ({
      tenant: id as TenantId,
      clientId: client_id,
      jwks,
    })),
    mayHave: (tenant, item) => contracts.get(tenant)?.has(item) ?? false,
    mayUse: (tenant, service) => services.get(tenant)?.has(service) ?? false,
  };
}

function invalid(what: string): JitsuinError {
  return new JitsuinError('config.invalid', `The tenants file is not acceptable ${what}.`, {
    at: 'JITSUIN_PF_TENANTS_FILE',
  });
}
