import { decodeProtectedHeader } from 'jose/decode/protected_header';
import { jwtVerify } from 'jose/jwt/verify';
import { importJWK } from 'jose/key/import';
import { compactParts } from '../../core/encoding.ts';
import type { PublicJwk, SimulatorClient } from '../options.ts';
import type { World } from './world.ts';

/** The value of `client_assertion_type` (RFC 7523 section 2.2). */
export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** A `jti` is remembered at least this long, in seconds; longer when the assertion lives longer. */
const REMEMBER_SECONDS = 3600;

/**
 * private_key_jwt (OpenID Connect Core section 9): iss = sub = client_id, aud the token endpoint or the issuer,
 * exp, jti once, RS256 or ES256 by one of the registered keys. `kid` and `iat` are not demanded (facts 2.1).
 */
export async function isValidAssertion(
  world: World,
  client: SimulatorClient,
  assertion: string,
): Promise<boolean> {
  const kid = kidOf(assertion);
  const keys = client.jwks.keys.filter(
    (key) => kid === undefined || key['kid'] === undefined || key['kid'] === kid,
  );
  for (const key of keys) {
    const claims = await verifyWith(world, client, assertion, key);
    if (claims !== undefined) return useOnce(world, client, claims);
  }
  return false;
}

interface AssertionClaims {
  readonly jti: string;
  /** Epoch seconds. */
  readonly exp: number;
}

function useOnce(world: World, client: SimulatorClient, { jti, exp }: AssertionClaims): boolean {
  const id = `${client.clientId} ${jti}`;
  if (world.assertionIds.get(id)) return false;
  const left = exp - Math.floor(world.now() / 1000);
  world.assertionIds.set(id, true, Math.max(left + 60, REMEMBER_SECONDS));
  return true;
}

async function verifyWith(
  world: World,
  client: SimulatorClient,
  assertion: string,
  jwk: PublicJwk,
): Promise<AssertionClaims | undefined> {
  try {
    compactParts(assertion, 3);
    const alg = jwk['kty'] === 'EC' ? 'ES256' : 'RS256';
    const { payload } = await jwtVerify(assertion, await importJWK({ ...jwk }, alg), {
      algorithms: [alg],
      issuer: client.clientId,
      subject: client.clientId,
      audience: [`${world.issuer}/protocol/openid-connect/token`, world.issuer],
      currentDate: new Date(world.now()),
      requiredClaims: ['exp', 'jti'],
    });
    const { jti, exp } = payload;
    return jti === undefined || exp === undefined ? undefined : { jti, exp };
  } catch {
    return undefined;
  }
}

function kidOf(assertion: string): string | undefined {
  try {
    return decodeProtectedHeader(assertion).kid;
  } catch {
    return undefined;
  }
}
