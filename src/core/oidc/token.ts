import { compactVerify } from 'jose/jws/compact/verify';
import { fromBase64Url, fromUtf8 } from '../encoding.ts';
import { JitsuinError } from '../errors.ts';
import { isJsonObject, type JsonObject, parseStrictJson } from '../json/strict-json.ts';
import type { KeySet, TokenAlgorithm } from './key-set.ts';

/** A JWT read but not believed: three parts, header and claims are JSON objects. */
export interface UnverifiedToken {
  readonly text: string;
  readonly header: JsonObject;
  readonly claims: JsonObject;
}

/** Octets of the longest token that is looked at. */
const MAX_TOKEN_LENGTH = 16_384;

/** Headers that bring a key, or point to one, or change the rules (RFC 7515 sections 4.1.2 to 4.1.11). */
const FOREIGN_KEY_HEADERS = ['jwk', 'jku', 'x5u', 'x5c', 'x5t', 'x5t#S256', 'crit', 'b64'] as const;

/**
 * Splits and parses a JWT (RFC 7519, compact serialization), strict in base64url, UTF-8 and JSON.
 * @throws JitsuinError `oidc.token-type` for what is no JWT, `oidc.token-signature` for one cut off before its
 * signature
 */
export function readToken(text: unknown, at: string): UnverifiedToken {
  if (typeof text !== 'string' || text.length > MAX_TOKEN_LENGTH) throw notAToken(at);
  const [first = '', second = '', third] = text.split('.', 4);
  const header = part(first, at);
  if (third === undefined || text.split('.').length !== 3) {
    throw new JitsuinError('oidc.token-signature', 'The token is not a complete JWS.', { at });
  }
  return { text, header, claims: part(second, at) };
}

function part(encoded: string, at: string): JsonObject {
  const value = parseStrictJson(decoded(encoded, at));
  if (!isJsonObject(value)) throw notAToken(at);
  return value;
}

function decoded(encoded: string, at: string): string {
  try {
    return fromUtf8(fromBase64Url(encoded));
  } catch {
    throw notAToken(at);
  }
}

function notAToken(at: string): JitsuinError {
  return new JitsuinError('oidc.token-type', 'Not a JWT.', { at });
}

/**
 * Proves that the token was signed by a key of the set: `alg` pinned in header and key, `kid` present and in the set,
 * no header that brings a key of its own (guideline, JWT ヘッダ部の検証 and 署名の検証).
 * @throws JitsuinError `oidc.token-signature`, `oidc.token-key`
 */
export async function verifyTokenSignature(
  token: UnverifiedToken,
  keySet: KeySet,
  algorithm: TokenAlgorithm,
  at: string,
): Promise<void> {
  if (token.header['alg'] !== algorithm) {
    throw new JitsuinError('oidc.token-signature', `The token is not signed with ${algorithm}.`, { at });
  }
  if (FOREIGN_KEY_HEADERS.some((name) => Object.hasOwn(token.header, name))) {
    throw new JitsuinError(
      'oidc.token-key',
      'The token header names a key of its own, or critical members.',
      { at },
    );
  }
  const kid = token.header['kid'];
  const key = keySet.keys.find((candidate) => candidate.kid === kid && candidate.alg === algorithm);
  if (key === undefined)
    throw new JitsuinError('oidc.token-key', 'No key of the set has the kid of the token.', { at });
  try {
    fromBase64Url(token.text.slice(token.text.lastIndexOf('.') + 1));
    await compactVerify(token.text, key.jwk, { algorithms: [algorithm] });
  } catch {
    throw new JitsuinError('oidc.token-signature', 'The signature of the token is not valid.', { at });
  }
}
