import { z } from 'zod';
import type { EpochMillis } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import { toUtf8 } from '../../core/encoding.ts';
import type { HttpResponse } from '../../ports/http-client.ts';
import { clientAuthentication } from './client-assertion.ts';
import type { AuthAndSignOptions } from './options.ts';
import { badAnswer, processJsonResponse } from './response.ts';

/** Where the answer does not say `expires_in`, the token is taken to live this long. Seconds. */
const UNSAID_LIFETIME = 60;

/** RFC 6749 gives no upper bound; what is longer is believed for a year. Seconds. */
const LONGEST_LIFETIME = 31_536_000;

const TEXT = z.string().min(1).max(16_384);
/** Some providers write null or nothing where a member should be left out. */
const maybe = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === null || value === '' ? undefined : value), schema.optional());

/** RFC 6749 section 5.1; numbers as text are tolerated. Other members are not looked at. */
const TOKEN_RESPONSE = z.object({
  access_token: TEXT,
  token_type: maybe(z.string().regex(/^bearer$/i)),
  expires_in: maybe(z.coerce.number().nonnegative()).catch(undefined),
  refresh_token: maybe(TEXT),
  id_token: maybe(TEXT),
});

/** A token answer, the ID token not yet judged. Protected data. */
export interface TokenResponse {
  readonly accessToken: string;
  readonly refreshToken?: string;
  readonly idToken?: string;
  readonly expiresAt: EpochMillis;
}

/** Sends a grant with a fresh client assertion. `connection`: `fresh` for what works only once. */
export async function tokenRequest(
  options: AuthAndSignOptions,
  tokenEndpoint: string,
  grant: Readonly<Record<string, string>>,
  connection: 'kept' | 'fresh',
): Promise<HttpResponse> {
  const proof = await clientAuthentication(options, tokenEndpoint);
  const form = new URLSearchParams({ ...grant, ...proof.form });
  return options.http.send({
    method: 'POST',
    url: tokenEndpoint,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...proof.headers },
    body: toUtf8(form.toString()),
    connection,
  });
}

/**
 * Judges the form of a token answer; `now` is when it was asked for.
 * @throws JitsuinError of the guideline's token row, `upstream.response`
 */
export function processTokenResponse(response: HttpResponse, now: EpochMillis): TokenResponse {
  const read = TOKEN_RESPONSE.safeParse(processJsonResponse('token', response));
  if (!read.success) throw badAnswer('token');
  const { access_token, refresh_token, id_token, expires_in } = read.data;
  return defined({
    accessToken: access_token,
    refreshToken: refresh_token,
    idToken: id_token,
    expiresAt: (now + Math.min(expires_in ?? UNSAID_LIFETIME, LONGEST_LIFETIME) * 1000) as EpochMillis,
  });
}
