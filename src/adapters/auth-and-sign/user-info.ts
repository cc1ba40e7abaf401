import { z } from 'zod';
import { defined } from '../../core/defined.ts';
import { fromUtf8 } from '../../core/encoding.ts';
import { JitsuinError } from '../../core/errors.ts';
import type { JsonObject, JsonValue } from '../../core/json/strict-json.ts';
import type { UserInfo } from '../../ports/auth-and-sign.ts';
import type { HttpResponse } from '../../ports/http-client.ts';
import type { AuthAndSignOptions } from './options.ts';
import { processJsonResponse } from './response.ts';

const TEXT = z.string().trim().min(1).max(1_000);

/** OpenID Connect Core 5.1.1: any of them may come; read from the country down to the house. */
const ADDRESS_PARTS = ['country', 'postal_code', 'region', 'locality', 'street_address'] as const;
const ADDRESS = z.union([
  TEXT,
  z.record(z.string(), z.unknown()).transform((address, context) => {
    const text = (member: string) => TEXT.safeParse(address[member]).data;
    const parts = ADDRESS_PARTS.flatMap((member) => text(member) ?? []);
    const whole = text('formatted') ?? parts.join(' ');
    if (whole === '') context.addIssue('empty');
    return whole;
  }),
]);

const GENDERS: ReadonlyMap<string, string> = new Map([
  ['male', '1'],
  ['female', '2'],
]);

/**
 * The four attributes as the service seems to send them (facts 1.5: flat address, YYYYMMDD, 1 or 2), and as OpenID
 * Connect Core 5.1 has them (address object, YYYY-MM-DD, 0000-MM-DD or YYYY, male or female).
 */
const CLAIMS = {
  name: TEXT,
  address: ADDRESS,
  birthdate: z
    .string()
    .regex(/^\d{4}(?:-?\d{2}-?\d{2})?$/)
    .transform((date) => date.replaceAll('-', '').padEnd(8, '0')),
  gender: z.union([TEXT, z.number().transform(String)]).transform((gender) => GENDERS.get(gender) ?? gender),
};

type Claim = keyof typeof CLAIMS;
const CLAIM_NAMES: readonly Claim[] = ['name', 'address', 'birthdate', 'gender'];

/** [18] Asks for the attributes with the citizen's access token. Safe to repeat. */
export async function userInfoRequest(
  options: AuthAndSignOptions,
  userinfoEndpoint: string,
  accessToken: string,
): Promise<HttpResponse> {
  const headers = { authorization: `Bearer ${accessToken}` };
  return options.http.send({ method: 'GET', url: userinfoEndpoint, headers });
}

/**
 * [19] Judges the attributes: `sub` must be the one of the verified ID token, else they are discarded unread (OpenID
 * Connect Core 5.3.2).
 * @throws JitsuinError of the guideline's UserInfo row, `oidc.subject`, `oidc.user-info`, `upstream.response`
 */
export function processUserInfoResponse(
  options: Pick<AuthAndSignOptions, 'log' | 'scope'>,
  response: HttpResponse,
  expectedSubject: string,
): UserInfo {
  if (response.status === 200 && isJwt(response.body)) throw jwt();
  const body = processJsonResponse('userinfo', response);
  if (expectedSubject === '' || body['sub'] !== expectedSubject) {
    throw new JitsuinError('oidc.subject', 'UserInfo is about somebody else; it was discarded unread.', {
      at: 'userinfo',
    });
  }
  return { subject: expectedSubject, ...readAttributes(options, body) };
}

/**
 * The four attributes among the members of UserInfo or of an ID token. Every claim is voluntary (OpenID Connect Core
 * 5.5.1): what was asked for and is missing, and what says nothing that can be used, is left out and named in the log.
 */
export function readAttributes(
  { log, scope = [] }: Pick<AuthAndSignOptions, 'log' | 'scope'>,
  members: JsonObject,
): Omit<UserInfo, 'subject'> {
  const read = CLAIM_NAMES.map((name) => ({
    name,
    ...readClaim(name, members[name], isAskedFor(name, scope)),
  }));
  const leftOut = read.flatMap(({ name, fault }) => (fault === undefined ? [] : [`${name}:${fault}`]));
  if (leftOut.length > 0) log?.warn('login.claims-left-out', { claims: leftOut.join(' ') });
  return defined(Object.fromEntries(read.map(({ name, value }) => [name, value])));
}

function readClaim(
  name: Claim,
  value: JsonValue | undefined,
  asked: boolean,
): { value?: string; fault?: string } {
  if (value === undefined) return asked ? { fault: 'missing' } : {};
  if (value === null || value === '') return { fault: 'empty' };
  const read = CLAIMS[name].safeParse(value);
  return read.success ? { value: read.data } : { fault: 'form' };
}

/** By the service's own scopes, or by those of OpenID Connect Core 5.4. */
function isAskedFor(claim: Claim, scope: readonly string[]): boolean {
  return scope.includes(claim) || (claim !== 'address' && scope.includes('profile'));
}

/** A compact JWS or JWE, whatever Content-Type it came under (OpenID Connect Core 5.3.2). */
function isJwt(body: Uint8Array): boolean {
  try {
    return /^\s*eyJ[\w-]*(?:\.[\w-]*){2,4}\s*$/.test(fromUtf8(body));
  } catch {
    return false;
  }
}

function jwt(): JitsuinError {
  return new JitsuinError('oidc.user-info', 'UserInfo came as a JWT; only JSON is read.', { at: 'userinfo' });
}
