import { z } from 'zod';
import { defined } from '../../core/defined.ts';
import { JitsuinError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json/strict-json.ts';
import type { UserInfo } from '../../ports/auth-and-sign.ts';
import type { HttpResponse } from '../../ports/http-client.ts';
import type { AuthAndSignOptions } from './options.ts';
import { badAnswer, processJsonResponse } from './response.ts';

const TEXT = z.string().max(1_000);

/**
 * Members as the service seems to send them (facts 1.5: flat address, YYYYMMDD, 1 or 2), and as OpenID Connect Core 5.1
 * has them (address object, YYYY-MM-DD, male or female). Not asked for means absent.
 */
const USER_INFO = z.object({
  name: TEXT.optional(),
  address: z
    .union([TEXT, z.object({ formatted: TEXT }).transform((address) => address.formatted)])
    .optional(),
  birthdate: z
    .string()
    .regex(/^\d{4}-?\d{2}-?\d{2}$/)
    .transform((date) => date.replaceAll('-', ''))
    .optional(),
  gender: z
    .union([TEXT, z.number().transform(String)])
    .transform((gender) => GENDERS.get(gender) ?? gender)
    .optional(),
});

const GENDERS: ReadonlyMap<string, string> = new Map([
  ['male', '1'],
  ['female', '2'],
]);

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
 * @throws JitsuinError of the guideline's UserInfo row, `oidc.subject`, `upstream.response`
 */
export function processUserInfoResponse(response: HttpResponse, expectedSubject: string): UserInfo {
  const body = processJsonResponse('userinfo', response);
  if (expectedSubject === '' || body['sub'] !== expectedSubject) {
    throw new JitsuinError('oidc.subject', 'UserInfo is about somebody else; it was discarded unread.', {
      at: 'userinfo',
    });
  }
  return { subject: expectedSubject, ...readAttributes(body, 'userinfo') };
}

/**
 * The four attributes among the members of UserInfo or of an ID token.
 * @throws JitsuinError `upstream.response`
 */
export function readAttributes(
  members: JsonObject,
  endpoint: 'userinfo' | 'token',
): Omit<UserInfo, 'subject'> {
  const read = USER_INFO.safeParse(members);
  if (!read.success) throw badAnswer(endpoint);
  const { name, address, birthdate, gender } = read.data;
  return defined({
    name,
    address,
    birthdate,
    gender,
  });
}
