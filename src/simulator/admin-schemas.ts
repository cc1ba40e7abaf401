import { z } from 'zod';
import type { EpochMillis } from '../core/brand.ts';
import { SIMULATED_ENDPOINTS } from './auth-and-sign/faults.ts';
import type { LogoutRequest, SimulatorClient } from './options.ts';

const epochMillis = z
  .number()
  .int()
  .transform((value) => value as EpochMillis);

const pfPublicKey = z.strictObject({
  kty: z.literal('EC'),
  use: z.literal('enc'),
  alg: z.literal('ECDH-ES'),
  crv: z.literal('P-256'),
  x: z.string().min(1),
  y: z.string().min(1),
  kid: z.string().min(1),
});

/** A client as JSON; exactly the registered members of the platform operator's key are allowed. */
export const clientSchema: z.ZodType<SimulatorClient> = z
  .strictObject({
    clientId: z
      .string()
      .regex(/^[\x21-\x7E]{1,255}$/, 'a client id has 1 to 255 visible characters of ASCII'),
    name: z.string().exactOptional(),
    jwks: z.object({ keys: z.array(z.record(z.string(), z.unknown())).min(1) }),
    redirectUris: z.array(z.url()).min(1),
    variant: z.enum(['private', 'government']),
    pfPublicKey: pfPublicKey.exactOptional(),
    pfPublicKeyExpiresAt: epochMillis.exactOptional(),
    backchannelLogoutUri: z.url().exactOptional(),
    disabled: z.boolean().exactOptional(),
  })
  .readonly();

export const faultSchema = z.strictObject({
  endpoint: z.enum(SIMULATED_ENDPOINTS),
  name: z.string().min(1),
  times: z.number().int().min(1).max(1000).exactOptional(),
  after: z.number().int().min(0).max(1000).exactOptional(),
  milliseconds: z.number().int().min(0).max(600_000).exactOptional(),
  parameter: z.string().exactOptional(),
  omitDescription: z.boolean().exactOptional(),
  itemAsList: z.boolean().exactOptional(),
});

export const logoutSchema: z.ZodType<LogoutRequest> = z.strictObject({
  person: z.string().exactOptional(),
  sub: z.string().exactOptional(),
  clientId: z.string().exactOptional(),
  typ: z.enum(['JWT', 'logout+jwt']).exactOptional(),
  claims: z.record(z.string(), z.unknown()).exactOptional(),
  fault: z.enum(['alg-none', 'alg-hs256', 'wrong-signature', 'wrong-kid']).exactOptional(),
});

export const revocationSchema = z.strictObject({
  reason: z
    .enum([
      'unspecified',
      'keyCompromise',
      'affiliationChanged',
      'superseded',
      'cessationOfOperation',
      'certificateHold',
    ])
    .default('affiliationChanged'),
});
