import { createECDH, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { createGovernmentAuthAndSign } from '../../../src/adapters/auth-and-sign/government-client.ts';
import type { AuthAndSignOptions } from '../../../src/adapters/auth-and-sign/options.ts';
import { createAuthAndSign } from '../../../src/adapters/auth-and-sign/private-client.ts';
import { systemClock } from '../../../src/adapters/clock.ts';
import { createHttpClient } from '../../../src/adapters/http-client/http-client.ts';
import {
  createClientKeys,
  generateClientKey,
  publicClientKey,
} from '../../../src/adapters/keys/client-key.ts';
import { systemRandom } from '../../../src/adapters/random.ts';
import { sha256 } from '../../../src/core/digest/sha256.ts';
import { signingInput } from '../../../src/core/digest/signing-input.ts';
import { toUtf8 } from '../../../src/core/encoding.ts';
import { readCallback } from '../../../src/core/oidc/callback.ts';
import type { AuthAndSign, AuthorizationRequest } from '../../../src/ports/auth-and-sign.ts';
import { type CitizenChoice, driveCitizen } from '../../../src/simulator/citizen.ts';
import type { Simulator } from '../../../src/simulator/options.ts';
import { startSimulator } from '../../../src/simulator/start-simulator.ts';
import { memoryLeases } from './recorded-service.ts';

const CALLBACK = 'https://rp.example/callback';
export const DIGEST = sha256(toUtf8('見本の申請'));
export const DOCUMENT = { displayName: '見本市見本申請', identificationCode: 'A1-B2' };

/** The simulator of this test file; there once `useSimulator` was called and the tests run. */
export let simulator: Simulator;
let options: Record<'RP00000001' | 'RP00000002', AuthAndSignOptions>;
let logoutReceiver: ReturnType<typeof createServer>;
/** Bodies that reached the back-channel logout address. */
export const logoutBodies: string[] = [];

/** Starts the simulator for the file, with a private and a government relying party registered. */
export function useSimulator(): void {
  beforeAll(async () => {
    simulator = await startSimulator({ seed: 'client contract', now: systemClock.now });
    logoutReceiver = createServer((incoming, outgoing) => {
      incoming.on('data', (chunk) => logoutBodies.push(String(chunk)));
      incoming.on('end', () => outgoing.end());
    });
    await new Promise<void>((resolve) => logoutReceiver.listen(0, '127.0.0.1', resolve));
    options = {
      RP00000001: await register('RP00000001', 'ES256'),
      RP00000002: await register('RP00000002', 'RS256'),
    };
  });
  afterAll(async () => {
    await simulator.close();
    logoutReceiver.close();
  });
  beforeEach(() => simulator.faults.clear());
}

/** Registers a relying party with its key, and the platform operator's key where it is a private one. */
async function register(
  clientId: 'RP00000001' | 'RP00000002',
  alg: 'ES256' | 'RS256',
): Promise<AuthAndSignOptions> {
  const key = await generateClientKey(alg);
  const port = (logoutReceiver.address() as AddressInfo).port;
  const registration = { clientId, jwks: { keys: [publicClientKey(key)] }, redirectUris: [CALLBACK] };
  const backchannelLogoutUri = `http://127.0.0.1:${port}/logout`;
  if (clientId === 'RP00000002') simulator.registerClient({ ...registration, variant: 'government' });
  else
    simulator.registerClient({
      ...registration,
      variant: 'private',
      pfPublicKey: pfKey(),
      backchannelLogoutUri,
    });
  return {
    issuer: simulator.issuer,
    clientId,
    clientKeys: createClientKeys({ active: key.kid, keys: [key] }),
    http: createHttpClient({ allowedHosts: [new URL(simulator.url).host], loopbackHttp: 'allowed' }),
    clock: systemClock,
    random: systemRandom(),
    leases: memoryLeases(),
    allowLoopbackHttp: true,
    iatWindowMillis: 600_000,
  };
}

function pfKey() {
  const point = createECDH('prime256v1').generateKeys();
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString('base64url'));
  return {
    kty: 'EC',
    use: 'enc',
    alg: 'ECDH-ES',
    crv: 'P-256',
    x: x ?? '',
    y: y ?? '',
    kid: 'pf-1',
  } as const;
}

export function requestFor(
  signTransactionId?: AuthorizationRequest['signTransactionId'],
): AuthorizationRequest {
  const [state = '', nonce = '', codeVerifier = ''] = [1, 2, 3].map(() =>
    randomBytes(32).toString('base64url'),
  );
  const login = {
    state,
    nonce,
    codeVerifier,
    redirectUri: CALLBACK,
    scope: ['openid', 'name', 'address', 'birthdate', 'gender'],
  };
  return signTransactionId === undefined ? login : { ...login, scope: ['openid', 'sign'], signTransactionId };
}

export async function callbackOf(client: AuthAndSign, request: AuthorizationRequest, choice?: CitizenChoice) {
  const location = await driveCitizen(await client.authorizationUrl(request), choice);
  return readCallback(new URL(location).searchParams, simulator.issuer);
}

export async function codeFor(
  client: AuthAndSign,
  request: AuthorizationRequest,
  choice?: CitizenChoice,
): Promise<string> {
  const callback = await callbackOf(client, request, choice);
  if (callback.kind !== 'code' || callback.state !== request.state) throw new Error('no code came back');
  return callback.code;
}

export async function signedTokens(
  client: AuthAndSign,
  mode: 'digest-info' | 'digest',
  choice?: CitizenChoice,
) {
  const { id } = await client.startSignature({
    ...DOCUMENT,
    data: signingInput(mode, DIGEST),
  });
  const request = requestFor(id);
  return { id, tokens: await client.exchangeCode(await codeFor(client, request, choice), request) };
}

export const sp = () => createAuthAndSign(options.RP00000001);
export const gov = () => createGovernmentAuthAndSign(options.RP00000002);
