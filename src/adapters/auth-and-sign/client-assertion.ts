import { toBase64Url } from '../../core/encoding.ts';
import type { AuthAndSignOptions } from './options.ts';

/**
 * `iat` lies so far back, and `exp` so far ahead, that a clock 15 s off is refused by nobody who takes a minute's
 * assertions.
 */
const BACK_SECONDS = 15;
const AHEAD_SECONDS = 40;
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** How a request to the token endpoint proves which client sends it. */
interface ClientProof {
  readonly form: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The proof of this client: an assertion, or the secret that a broker demands. Basic: both parts are form-encoded first
 * (RFC 6749 section 2.3.1).
 */
export async function clientAuthentication(
  options: AuthAndSignOptions,
  tokenEndpoint: string,
): Promise<ClientProof> {
  const { clientId, clientSecret } = options;
  if (clientSecret === undefined) return { form: await assertion(options, tokenEndpoint), headers: {} };
  const { method, secret } = clientSecret;
  if (method === 'client_secret_post') {
    return { form: { client_id: clientId, client_secret: secret }, headers: {} };
  }
  const pair = [clientId, secret].map(formEncoded).join(':');
  const authorization = `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`;
  return { form: {}, headers: { authorization } };
}

function formEncoded(text: string): string {
  return new URLSearchParams({ t: text }).toString().slice(2);
}

/**
 * Form fields of private_key_jwt (OpenID Connect Core 9; RFC 7523 section 3): a new assertion for every request, with a
 * jti of 128 bits that is used once, living one minute.
 */
async function assertion(
  options: AuthAndSignOptions,
  tokenEndpoint: string,
): Promise<Readonly<Record<string, string>>> {
  const now = Math.floor(options.clock.now() / 1000);
  const signed = await options.clientKeys.signAssertion({
    iss: options.clientId,
    sub: options.clientId,
    aud: options.assertionAudience ?? tokenEndpoint,
    jti: toBase64Url(options.random.octets(16)),
    iat: now - BACK_SECONDS,
    exp: now + AHEAD_SECONDS,
  });
  return { client_id: options.clientId, client_assertion_type: ASSERTION_TYPE, client_assertion: signed };
}
