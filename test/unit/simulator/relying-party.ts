import { createHash, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose/jwt/sign';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { type CitizenChoice, driveCitizen } from '../../../src/simulator/citizen.ts';
import type {
  PfPublicKey,
  Simulator,
  SimulatorClient,
  SimulatorOptions,
} from '../../../src/simulator/options.ts';
import { startSimulator } from '../../../src/simulator/start-simulator.ts';

/** A small relying party of the tests' own, so that the simulator is not tried with our client alone. */
export const REDIRECT_URI = 'https://rp.invalid/callback';
export const CODE_VERIFIER = 'v'.repeat(43);
export const BASE_TIME = Date.UTC(2026, 10, 22, 3, 0, 0);

export interface TestWorld {
  readonly simulator: Simulator;
  readonly clock: { now: number };
  readonly clientKey: KeyObject;
  readonly pfKey: KeyObject;
}

export interface WorldOptions {
  readonly client?: Partial<SimulatorClient>;
  readonly simulator?: Partial<SimulatorOptions>;
}

const es256 = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

export function pfPublicJwk(key: KeyObject, kid = 'pf-1'): PfPublicKey {
  const { x, y } = key.export({ format: 'jwk' });
  return { kty: 'EC', use: 'enc', alg: 'ECDH-ES', crv: 'P-256', x: x ?? '', y: y ?? '', kid };
}

/** A simulator with client `rp` (private), `gov` (government), `other` and `stopped`, all with one key. */
export async function makeTestWorld(options: WorldOptions = {}): Promise<TestWorld> {
  const clock = { now: BASE_TIME };
  const client = es256();
  const pf = es256();
  const base: SimulatorClient = {
    clientId: 'rp',
    name: '模擬サービス <&>',
    jwks: { keys: [{ ...client.publicKey.export({ format: 'jwk' }), kid: 'client-1' }] },
    redirectUris: [REDIRECT_URI],
    variant: 'private',
    pfPublicKey: pfPublicJwk(pf.publicKey),
    ...options.client,
  };
  const simulator = await startSimulator({
    seed: 'test',
    now: () => clock.now as EpochMillis,
    clients: [
      base,
      { ...base, clientId: 'gov', variant: 'government' },
      { ...base, clientId: 'other' },
      { ...base, clientId: 'stopped', disabled: true },
    ],
    ...options.simulator,
  });
  return { simulator, clock, clientKey: client.privateKey, pfKey: pf.privateKey };
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

async function answered(response: Response): Promise<Answered> {
  const text = await response.text();
  const body = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
  return { status: response.status, headers: response.headers, body };
}

export async function assertion(
  world: TestWorld,
  clientId: string,
  claims: Record<string, unknown> = {},
  key: KeyObject = world.clientKey,
): Promise<string> {
  const now = Math.floor(world.clock.now / 1000);
  const audience = `${world.simulator.issuer}/protocol/openid-connect/token`;
  const all = { iss: clientId, sub: clientId, aud: audience, jti: randomUUID(), exp: now + 60, ...claims };
  return new SignJWT(all).setProtectedHeader({ alg: 'ES256', kid: 'client-1' }).sign(key);
}

/** Posts to the token endpoint with a good assertion of `clientId`; undefined in `form` removes a parameter. */
export async function postToken(
  world: TestWorld,
  form: Readonly<Record<string, string | undefined>>,
  clientId = 'rp',
): Promise<Answered> {
  const all: Record<string, string | undefined> = {
    client_id: clientId,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await assertion(world, clientId),
    ...form,
  };
  const present = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return answered(
    await fetch(`${world.simulator.issuer}/protocol/openid-connect/token`, {
      method: 'POST',
      body: new URLSearchParams(present),
    }),
  );
}

export async function clientToken(world: TestWorld, clientId = 'rp'): Promise<string> {
  const { body } = await postToken(world, { grant_type: 'client_credentials', scope: 'sign' }, clientId);
  return String(body['access_token']);
}

export async function get(world: TestWorld, path: string, token?: string): Promise<Answered> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return answered(await fetch(world.simulator.url + path, { headers }));
}

export async function postStart(world: TestWorld, token: string, body: unknown): Promise<Answered> {
  return answered(
    await fetch(`${world.simulator.url}/api/sign-transactions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }),
  );
}

export const sha256 = (octets: Uint8Array | string) => createHash('sha256').update(octets).digest();
export const DIGEST_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');
export const DOCUMENT = Buffer.from('利用規約に同意します。');
export const PLAIN_DATA = sha256(DOCUMENT).toString('base64');
export const DIGEST_INFO_DATA = Buffer.concat([DIGEST_INFO, sha256(DOCUMENT)]).toString('base64');

export const startBody = (data: string, clientId = 'rp') => ({
  client_id: clientId,
  name: '利用規約',
  code: 'ABCD-1234',
  data,
});

export async function openTransaction(world: TestWorld, data: string, clientId = 'rp'): Promise<string> {
  const { body } = await postStart(world, await clientToken(world, clientId), startBody(data, clientId));
  return String(body['sign_transaction_id']);
}

/** The authorization URL; undefined removes a parameter. */
export function authorizationUrl(
  world: TestWorld,
  parameters: Readonly<Record<string, string | undefined>> = {},
): string {
  const url = new URL(`${world.simulator.issuer}/protocol/openid-connect/auth`);
  const all: Record<string, string | undefined> = {
    response_type: 'code',
    client_id: 'rp',
    redirect_uri: REDIRECT_URI,
    scope: 'openid sign',
    state: 'state-1',
    nonce: 'nonce-1',
    code_challenge: sha256(CODE_VERIFIER).toString('base64url'),
    code_challenge_method: 'S256',
    acr_values: 'aal3 crl',
    ...parameters,
  };
  for (const [name, value] of Object.entries(all)) if (value !== undefined) url.searchParams.set(name, value);
  return url.href;
}

export function redirected(location: string): Record<string, string> {
  return Object.fromEntries(new URL(location).searchParams);
}

export async function exchange(world: TestWorld, code: string, clientId = 'rp'): Promise<Answered> {
  return postToken(
    world,
    { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI, code_verifier: CODE_VERIFIER },
    clientId,
  );
}

/** Start, authorize, exchange: everything up to a token that may fetch the result. */
export async function signOnce(
  world: TestWorld,
  choice: CitizenChoice & {
    readonly clientId?: string;
    readonly data?: string;
    readonly scope?: string;
  } = {},
): Promise<{ readonly id: string; readonly tokens: Record<string, unknown>; readonly accessToken: string }> {
  const clientId = choice.clientId ?? 'rp';
  const id = await openTransaction(world, choice.data ?? DIGEST_INFO_DATA, clientId);
  const scope = choice.scope ?? 'openid sign';
  const url = authorizationUrl(world, { client_id: clientId, sign_transaction_id: id, scope });
  const { code } = redirected(await driveCitizen(url, choice));
  const { body } = await exchange(world, code ?? '', clientId);
  return { id, tokens: body, accessToken: String(body['access_token']) };
}

export const resultPath = (id: string) => `/api/sign-transactions/${id}/result`;
export const USERINFO_PATH = '/api/realms/main/protocol/openid-connect/userinfo';
