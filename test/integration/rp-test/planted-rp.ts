import { createHash, type KeyObject, randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  createRemoteJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from 'jose';
import type { PlanName } from '../../../src/cli/rp-test/verdict.ts';

const TOKEN_REFUSALS = Array.from({ length: 15 }, (_, index) => `row-token-${index + 1}`);

export interface Fault {
  readonly plans: readonly PlanName[];
  readonly named: readonly string[];
  /** These of `named` are warnings. */
  readonly warnings?: readonly string[];
  /** No login works any more, or the rest is not reached. */
  readonly breaks?: true;
}

const at = (plan: PlanName, named: readonly string[], more: Omit<Fault, 'plans' | 'named'> = {}): Fault => ({
  plans: [plan],
  named,
  ...more,
});
const warned = (plan: PlanName, name: string): Fault => at(plan, [name], { warnings: [name] });

/** Each is one thing that real relying parties get wrong; the first is none. */
export const PLANTED = {
  none: {
    plans: ['login', 'error-rows', 'refresh', 'logout', 'keys', 'maintenance', 'hostile', 'rate'],
    named: [],
  },
  'state never compared': at('login', ['state-is-compared', 'state-is-demanded']),
  'state may be missing': at('login', ['state-is-demanded']),
  'one state for all': at('login', ['state-is-fresh']),
  'one nonce for all': at('login', ['nonce-is-fresh']),
  'one verifier for all': at('login', ['code-challenge-is-fresh']),
  'PKCE plain': at('login', ['good-login-works', 'pkce-is-s256'], { breaks: true }),
  'assertion used again': at('login', ['assertion-is-fresh', 'good-login-works'], { breaks: true }),
  'client_id left out': at('login', ['client-id-is-sent', 'good-login-works'], { breaks: true }),
  'iss of the answer unread': at('login', ['iss-parameter-is-compared']),
  'nonce unread': at('login', ['nonce-is-compared', 'nonce-is-demanded', 'logout-token-is-no-id-token']),
  'nonce may be missing': at('login', ['nonce-is-demanded']),
  // who verifies no signature looks up no key either
  'signature unverified': at('login', ['kid-is-looked-up', 'signature-is-verified']),
  'alg none taken': at('login', ['alg-none-is-refused']),
  'alg HS256 taken': at('login', ['alg-hs256-is-refused']),
  'kid ignored': at('login', ['kid-is-looked-up']),
  'issuer unread': at('login', ['issuer-is-compared']),
  'audience unread': at('login', ['audience-is-compared']),
  'azp unread': warned('login', 'azp-is-compared'),
  'expired taken': at('login', ['expiry-is-judged']),
  'exp may be missing': at('login', ['expiry-is-demanded']),
  'at_hash unread': at('login', ['at-hash-is-compared']),
  'ID token may be missing': at('login', ['id-token-is-demanded']),
  'sub of UserInfo unread': warned('login', 'userinfo-sub-is-compared'),
  'code sent twice': at('login', ['code-is-sent-once']),
  'token in the page': at('login', ['tokens-stay-on-the-server']),
  '400 repeated': at('login', ['refusal-is-final']),
  'error unread': at('login', ['refusal-logs-nobody-in', 'failed-card-logs-nobody-in']),
  'logout does nothing': at('logout', ['logout-ends-the-session']),
  'logout for any audience': at('logout', ['logout-token-audience']),
  'logout by any issuer': at('logout', ['logout-token-issuer']),
  'logout without events': at('logout', ['logout-token-events']),
  'logout with a nonce': at('logout', ['logout-token-has-no-nonce']),
  'logout unverified': at('logout', [
    'logout-token-alg-none',
    'logout-token-alg-hs256',
    'logout-token-signature',
  ]),
  'logout that expired': warned('logout', 'logout-token-expiry'),
  'logout of everybody': at('logout', ['logout-leaves-others']),
  'logout without a subject': at('logout', ['logout-token-subject']),
  'refreshes after logout': at('logout', ['unlinking-is-final']),
  'refused codes sent again': at('error-rows', TOKEN_REFUSALS),
  'server errors repeated for ever': at('error-rows', ['row-token-16', 'row-token-17']),
  'UserInfo refused, asked again': at('error-rows', ['row-userinfo-3']),
  'refresh loop': at('refresh', [
    'refresh-refusal-is-final-token-6',
    'refresh-refusal-is-final-token-8',
    'refresh-refusal-is-final-token-10',
  ]),
  'first refresh token for ever': at('refresh', ['refresh-uses-the-last-token']),
  'refreshed sub unread': at('refresh', ['refresh-wrong-sub-is-refused']),
  'refreshed ID token unread': at('refresh', [
    'refresh-wrong-sub-is-refused',
    'refresh-wrong-iss-is-refused',
    'refresh-wrong-aud-is-refused',
    'refresh-wrong-signature-is-refused',
  ]),
  'refreshed ID token demanded': at('refresh', ['refresh-without-id-token-is-taken']),
  'keys fetched once': at('keys', ['new-key-is-fetched'], { breaks: true }),
  'unknown key hunted': at('keys', ['unknown-key-is-not-hunted']),
  'maintenance hammered': at('maintenance', ['maintenance-of-token']),
  'broken after maintenance': at('maintenance', ['maintenance-is-recovered-from'], { breaks: true }),
  'crit unread': at('hostile', ['crit-is-understood']),
  'access token may be missing': at('hostile', ['access-token-is-demanded']),
  'token_type unread': warned('hostile', 'token-type-is-read'),
  'RS256 taken': warned('hostile', 'alg-is-es256'),
  'other audiences taken': warned('hostile', 'other-audiences-are-refused'),
  'iat unread': warned('hostile', 'issue-time-is-judged'),
  'at_hash may be missing': warned('hostile', 'at-hash-is-demanded'),
  'UserInfo without sub': warned('hostile', 'userinfo-sub-is-demanded'),
  'mass polling': at('rate', ['nothing-is-asked-unasked']),
  'UserInfo asked thrice': at('rate', ['requests-are-few']),
  'Retry-After unread': at('rate', ['rate-limit-of-token-is-heeded']),
} as const satisfies Record<string, Fault>;

export type Planted = keyof typeof PLANTED;

interface Session {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  sub?: string;
  token?: string;
  refresh?: string;
  out?: true;
}

type Tokens = Record<string, unknown>;

/** A small relying party on jose, right but for what is planted in it. */
export class PlantedRp {
  readonly server: Server;
  readonly sessions = new Map<string, Session>();
  readonly issuer: string;
  readonly key: KeyObject;
  base = '';
  #planted: Planted = 'none';
  #jwks: ReturnType<typeof createRemoteJWKSet>;
  #assertion: string | undefined;
  #broken = false;
  #polls: NodeJS.Timeout[] = [];

  constructor(issuer: string, key: KeyObject) {
    this.issuer = issuer;
    this.key = key;
    this.#jwks = this.#keySet(0);
    this.server = createServer((request, response) => {
      this.answer(request, response).catch(() => response.writeHead(403).end('refused'));
    });
  }

  #keySet(cacheMaxAge: number) {
    const options = { cooldownDuration: cacheMaxAge === 0 ? 0 : 1e9, cacheMaxAge };
    return createRemoteJWKSet(new URL(`${this.issuer}/protocol/openid-connect/certs`), options);
  }

  /** Forgets everything and has this fault from now on. */
  plant(planted: Planted): void {
    this.#planted = planted;
    this.#jwks = this.#keySet(planted === 'keys fetched once' ? 1e9 : 0);
    this.#broken = false;
    this.#assertion = undefined;
    for (const poll of this.#polls.splice(0)) clearInterval(poll);
    this.sessions.clear();
  }

  async listen(): Promise<void> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done));
    this.base = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  private has(planted: Planted): boolean {
    return this.#planted === planted;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.base);
    const id = /sid=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1] ?? '';
    if (url.pathname === '/login') return this.begin(response);
    if (url.pathname === '/cb') {
      await this.finish(url, this.sessions.get(id));
      return void response.writeHead(302, { location: '/home' }).end();
    }
    if (url.pathname === '/logout') return this.logout(request, response);
    const session = this.sessions.get(id);
    if (session?.sub === undefined) return void response.writeHead(401).end('log in');
    if (url.pathname === '/refresh') {
      await this.refresh(session);
      return void response.end('refreshed');
    }
    if (session.out) return void response.writeHead(401).end('log in');
    response.end(`hello${this.has('token in the page') ? session.token : ''}`);
  }

  private begin(response: ServerResponse): void {
    for (const poll of this.#polls.splice(0)) clearInterval(poll);
    const random = (one: Planted) => (this.has(one) ? 'A'.repeat(43) : randomBytes(32).toString('base64url'));
    const state = random('one state for all');
    const session = { state, nonce: random('one nonce for all'), verifier: random('one verifier for all') };
    const id = randomUUID();
    this.sessions.set(id, session);
    const plain = this.has('PKCE plain');
    const url = new URL(`${this.issuer}/protocol/openid-connect/auth`);
    url.search = String(
      new URLSearchParams({
        ...{ response_type: 'code', client_id: 'planted', redirect_uri: `${this.base}/cb` },
        ...{ scope: 'openid name', state, nonce: session.nonce },
        code_challenge_method: plain ? 'plain' : 'S256',
        code_challenge: plain
          ? session.verifier
          : createHash('sha256').update(session.verifier).digest('base64url'),
      }),
    );
    response.writeHead(302, { location: url.href, 'set-cookie': `sid=${id}; HttpOnly; SameSite=Lax` }).end();
  }

  private async finish(url: URL, session: Session | undefined): Promise<void> {
    if (session === undefined || this.#broken) throw new Error('no session');
    const parameter = (name: string) => url.searchParams.get(name);
    if (parameter('error') !== null) {
      if (this.has('error unread')) session.sub = 'somebody';
      else throw new Error('refused');
      return;
    }
    const state = parameter('state');
    const missing = state === null && this.has('state may be missing');
    if (state !== session.state && !missing && !this.has('state never compared')) throw new Error('state');
    if (
      parameter('iss') !== null &&
      parameter('iss') !== this.issuer &&
      !this.has('iss of the answer unread')
    )
      throw new Error('iss');
    const tokens = await this.exchange(parameter('code') ?? '', session);
    const idToken = tokens['id_token'];
    if (idToken === undefined && this.has('ID token may be missing')) {
      session.sub = 'somebody';
      return;
    }
    const claims = await this.verified(String(idToken));
    if (tokens['access_token'] === undefined) {
      if (!this.has('access token may be missing')) throw new Error('access token');
      session.sub = String(claims.sub);
      return;
    }
    this.judge(claims, session, String(tokens['access_token']));
    for (let times = this.has('UserInfo asked thrice') ? 3 : 1; times > 0; times -= 1)
      await this.userinfo(tokens, claims);
    session.sub = String(claims.sub);
    session.token = String(tokens['access_token']);
    session.refresh = String(tokens['refresh_token']);
    if (this.has('mass polling'))
      this.#polls.push(setInterval(() => void this.info(tokens).catch(() => undefined), 100));
    if (this.has('code sent twice')) await this.post(this.codeForm(parameter('code') ?? '', session));
  }

  private info(tokens: Tokens): Promise<Response> {
    const headers = { authorization: `Bearer ${tokens['access_token']}` };
    return fetch(`${this.issuer}/protocol/openid-connect/userinfo`, { headers });
  }

  private async userinfo(tokens: Tokens, claims: JWTPayload): Promise<void> {
    let response = await this.info(tokens);
    for (let again = 0; again < 4 && !response.ok && this.has('UserInfo refused, asked again'); again += 1)
      if (response.status === 401) response = await this.info(tokens);
    const info = (await response.json()) as JWTPayload;
    const sub = info.sub === undefined ? this.has('UserInfo without sub') : info.sub === claims.sub;
    if (!sub && !this.has('sub of UserInfo unread')) throw new Error('sub');
    if (this.has('sub of UserInfo unread') && info.sub === undefined) throw new Error('sub');
  }

  private async exchange(code: string, session: Session): Promise<Tokens> {
    const form = this.codeForm(code, session);
    let response = await this.post(form);
    for (let again = 0; again < 30 && this.repeats(response, again); again += 1)
      response = await this.post(form);
    if (response.status === 503 && this.has('broken after maintenance')) this.#broken = true;
    if (!response.ok) throw new Error('token');
    const tokens = (await response.json()) as Tokens;
    if (tokens['token_type'] !== 'Bearer' && !this.has('token_type unread')) throw new Error('token_type');
    return tokens;
  }

  private repeats({ status }: Response, again: number): boolean {
    if (this.has('400 repeated')) return status === 400 && again < 3;
    if (this.has('refused codes sent again')) return (status === 400 || status === 401) && again < 3;
    if (this.has('server errors repeated for ever')) return status >= 500;
    if (this.has('maintenance hammered')) return status === 503;
    return this.has('Retry-After unread') && status === 429;
  }

  private codeForm(code: string, { verifier }: Session): Record<string, string> {
    return {
      grant_type: 'authorization_code',
      code,
      redirect_uri: `${this.base}/cb`,
      code_verifier: verifier,
    };
  }

  private async assertion(): Promise<string> {
    const fresh = await new SignJWT({ jti: randomUUID() })
      .setProtectedHeader({ alg: 'ES256', kid: 'k' })
      .setIssuer('planted')
      .setSubject('planted')
      .setAudience(`${this.issuer}/protocol/openid-connect/token`)
      .setExpirationTime('50 s')
      .sign(this.key);
    this.#assertion ??= fresh;
    return this.has('assertion used again') ? this.#assertion : fresh;
  }

  private async post(form: Record<string, string>): Promise<Response> {
    const client: Record<string, string> = this.has('client_id left out') ? {} : { client_id: 'planted' };
    const body = new URLSearchParams({
      ...form,
      ...client,
      client_assertion: await this.assertion(),
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    });
    return fetch(`${this.issuer}/protocol/openid-connect/token`, { method: 'POST', body });
  }

  private async refresh(session: Session): Promise<void> {
    const form = { grant_type: 'refresh_token', refresh_token: session.refresh ?? '' };
    let response = await this.post(form);
    const loops = this.has('refresh loop') || (session.out && this.has('refreshes after logout'));
    for (let again = 0; again < 3 && !response.ok && loops; again += 1) response = await this.post(form);
    if (!response.ok) throw new Error('refresh');
    const tokens = (await response.json()) as Tokens;
    const idToken = tokens['id_token'];
    if (idToken === undefined && this.has('refreshed ID token demanded')) throw new Error('ID token');
    if (idToken !== undefined && !this.has('refreshed ID token unread')) {
      const claims = await this.verified(String(idToken));
      if (claims.iss !== this.issuer || claims.aud !== 'planted') throw new Error('ID token');
      if (claims.sub !== session.sub && !this.has('refreshed sub unread')) throw new Error('sub');
    }
    if (!this.has('first refresh token for ever')) session.refresh = String(tokens['refresh_token']);
  }

  private async verified(token: string): Promise<JWTPayload> {
    const { alg, kid, crit } = decodeProtectedHeader(token);
    const unsigned =
      (alg === 'none' && this.has('alg none taken')) ||
      (alg === 'HS256' && this.has('alg HS256 taken')) ||
      (alg === 'ES256' && crit === undefined && this.has('signature unverified')) ||
      (crit !== undefined && this.has('crit unread')) ||
      (kid === 'no-such-key' && this.has('kid ignored'));
    if (unsigned) return decodeJwt(token);
    const algorithms = this.has('RS256 taken') ? ['ES256', 'RS256'] : ['ES256'];
    for (let again = 0; again < 9 && kid === 'no-such-key' && this.has('unknown key hunted'); again += 1)
      await this.#jwks.reload();
    const { payload } = await jwtVerify(token, this.#jwks, { algorithms, clockTolerance: 1e9 });
    return payload;
  }

  private judge(claims: JWTPayload, session: Session, accessToken: string): void {
    const wrong = (name: Planted, is: boolean) => {
      if (is && !this.has(name)) throw new Error(name);
    };
    wrong('issuer unread', claims.iss !== this.issuer);
    if (Array.isArray(claims.aud) && claims.aud.includes('planted')) wrong('other audiences taken', true);
    else wrong('audience unread', claims.aud !== 'planted');
    wrong('azp unread', claims['azp'] !== 'planted');
    wrong('exp may be missing', claims.exp === undefined);
    const expired = claims.exp !== undefined && claims.exp * 1000 < Date.now();
    wrong('expired taken', expired);
    wrong('iat unread', !expired && (claims.iat ?? 0) * 1000 < Date.now() - 600_000);
    const nonce = claims['nonce'];
    if (nonce === undefined) {
      if (!this.has('nonce unread')) wrong('nonce may be missing', true);
      if (this.has('nonce may be missing') && claims['events'] !== undefined) throw new Error('events');
    } else wrong('nonce unread', nonce !== session.nonce);
    const half = createHash('sha256').update(accessToken).digest().subarray(0, 16).toString('base64url');
    if (claims['at_hash'] === undefined) wrong('at_hash may be missing', true);
    else wrong('at_hash unread', claims['at_hash'] !== half);
  }

  private async logoutClaims(token: string): Promise<JWTPayload> {
    if (this.has('logout unverified')) return unexpired(decodeJwt(token));
    const clockTolerance = this.has('logout that expired') ? 1e9 : 0;
    return (await jwtVerify(token, this.#jwks, { algorithms: ['ES256'], clockTolerance })).payload;
  }

  private async logout(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    try {
      const payload = await this.logoutClaims(new URLSearchParams(body).get('logout_token') ?? '');
      const wrong = (name: Planted, is: boolean) => {
        if (is && !this.has(name)) throw new Error(name);
      };
      wrong('logout by any issuer', payload.iss !== this.issuer);
      wrong('logout for any audience', payload.aud !== 'planted');
      wrong('logout without a subject', payload.sub === undefined);
      const events = (payload['events'] ?? {}) as Record<string, unknown>;
      wrong(
        'logout without events',
        events['http://schemas.openid.net/event/backchannel-logout'] === undefined,
      );
      wrong('logout with a nonce', payload['nonce'] !== undefined);
      if (!this.has('logout does nothing')) this.end(payload.sub);
      response.writeHead(200).end();
    } catch {
      response.writeHead(400).end();
    }
  }

  private end(subject: string | undefined): void {
    for (const [id, session] of this.sessions) {
      const theirs = session.sub === subject || this.has('logout of everybody') || subject === undefined;
      if (!theirs) continue;
      if (this.has('refreshes after logout')) session.out = true;
      else this.sessions.delete(id);
    }
  }
}

function unexpired(claims: JWTPayload): JWTPayload {
  if ((claims.exp ?? 0) * 1000 < Date.now()) throw new Error('exp');
  return claims;
}
