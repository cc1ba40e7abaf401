import { createHash } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { type ApiScope, scopeOf } from '../contracts/operations/operation.ts';
import type { TenantId } from '../core/brand.ts';
import { equalOctets } from '../core/digest/sha256.ts';
import { JitsuinError } from '../core/errors.ts';
import type { RateLimit } from '../ports/rate-limit.ts';

/** Who asks, and what the credential is limited to; everything of the tenant's when absent. */
export interface Caller {
  readonly tenant: TenantId;
  readonly scopes?: readonly ApiScope[];
}

/**
 * Judges the bearer credential of a request whose body has so many octets. Undefined when it is not accepted, for
 * whatever reason.
 */
export type TenantJudge = (bearer: string, octets?: number) => Promise<Caller | undefined>;

/** The scheme is case-insensitive (RFC 9110 section 11.1). */
const BEARER = /^bearer ([\x21-\x7e]{1,8192})$/i;

/**
 * Asks for `Authorization: Bearer …` before the body is read; every refusal looks the same (401), and a credential
 * without the scope is 403. `scopes`: of this route, where its method does not say it.
 */
export function authenticate(
  judge: TenantJudge,
  scopes: { readonly get?: ApiScope; readonly change?: ApiScope } = {},
): RequestHandler {
  return async (request, response, next) => {
    const bearer = BEARER.exec(request.get('Authorization') ?? '')?.[1];
    const caller = bearer === undefined ? undefined : await judge(bearer, bodyLength(request));
    if (caller === undefined) {
      throw new JitsuinError(
        'http.authentication',
        'The Authorization header names no tenant that is known here.',
      );
    }
    const method = request.method === 'GET' || request.method === 'HEAD' ? 'get' : 'post';
    const scope = (method === 'get' ? scopes.get : scopes.change) ?? scopeOf({ method });
    if (caller.scopes?.includes(scope) === false) {
      throw new JitsuinError('http.forbidden', `This API key has not the scope "${scope}".`);
    }
    response.locals['tenant'] = caller.tenant;
    response.locals['scopes'] = caller.scopes;
    next();
  };
}

/** A body that does not say its length counts as one of this many octets. */
const UNKNOWN_LENGTH = 1024 * 1024;
/** A rate counts octets too: so many of a body are one request more. */
const OCTETS_A_POINT = 64 * 1024;

function bodyLength(request: Request): number {
  if (request.get('Transfer-Encoding') !== undefined) return UNKNOWN_LENGTH;
  return Number(request.get('Content-Length') ?? 0);
}

/** The tenant that `authenticate` found. */
export function tenantOf(response: Response): TenantId {
  const tenant: unknown = response.locals['tenant'];
  if (typeof tenant !== 'string')
    throw new JitsuinError('http.authentication', 'No tenant was authenticated.');
  return tenant as TenantId;
}

/** Whether the credential that `authenticate` found goes so far; one without scopes goes everywhere. */
export function hasScope(response: Response, scope: ApiScope): boolean {
  const scopes: unknown = response.locals['scopes'];
  return !Array.isArray(scopes) || scopes.includes(scope);
}

interface ApiKeyTenant extends Caller {
  /** Hex SHA-256 of the API key (at least 128 random bits); the key itself is not kept. */
  readonly apiKeySha256: string;
}

/** API keys, hashed at rest; compared in constant time over all tenants. */
export function apiKeyTenants(tenants: readonly ApiKeyTenant[]): TenantJudge {
  const known = tenants.map(({ apiKeySha256, ...caller }) => ({
    caller,
    hash: Buffer.from(apiKeySha256, 'hex'),
  }));
  return async (bearer) => {
    const hash = createHash('sha256').update(bearer, 'utf8').digest();
    let found: Caller | undefined;
    for (const candidate of known) {
      if (equalOctets(candidate.hash, hash)) found = candidate.caller;
    }
    return found;
  };
}

/**
 * The same judge with a bounded number of requests for each tenant; one tenant's storm is not another's (catalogue
 * A17).
 * @throws JitsuinError (from the judge) `http.rate`
 */
export function limitedTenants(judge: TenantJudge, limit: RateLimit): TenantJudge {
  return async (bearer, octets = 0) => {
    const caller = await judge(bearer);
    const points = 1 + Math.floor(octets / OCTETS_A_POINT);
    const wait = caller === undefined ? undefined : await limit.take(caller.tenant, points);
    if (wait === undefined) return caller;
    const retryAfter = Math.ceil(wait / 1000);
    throw new JitsuinError('http.rate', 'This tenant has sent too many requests; see Retry-After.', {
      retryAfter,
    });
  };
}
