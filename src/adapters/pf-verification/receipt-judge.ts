import { readFile } from 'node:fs/promises';
import { createLocalJWKSet } from 'jose/jwks/local';
import { jwtVerify } from 'jose/jwt/verify';
import type { z } from 'zod';
import { receiptClaimsSchema, receiptJwksSchema } from '../../contracts/verification.ts';
import { compactParts } from '../../core/encoding.ts';
import { JitsuinError } from '../../core/errors.ts';
import { HOUR_MILLIS } from '../../core/spans.ts';
import type { Clock } from '../../ports/clock.ts';
import type { HttpClient } from '../../ports/http-client.ts';
import type { ReceiptJudge } from '../../ports/receipt-judge.ts';
import { jsonOf } from './problem.ts';

export type ReceiptJwks = z.infer<typeof receiptJwksSchema>;

/** Where the public receipt keys come from. `kid`: a key that the set at hand does not have may be asked for. */
export type ReceiptKeys = (kid: string | undefined) => Promise<ReceiptJwks>;

const MAX_ANSWER = 65_536;
const LIFE_MILLIS = HOUR_MILLIS;
/** An unknown `kid` asks again at most this often. */
const AGAIN_MILLIS = 30_000;

/** Judge of receipts (JWS, ES256, `typ` verification-receipt+jwt) that `issuer` has signed. */
export function createReceiptJudge(options: {
  /** The operator's public URL, as it stands in `iss`. */
  readonly issuer: string;
  /** Ours, as it must stand in `aud`, alone. */
  readonly audience: string;
  readonly keys: ReceiptKeys;
  readonly clock: Clock;
}): ReceiptJudge {
  return {
    judge: async (receipt) => {
      const keys = await options.keys(claimedKid(receipt));
      const payload = await verified(receipt, keys, options);
      const claims = receiptClaimsSchema.safeParse(payload);
      if (!claims.success)
        throw invalid('The claims of the receipt do not match their schema (contracts/verification.ts).');
      if (claims.data.aud !== options.audience) throw invalid('The receipt is for another relying party.');
      return claims.data;
    },
  };
}

/** A key is imported once for as long as its set is kept. */
const keySets = new WeakMap<ReceiptJwks, ReturnType<typeof createLocalJWKSet>>();

function keySetOf(jwks: ReceiptJwks): ReturnType<typeof createLocalJWKSet> {
  const known = keySets.get(jwks);
  if (known !== undefined) return known;
  const keys = jwks.keys.map(({ kty, crv, x, y, kid }) => ({ kty, crv, x, y, kid }));
  const made = createLocalJWKSet({ keys });
  keySets.set(jwks, made);
  return made;
}

async function verified(
  receipt: string,
  keys: ReceiptJwks,
  { issuer, clock }: { readonly issuer: string; readonly clock: Clock },
): Promise<unknown> {
  try {
    compactParts(receipt, 3);
    const { payload } = await jwtVerify(receipt, keySetOf(keys), {
      algorithms: ['ES256'],
      typ: 'verification-receipt+jwt',
      issuer,
      currentDate: new Date(clock.now()),
      requiredClaims: ['iss', 'aud', 'iat', 'jti'],
    });
    return payload;
  } catch {
    throw invalid('The receipt is not signed by a receipt key of the platform operator.');
  }
}

/**
 * Keys from the operator's `/.well-known/jwks.json`, kept for an hour; a `kid` that is not among them asks again,
 * at most once in 30 s. A failed question never replaces keys that are still good.
 */
export function fetchedReceiptKeys(options: {
  readonly http: HttpClient;
  readonly url: string;
  readonly clock: Clock;
}): ReceiptKeys {
  let good: { readonly jwks: ReceiptJwks; readonly at: number } | undefined;
  let lastAsked = Number.NEGATIVE_INFINITY;
  return async (kid) => {
    const now = options.clock.now();
    const fresh = good !== undefined && now - good.at < LIFE_MILLIS;
    const known = good?.jwks.keys.some((key) => key.kid === kid) ?? false;
    if (good !== undefined && ((fresh && known) || now - lastAsked < AGAIN_MILLIS)) return good.jwks;
    lastAsked = now;
    good = { jwks: await fetchKeys(options), at: now };
    return good.jwks;
  };
}

async function fetchKeys(options: { readonly http: HttpClient; readonly url: string }): Promise<ReceiptJwks> {
  const response = await options.http.send({
    method: 'GET',
    url: `${options.url.replace(/\/+$/, '')}/.well-known/jwks.json`,
    maxResponseOctets: MAX_ANSWER,
  });
  const parsed = response.status === 200 ? receiptJwksSchema.safeParse(jsonOf(response)) : undefined;
  if (parsed?.success === true) return parsed.data;
  throw new JitsuinError(
    'upstream.response',
    'The receipt keys of the platform operator could not be read.',
    {
      upstream: { status: response.status },
    },
  );
}

/** Keys from a file of ours. @throws JitsuinError `config.invalid` */
export async function receiptKeysFromFile(path: string): Promise<ReceiptKeys> {
  const jwks = await readReceiptKeys(path, 'JITSUIN_PF_RECEIPT_JWKS_FILE');
  return async () => jwks;
}

/**
 * A JWK Set of receipt keys. @param at the setting or option that names the file @throws JitsuinError
 * `config.invalid`
 */
export async function readReceiptKeys(path: string, at: string): Promise<ReceiptJwks> {
  try {
    return receiptJwksSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    throw new JitsuinError('config.invalid', `The file of ${at} is not a JWK Set of public EC P-256 keys.`, {
      at,
      cause,
    });
  }
}

/** Only chooses which keys to have at hand; nothing is believed before the signature is checked. */
function claimedKid(receipt: string): string | undefined {
  try {
    const header: unknown = JSON.parse(
      Buffer.from(receipt.split('.')[0] ?? '', 'base64url').toString('utf8'),
    );
    if (typeof header !== 'object' || header === null || !('kid' in header)) return undefined;
    return typeof header.kid === 'string' ? header.kid : undefined;
  } catch {
    return undefined;
  }
}

function invalid(message: string): JitsuinError {
  return new JitsuinError('receipt.invalid', message);
}
