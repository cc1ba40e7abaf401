import type { JWTPayload } from 'jose';
import { decodeProtectedHeader } from 'jose/decode/protected_header';
import { compactVerify } from 'jose/jws/compact/verify';
import { decodeJwt } from 'jose/jwt/decode';
import { importJWK } from 'jose/key/import';
import { defined } from '../../core/defined.ts';
import { compactParts } from '../../core/encoding.ts';
import type { Bilingual, Explanation } from '../explanation.ts';
import type { PublicJwk, SimulatorClient } from '../options.ts';
import type { World } from './world.ts';

/** The value of `client_assertion_type` (RFC 7523 section 2.2). */
export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** A `jti` is remembered at least this long, in seconds; longer when the assertion lives longer. */
const REMEMBER_SECONDS = 3600;
/** ASSUMPTION: by how much a client's clock may be ahead, and for how long an assertion is good; seconds (Keycloak). */
const SKEW = 15;
const MOST_LIFE = 60;

const KEYCLOAK = 'Keycloak, whose sentences the guideline prints';
const RFC7523 = 'RFC 7523 section 3';

/**
 * private_key_jwt (OpenID Connect Core section 9): iss = sub = client_id, aud the token endpoint or the issuer and
 * nothing else, exp, jti once, RS256 or ES256 by one of the registered keys. `kid` and `iat` are not demanded (facts
 * 2.1). ASSUMPTION: where the guideline is silent, as strict as Keycloak is (facts clients.md 5). Out: what is wrong,
 * undefined when nothing is.
 */
export async function assertionFault(
  world: World,
  client: SimulatorClient,
  assertion: string,
): Promise<Explanation | undefined> {
  const read = readAssertion(assertion);
  if (read === undefined) {
    return fault(
      '',
      { en: 'it is no JWT in compact form', ja: 'コンパクト形式の JWT ではありません' },
      KEY_RULE,
      RFC7523,
    );
  }
  const unsigned = await signatureFault(client, assertion, read.header);
  return unsigned ?? claimsFault(world, client, read.claims);
}

const KEY_RULE: Bilingual = {
  en: 'a JWT signed with ES256 or RS256 by a registered key',
  ja: '登録した鍵で ES256 または RS256 により署名した JWT が要ります',
};

interface Read {
  readonly header: { readonly alg?: string; readonly kid?: string };
  readonly claims: JWTPayload;
}

function readAssertion(assertion: string): Read | undefined {
  try {
    compactParts(assertion, 3);
    const { alg, kid } = decodeProtectedHeader(assertion);
    return { header: defined({ alg, kid }), claims: decodeJwt(assertion) };
  } catch {
    return undefined;
  }
}

async function signatureFault(
  client: SimulatorClient,
  assertion: string,
  { alg, kid }: Read['header'],
): Promise<Explanation | undefined> {
  if (alg !== 'ES256' && alg !== 'RS256') {
    return fault('alg', { en: `it is "${alg ?? '-'}"`, ja: `「${alg ?? '-'}」です` }, KEY_RULE, RFC7523);
  }
  const { keys } = client.jwks;
  const named = keys.filter((key) => kid === undefined || key['kid'] === undefined || key['kid'] === kid);
  if (named.length === 0) {
    const registered = keys.map((key) => String(key['kid'])).join(', ');
    const came = { en: `there is no key "${kid}"`, ja: `鍵「${kid}」は登録されていません` };
    const rule = { en: `registered are ${registered}`, ja: `登録済みは ${registered} です` };
    return fault('kid', came, rule, `${KEYCLOAK}: "Unable to load public key"`);
  }
  for (const key of named) if (await verifies(assertion, key, alg)) return undefined;
  const came = { en: 'no registered key verifies it', ja: '登録済みのどの鍵でも検証できません' };
  return fault('signature', came, KEY_RULE, RFC7523);
}

async function verifies(assertion: string, jwk: PublicJwk, alg: 'ES256' | 'RS256'): Promise<boolean> {
  if (jwk['kty'] !== (alg === 'ES256' ? 'EC' : 'RSA')) return false;
  try {
    await compactVerify(assertion, await importJWK({ ...jwk }, alg), { algorithms: [alg] });
    return true;
  } catch {
    return false;
  }
}

function claimsFault(world: World, client: SimulatorClient, claims: JWTPayload): Explanation | undefined {
  const refused = partiesFault(world, client, claims) ?? timesFault(world, claims);
  if (refused !== undefined) return refused;
  const { jti } = claims;
  if (typeof jti !== 'string' || jti === '') {
    const came = { en: 'it is missing', ja: 'ありません' };
    const rule = { en: 'each assertion has one of its own', ja: 'アサーションごとに新しい値が要ります' };
    return fault('jti', came, rule, `${KEYCLOAK}: "Token jti claim is required"`);
  }
  return useOnce(world, client, jti, Number(claims.exp));
}

function partiesFault(world: World, client: SimulatorClient, claims: JWTPayload): Explanation | undefined {
  for (const name of ['iss', 'sub'] as const) {
    if (claims[name] === client.clientId) continue;
    const came = { en: 'it is not the client_id', ja: 'client_id と違います' };
    const rule = {
      en: `iss and sub are both "${client.clientId}"`,
      ja: `iss と sub はどちらも「${client.clientId}」です`,
    };
    return fault(name, claims[name] === undefined ? MISSING : came, rule, RFC7523);
  }
  const endpoint = `${world.issuer}/protocol/openid-connect/token`;
  const audiences = Array.isArray(claims.aud) ? claims.aud : claims.aud === undefined ? [] : [claims.aud];
  const rule = {
    en: `one audience: ${endpoint} (or ${world.issuer})`,
    ja: `宛先は1つだけ: ${endpoint}(または ${world.issuer})`,
  };
  const [only] = audiences;
  if (audiences.length > 1) {
    const came = { en: `there are ${audiences.length}`, ja: `${audiences.length}件あります` };
    return fault('aud', came, rule, `${KEYCLOAK}: "Multiple audiences not allowed"`, true);
  }
  if (only === endpoint || only === world.issuer) return undefined;
  const came = { en: `it is "${String(only).slice(0, 300)}"`, ja: `「${String(only).slice(0, 300)}」です` };
  return fault('aud', only === undefined ? MISSING : came, rule, `${KEYCLOAK}: "Invalid token audience"`);
}

const MISSING: Bilingual = { en: 'it is missing', ja: 'ありません' };
const seconds = (value: number): Bilingual => ({
  en: `it is ${Math.abs(value)} s ${value < 0 ? 'ago' : 'ahead'} by the service's clock`,
  ja: `サービスの時計で ${Math.abs(value)} 秒${value < 0 ? '前' : '先'}です`,
});

function timesFault(world: World, { exp, nbf, iat }: JWTPayload): Explanation | undefined {
  const now = Math.floor(world.now() / 1000);
  const living = { en: 'exp lies ahead, nbf does not', ja: 'exp は未来、nbf は過去でなければなりません' };
  if (typeof exp !== 'number')
    return fault('exp', MISSING, living, `${KEYCLOAK}: "Token exp claim is required"`);
  const inactive = `${KEYCLOAK}: "Token is not active"; RFC 7523 section 3`;
  if (exp <= now) return fault('exp', seconds(exp - now), living, inactive);
  if (typeof nbf === 'number' && nbf > now + SKEW)
    return fault('nbf', seconds(nbf - now), living, inactive, true);
  if (typeof iat !== 'number') {
    if (exp - now <= MOST_LIFE) return undefined;
    const rule = {
      en: `without iat, exp is at most ${MOST_LIFE} s ahead`,
      ja: `iat がないとき exp は ${MOST_LIFE} 秒先までです`,
    };
    const source = `${KEYCLOAK}: "Token expiration is too far in the future and iat claim not present in token"`;
    return fault('exp', seconds(exp - now), rule, source, true);
  }
  if (iat > now + SKEW) {
    const rule = {
      en: `iat is at most ${SKEW} s ahead: set the clock`,
      ja: `iat は ${SKEW} 秒先までです。時計を合わせてください`,
    };
    return fault('iat', seconds(iat - now), rule, `${KEYCLOAK}: "Token was issued in the future"`, true);
  }
  if (now - iat <= MOST_LIFE) return undefined;
  const rule = {
    en: `iat is at most ${MOST_LIFE} s ago: make one for each request`,
    ja: `iat は ${MOST_LIFE} 秒前までです。毎回新しく作ってください`,
  };
  return fault('iat', seconds(iat - now), rule, `${KEYCLOAK}: "Token was issued too far in the past"`, true);
}

function useOnce(world: World, client: SimulatorClient, jti: string, exp: number): Explanation | undefined {
  const id = `${client.clientId} ${jti}`;
  if (world.assertionIds.get(id)) {
    const came = { en: 'it was used already', ja: '使用済みです' };
    const rule = {
      en: 'each assertion is used once: make one for each request',
      ja: '1回しか使えません。毎回新しく作ってください',
    };
    return fault('jti', came, rule, `${KEYCLOAK}: "Token reuse detected"; ${RFC7523}`, true);
  }
  const left = exp - Math.floor(world.now() / 1000);
  world.assertionIds.set(id, true, Math.max(left + MOST_LIFE, REMEMBER_SECONDS));
  return undefined;
}

function fault(
  claim: string,
  came: Bilingual,
  rule: Bilingual,
  source: string,
  assumption = false,
): Explanation {
  const parameter = claim === '' ? 'client_assertion' : `client_assertion ${claim}`;
  return assumption ? { parameter, came, rule, source, assumption } : { parameter, came, rule, source };
}
