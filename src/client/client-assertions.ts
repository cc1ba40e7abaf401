import { SignJWT } from 'jose/jwt/sign';
import { importJWK } from 'jose/key/import';

const LIFE_SECONDS = 60;

/** A private JWK with `kid` and `alg` (ES256 or RS256), whose public half is registered at the platform operator. */
export interface ClientKey {
  readonly kid: string;
  readonly alg: string;
  readonly kty: string;
  readonly [member: string]: unknown;
}

/**
 * The bearer of a platform operator's tenant: a JWT of its own for each request (the claims of RFC 7523 section 3),
 * good for a minute and used once.
 */
export function clientAssertions(options: {
  readonly clientId: string;
  readonly key: ClientKey;
  /** The platform operator's public URL. */
  readonly audience: string;
}): () => Promise<string> {
  const { clientId, key, audience } = options;
  const imported = importJWK(key, key.alg);
  return async () =>
    new SignJWT()
      .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'JWT' })
      .setIssuer(clientId)
      .setSubject(clientId)
      .setAudience(audience)
      .setJti(crypto.randomUUID())
      .setIssuedAt()
      .setExpirationTime(`${LIFE_SECONDS} s`)
      .sign(await imported);
}
