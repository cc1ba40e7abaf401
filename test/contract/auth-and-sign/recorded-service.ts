import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AuthAndSignOptions } from '../../../src/adapters/auth-and-sign/options.ts';
import { systemClock } from '../../../src/adapters/clock.ts';
import { createHttpClient } from '../../../src/adapters/http-client/http-client.ts';
import { createClientKeys, generateClientKey } from '../../../src/adapters/keys/client-key.ts';
import { systemRandom } from '../../../src/adapters/random.ts';
import type { EpochMillis, SigningInput, SignTransactionId } from '../../../src/core/brand.ts';
import { toBase64 } from '../../../src/core/encoding.ts';
import { accessTokenHash } from '../../../src/core/oidc/id-token.ts';
import type { AuthorizationRequest } from '../../../src/ports/auth-and-sign.ts';
import type { LeaseStore } from '../../../src/ports/lease-store.ts';
import { ecKey, mint, type TestKey } from '../../unit/oidc/mint.ts';

/**
 * What the little service answers on one path: JSON unless `raw` is given. `hang` never answers, `reset` cuts the line,
 * `half` resets it (RST) in the middle of a good answer.
 */
export interface Answer {
  readonly status?: number;
  readonly json?: unknown;
  readonly raw?: string;
  readonly fault?: 'hang' | 'reset' | 'half';
}

export interface Seen {
  readonly path: string;
  readonly method: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

export type Route = 'discovery' | 'certs' | 'token' | 'userinfo' | 'start' | 'result';
export type Answers = Partial<Record<Route, Answer | ((seen: Seen) => Answer | Promise<Answer>)>>;

const PATHS: readonly (readonly [Route, RegExp])[] = [
  ['discovery', /^\/realm\/\.well-known\/openid-configuration$/],
  ['certs', /^\/realm\/certs$/],
  ['token', /^\/realm\/token$/],
  ['userinfo', /^\/realm\/userinfo$/],
  ['start', /^\/api\/sign-transactions$/],
  ['result', /^\/api\/sign-transactions\/[0-9a-f-]{36}\/result$/],
];

export const SIMULATED_SUBJECT = '00000000-aaaa-4000-8000-000000000001';
export const TRANSACTION = '37a52ac8-b232-ebac-a454-04d68916489f' as SignTransactionId;
export const JWE = 'eyJhbGciOiJFQ0RILUVTIn0..aXY.Y2lwaGVydGV4dA.dGFn';

export interface RecordedService {
  readonly origin: string;
  readonly issuer: string;
  readonly key: TestKey;
  readonly seen: Seen[];
  readonly answers: Answers;
  count(route: Route): number;
  close(): Promise<void>;
}

/** A service on loopback that answers what a test recorded, and remembers what it was asked. */
export async function startRecordedService(): Promise<RecordedService> {
  const key = ecKey('op-1');
  const seen: Seen[] = [];
  const answers: Answers = {};
  const server = createServer(
    (incoming, outgoing) => void serve(incoming, outgoing).catch(() => outgoing.destroy()),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer = `${origin}/realm`;

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const path = incoming.url ?? '';
    const { authorization } = incoming.headers;
    const one: Seen = {
      path,
      method: incoming.method ?? '',
      authorization,
      body: Buffer.concat(chunks).toString(),
    };
    seen.push(one);
    const route = routeOf(path);
    const answer = route && (answers[route] ?? defaultAnswer(route, issuer, key, one));
    writeAnswer(outgoing, typeof answer === 'function' ? await answer(one) : (answer ?? { status: 404 }));
  }

  return {
    origin,
    issuer,
    key,
    seen,
    answers,
    count: (route) => seen.filter((one) => routeOf(one.path) === route).length,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export function routeOf(path: string): Route | undefined {
  return PATHS.find(([, pattern]) => pattern.test(path))?.[0];
}

export function writeAnswer(outgoing: ServerResponse, answer: Answer): void {
  if (answer.fault === 'hang') return;
  if (answer.fault === 'reset') {
    outgoing.socket?.destroy();
    return;
  }
  if (answer.fault === 'half') {
    outgoing.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
    outgoing.write('{"access_token":"', () => outgoing.socket?.resetAndDestroy());
    return;
  }
  const body = answer.raw ?? (answer.json === undefined ? '' : JSON.stringify(answer.json));
  outgoing.writeHead(answer.status ?? 200, { 'content-type': 'application/json' }).end(body);
}

export function defaultAnswer(route: Route, issuer: string, key: TestKey, seen: Seen): Answer {
  switch (route) {
    case 'discovery':
      return { json: discovery(issuer) };
    case 'certs':
      return { json: { keys: [key.publicJwk] } };
    case 'token':
      return { json: tokenAnswer(issuer, key, new URLSearchParams(seen.body).get('grant_type') ?? '') };
    case 'userinfo':
      return { json: { sub: SIMULATED_SUBJECT, name: '見本　花子' } };
    case 'start':
      return { json: { sign_transaction_id: TRANSACTION } };
    case 'result':
      return { json: { sign_certificate_jwe: JWE } };
  }
}

export function discovery(issuer: string) {
  return {
    issuer,
    authorization_endpoint: `${issuer}/auth`,
    token_endpoint: `${issuer}/token`,
    userinfo_endpoint: `${issuer}/userinfo`,
    jwks_uri: `${issuer}/certs`,
  };
}

let issued = 0;

/** A good token answer; `changes` go into the ID token. */
export function tokenAnswer(
  issuer: string,
  key: TestKey,
  grantType: string,
  changes: Record<string, unknown> = {},
) {
  issued += 1;
  const access_token = `access-${issued}`;
  const common = { access_token, token_type: 'Bearer', expires_in: 900 };
  if (grantType === 'client_credentials') return common;
  return {
    ...common,
    refresh_token: `refresh-${issued}`,
    id_token: idToken(issuer, key, access_token, grantType, changes),
  };
}

function idToken(
  issuer: string,
  key: TestKey,
  accessToken: string,
  grantType: string,
  changes: Record<string, unknown>,
): string {
  const seconds = Math.floor(Date.now() / 1000);
  const nonce = grantType === 'authorization_code' ? { nonce: REQUEST.nonce } : {};
  const claims = {
    iss: issuer,
    aud: 'RP00000001',
    sub: SIMULATED_SUBJECT,
    typ: 'ID',
    sid: 'sid-1',
    iat: seconds,
    exp: seconds + 900,
  };
  return mint(key, { ...claims, ...nonce, at_hash: accessTokenHash(accessToken), ...changes });
}

export const REQUEST: AuthorizationRequest = {
  state: 'simulated-state',
  nonce: 'simulated-nonce',
  codeVerifier: 'v'.repeat(43),
  scope: ['openid', 'sign'],
  redirectUri: 'https://rp.example/callback',
  signTransactionId: TRANSACTION,
};

export const START = {
  displayName: '見本市見本申請',
  identificationCode: 'A1-B2',
  data: toBase64(new Uint8Array(32).fill(7)) as SigningInput,
};

/** Lease store of one process, as the contract says. */
export function memoryLeases(): LeaseStore {
  const values = new Map<string, { readonly value: Uint8Array; readonly expiresAt: EpochMillis }>();
  const leases = new Map<string, { readonly owner: string; readonly until: number }>();
  const turns = new Map<string, number>();
  return {
    read: async (name) => values.get(name),
    acquire: async (name, owner, now, until) => {
      const lease = leases.get(name);
      if (lease !== undefined && lease.until > now && lease.owner !== owner) return false;
      leases.set(name, { owner, until });
      return true;
    },
    takePermit: async (name, now, interval, longestWait) => {
      const last = turns.get(name) ?? 0;
      const turn = last > now && last <= now + 30_000 ? last : now;
      if (turn > now + longestWait) return undefined;
      turns.set(name, turn + interval);
      return turn;
    },
    write: async (name, owner, value, expiresAt) => {
      if (leases.get(name)?.owner === owner) values.set(name, { value, expiresAt });
    },
    release: async (name, owner) => {
      if (leases.get(name)?.owner === owner) leases.delete(name);
    },
    purge: async () => 0,
  };
}

const testKey = generateClientKey('ES256');

export async function optionsFor(
  service: Pick<RecordedService, 'issuer' | 'origin'>,
  changes: Partial<AuthAndSignOptions> = {},
  totalTimeoutMillis = 10_000,
): Promise<AuthAndSignOptions> {
  const key = await testKey;
  return {
    issuer: service.issuer,
    clientId: 'RP00000001',
    clientKeys: createClientKeys({ active: key.kid, keys: [key] }),
    http: createHttpClient({
      allowedHosts: [new URL(service.origin).host],
      loopbackHttp: 'allowed',
      totalTimeoutMillis,
    }),
    clock: systemClock,
    random: systemRandom(),
    leases: memoryLeases(),
    allowLoopbackHttp: true,
    iatWindowMillis: 600_000,
    leasePollMillis: 5,
    ...changes,
  };
}
