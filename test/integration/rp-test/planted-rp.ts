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

/** Each is one thing that real relying parties get wrong; the first is none. */
export const PLANTED = {
  none: [],
  'state never compared': ['state-is-compared', 'state-is-demanded'],
  'state may be missing': ['state-is-demanded'],
  'one state for all': ['state-is-fresh'],
  'one nonce for all': ['nonce-is-fresh'],
  'one verifier for all': ['code-challenge-is-fresh'],
  'iss of the answer unread': ['iss-parameter-is-compared'],
  'nonce unread': ['nonce-is-compared', 'nonce-is-demanded', 'logout-token-is-no-id-token'],
  'nonce may be missing': ['nonce-is-demanded'],
  // who verifies no signature looks up no key either
  'signature unverified': ['kid-is-looked-up', 'signature-is-verified'],
  'alg none taken': ['alg-none-is-refused'],
  'alg HS256 taken': ['alg-hs256-is-refused'],
  'kid ignored': ['kid-is-looked-up'],
  'issuer unread': ['issuer-is-compared'],
  'audience unread': ['audience-is-compared'],
  'azp unread': ['azp-is-compared'],
  'expired taken': ['expiry-is-judged'],
  'exp may be missing': ['expiry-is-demanded'],
  'at_hash unread': ['at-hash-is-compared'],
  'ID token may be missing': ['id-token-is-demanded'],
  'sub of UserInfo unread': ['userinfo-sub-is-compared'],
  'code sent twice': ['code-is-sent-once'],
  'token in the page': ['tokens-stay-on-the-server'],
  '400 repeated': ['refusal-is-final'],
  'error unread': ['refusal-logs-nobody-in'],
  'logout does nothing': ['logout-ends-the-session'],
  'logout for any audience': ['logout-token-audience'],
  'logout by any issuer': ['logout-token-issuer'],
  'logout without events': ['logout-token-events'],
  'logout with a nonce': ['logout-token-has-no-nonce'],
} as const satisfies Record<string, readonly string[]>;

export type Planted = keyof typeof PLANTED;

interface Session {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  sub?: string;
  token?: string;
}

/** A small relying party on jose, right but for what is planted in it. */
export class PlantedRp {
  readonly server: Server;
  readonly sessions = new Map<string, Session>();
  readonly issuer: string;
  readonly key: KeyObject;
  planted: Planted = 'none';
  base = '';
  private readonly jwks;

  constructor(issuer: string, key: KeyObject) {
    this.issuer = issuer;
    this.key = key;
    this.jwks = createRemoteJWKSet(new URL(`${issuer}/protocol/openid-connect/certs`), {
      cooldownDuration: 0,
    });
    this.server = createServer((request, response) => {
      this.answer(request, response).catch(() => response.writeHead(403).end('refused'));
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done));
    this.base = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  private has(planted: Planted): boolean {
    return this.planted === planted;
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
    response.end(`hello${this.has('token in the page') ? session.token : ''}`);
  }

  private begin(response: ServerResponse): void {
    const random = (one: Planted) => (this.has(one) ? 'A'.repeat(43) : randomBytes(32).toString('base64url'));
    const state = random('one state for all');
    const session = { state, nonce: random('one nonce for all'), verifier: random('one verifier for all') };
    const id = randomUUID();
    this.sessions.set(id, session);
    const url = new URL(`${this.issuer}/protocol/openid-connect/auth`);
    url.search = String(
      new URLSearchParams({
        ...{
          response_type: 'code',
          client_id: 'planted',
          redirect_uri: `${this.base}/cb`,
          scope: 'openid name',
        },
        ...{ state, nonce: session.nonce, code_challenge_method: 'S256' },
        code_challenge: createHash('sha256').update(session.verifier).digest('base64url'),
      }),
    );
    response.writeHead(302, { location: url.href, 'set-cookie': `sid=${id}; HttpOnly; SameSite=Lax` }).end();
  }

  private async finish(url: URL, session: Session | undefined): Promise<void> {
    if (session === undefined) throw new Error('no session');
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
    this.judge(claims, session, String(tokens['access_token']));
    const headers = { authorization: `Bearer ${tokens['access_token']}` };
    const info = (await (
      await fetch(`${this.issuer}/protocol/openid-connect/userinfo`, { headers })
    ).json()) as JWTPayload;
    if (info.sub !== claims.sub && !this.has('sub of UserInfo unread')) throw new Error('sub');
    session.sub = String(claims.sub);
    session.token = String(tokens['access_token']);
    if (this.has('code sent twice')) await this.post(parameter('code') ?? '', session);
  }

  private async exchange(code: string, session: Session): Promise<Record<string, unknown>> {
    let response = await this.post(code, session);
    for (let again = 0; again < 3 && response.status === 400 && this.has('400 repeated'); again += 1)
      response = await this.post(code, session);
    if (!response.ok) throw new Error('token');
    return (await response.json()) as Record<string, unknown>;
  }

  private async post(code: string, { verifier }: Session): Promise<Response> {
    const endpoint = `${this.issuer}/protocol/openid-connect/token`;
    const assertion = await new SignJWT({ jti: randomUUID() })
      .setProtectedHeader({ alg: 'ES256', kid: 'k' })
      .setIssuer('planted')
      .setSubject('planted')
      .setAudience(endpoint)
      .setExpirationTime('50 s')
      .sign(this.key);
    const body = new URLSearchParams({
      ...{ grant_type: 'authorization_code', code, redirect_uri: `${this.base}/cb`, code_verifier: verifier },
      ...{ client_id: 'planted', client_assertion: assertion },
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    });
    return fetch(endpoint, { method: 'POST', body });
  }

  private async verified(token: string): Promise<JWTPayload> {
    const { alg, kid } = decodeProtectedHeader(token);
    const unsigned =
      (alg === 'none' && this.has('alg none taken')) ||
      (alg === 'HS256' && this.has('alg HS256 taken')) ||
      (alg === 'ES256' && this.has('signature unverified')) ||
      (kid === 'no-such-key' && this.has('kid ignored'));
    if (unsigned) return decodeJwt(token);
    const { payload } = await jwtVerify(token, this.jwks, { algorithms: ['ES256'], clockTolerance: 1e9 });
    return payload;
  }

  private judge(claims: JWTPayload, session: Session, accessToken: string): void {
    const wrong = (name: Planted, is: boolean) => {
      if (is && !this.has(name)) throw new Error(name);
    };
    wrong('issuer unread', claims.iss !== this.issuer);
    wrong('audience unread', claims.aud !== 'planted');
    wrong('azp unread', claims['azp'] !== 'planted');
    wrong('exp may be missing', claims.exp === undefined);
    wrong('expired taken', claims.exp !== undefined && claims.exp * 1000 < Date.now());
    const nonce = claims['nonce'];
    if (nonce === undefined) {
      if (!this.has('nonce unread')) wrong('nonce may be missing', true);
      if (this.has('nonce may be missing') && claims['events'] !== undefined) throw new Error('events');
    } else wrong('nonce unread', nonce !== session.nonce);
    const half = createHash('sha256').update(accessToken).digest().subarray(0, 16).toString('base64url');
    wrong('at_hash unread', claims['at_hash'] !== half);
  }

  private async logout(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    try {
      const { payload } = await jwtVerify(new URLSearchParams(body).get('logout_token') ?? '', this.jwks);
      const wrong = (name: Planted, is: boolean) => {
        if (is && !this.has(name)) throw new Error(name);
      };
      wrong('logout by any issuer', payload.iss !== this.issuer);
      wrong('logout for any audience', payload.aud !== 'planted');
      const events = (payload['events'] ?? {}) as Record<string, unknown>;
      wrong(
        'logout without events',
        events['http://schemas.openid.net/event/backchannel-logout'] === undefined,
      );
      wrong('logout with a nonce', payload['nonce'] !== undefined);
      if (!this.has('logout does nothing'))
        for (const [id, { sub }] of this.sessions) if (sub === payload.sub) this.sessions.delete(id);
      response.writeHead(200).end();
    } catch {
      response.writeHead(400).end();
    }
  }
}
