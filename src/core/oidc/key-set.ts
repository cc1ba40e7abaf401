import { JitsuinError } from '../errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/strict-json.ts';

/** Algorithms of ID and logout tokens. The service uses ES256 only; RS256 is for a broker that is configured so. */
export type TokenAlgorithm = 'ES256' | 'RS256';

/** Public parameters of an EC or RSA key (RFC 7518 sections 6.2.1 and 6.3.1), nothing else. */
export interface PublicJwk {
  readonly kty: string;
  readonly alg: TokenAlgorithm;
  readonly crv?: string;
  readonly x?: string;
  readonly y?: string;
  readonly n?: string;
  readonly e?: string;
}

/** A public key that can verify tokens: its `kid` is known and its `alg` is pinned. */
export interface VerificationKey {
  readonly kid: string;
  readonly alg: TokenAlgorithm;
  readonly jwk: PublicJwk;
}

/**
 * The keys of a JWK Set (RFC 7517 section 5) that can verify tokens of the pinned algorithm. Never empty, no `kid`
 * twice.
 */
export interface KeySet {
  readonly keys: readonly VerificationKey[];
  /** Keys whose private part the set shows; they verify nothing, since anyone could sign with them. */
  readonly exposed?: number;
}

/** Private or symmetric parameters (RFC 7518 sections 6.2.2, 6.3.2 and 6.4). */
const PRIVATE_PARAMETERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

const MAX_KEYS = 100;
const PARAMETERS = { ES256: ['crv', 'x', 'y'], RS256: ['n', 'e'] } as const;

/**
 * Parsed JSON of the JWK Set endpoint → the keys that can verify tokens of `algorithm`. The key must say so itself
 * (guideline, IDトークンの検証: alg of the key too); `if-present` is for a broker whose keys do not. Keys of other kinds
 * are left out; only public parameters are kept.
 * @throws JitsuinError `oidc.token-key` when it is no key set, holds no such key, or one `kid` twice
 */
export function readKeySet(
  json: JsonValue | undefined,
  algorithm: TokenAlgorithm = 'ES256',
  named: 'required' | 'if-present' = 'required',
): KeySet {
  const list = isJsonObject(json) ? json['keys'] : undefined;
  if (!isList(list) || list.length > MAX_KEYS) throw refused('The JWK Set has no list of keys.');
  const hidden = list.filter(isJsonObject).filter((jwk) => !isExposed(jwk));
  const exposed = list.filter((jwk) => isJsonObject(jwk) && isExposed(jwk)).length;
  const keys = hidden.flatMap((jwk) => verificationKey(jwk, algorithm, named));
  if (keys.length === 0) throw refused(`The JWK Set holds no ${algorithm} key.`);
  if (new Set(keys.map((key) => key.kid)).size !== keys.length)
    throw refused('The JWK Set holds one kid twice.');
  return exposed === 0 ? { keys } : { keys, exposed };
}

function isExposed(jwk: JsonObject): boolean {
  return PRIVATE_PARAMETERS.some((name) => Object.hasOwn(jwk, name));
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function verificationKey(
  jwk: JsonObject,
  alg: TokenAlgorithm,
  named: 'required' | 'if-present',
): readonly VerificationKey[] {
  const kid = jwk['kid'];
  const operations = jwk['key_ops'];
  const fits =
    typeof kid === 'string' &&
    kid !== '' &&
    (jwk['alg'] === alg || (named === 'if-present' && jwk['alg'] === undefined)) &&
    (jwk['use'] === undefined || jwk['use'] === 'sig') &&
    (operations === undefined || (isList(operations) && operations.includes('verify'))) &&
    (alg === 'ES256' ? jwk['kty'] === 'EC' && jwk['crv'] === 'P-256' : isStrongRsa(jwk));
  if (!fits) return [];
  const parameters = PARAMETERS[alg].map((name) => [name, jwk[name]] as const);
  if (!parameters.every(([, value]) => typeof value === 'string')) return [];
  return [{ kid, alg, jwk: { kty: alg === 'ES256' ? 'EC' : 'RSA', alg, ...Object.fromEntries(parameters) } }];
}

function isStrongRsa(jwk: JsonObject): boolean {
  const modulus = jwk['n'];
  return (
    jwk['kty'] === 'RSA' && typeof modulus === 'string' && Buffer.from(modulus, 'base64url').length >= 256
  );
}

function refused(message: string): JitsuinError {
  return new JitsuinError('oidc.token-key', message, { at: 'jwks' });
}
