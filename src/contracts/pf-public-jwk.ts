import { z } from 'zod';

const coordinate = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

/**
 * The public JWK of a platform operator as it is registered at the service: exactly the seven members of the
 * guideline's table 公開鍵について. A JWK with `d` or any other member is refused.
 */
export const pfPublicJwkSchema = z.strictObject({
  kty: z.literal('EC'),
  use: z.literal('enc'),
  alg: z.literal('ECDH-ES'),
  crv: z.literal('P-256'),
  x: coordinate,
  y: coordinate,
  kid: z.string().regex(/^[\x21-\x7e]{1,255}$/),
});
export type PfPublicJwk = z.infer<typeof pfPublicJwkSchema>;
