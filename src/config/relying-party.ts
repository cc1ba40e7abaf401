import { z } from 'zod';
import { API_SCOPES } from '../contracts/operations/operation.ts';
import type { LogPart, ManagementPart } from './parts.ts';
import type { Settings } from './table.ts';

/** What sp and gov have in common. Secrets stand in files, never in the environment itself. */
export type RelyingPartyConfig = Settings<'sp' | 'gov'> & LogPart & ManagementPart;

export const apiKeysFileSchema = z.strictObject({
  tenants: z
    .array(
      z.strictObject({
        tenant: z.string().regex(/^[0-9a-zA-Z_-]{1,64}$/),
        /** Hex SHA-256 of the API key. */
        api_key_sha256: z.string().regex(/^[0-9a-f]{64}$/),
        /** Where this tenant's citizens may be sent at the end; compared exactly. */
        return_urls: z.array(z.url({ protocol: /^https?$/ })).optional(),
        /** What this key may do; everything when absent. A tenant may have several keys. */
        scopes: z.array(z.enum(API_SCOPES)).min(1).optional(),
      }),
    )
    .min(1),
});
export type ApiKeysFile = z.infer<typeof apiKeysFileSchema>;
