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

const TEXT = z.string().min(1).max(16_384);

/** RFC 6749 section 5.1; numbers as text are tolerated. Other members are not looked at. */
const TOKEN_RESPONSE = z.object({
  access_token: TEXT,
  token_type: z
    .string()
    .regex(/^bearer$/i)
    .optional(),
  expires_in: z.coerce.number().positive().max(31_536_000).optional(),
  refresh_token: TEXT.optional(),
  id_token: TEXT.optional(),
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
    expiresAt: (now + (expires_in ?? UNSAID_LIFETIME) * 1000) as EpochMillis,
  });
}
