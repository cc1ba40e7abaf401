import {
  createHash,
  generateKeyPairSync,
  type KeyObject,
  publicDecrypt,
  randomBytes,
  randomUUID,
  verify,
  X509Certificate,
} from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { compactDecrypt, createRemoteJWKSet, decodeProtectedHeader, jwtVerify, SignJWT } from 'jose';
import type { PlanName } from '../../../src/cli/rp-test/verdict.ts';

const OUTCOMES_AT_RESULT = [
  'not-signed',
  'wrong-person',
  'locked',
  'expired',
  'revoked',
  'not-installed',
  'malformed',
];
const DAMAGED = [
  'signature-value-is-verified',
  'certificate-belongs-to-the-signature',
  'signature-value-is-demanded',
  'mode-is-remembered',
];
const DAMAGED_JWE = [
  'foreign-key-is-refused',
  'jwe-is-authenticated',
  'jwe-alg-is-pinned',
  'clear-certificate-is-refused',
];

interface SignerFault {
  readonly variant?: 'private' | 'government';
  readonly plans?: readonly PlanName[];
  readonly named: readonly string[];
  readonly warnings?: readonly string[];
}

/** What those who let people sign get wrong; at a private provider unless it says otherwise. */
export const PLANTED_SIGNERS = {
  none: { plans: ['signature', 'error-rows', 'maintenance', 'hostile', 'rate'], named: [] },
  'none, at an agency': {
    variant: 'government',
    plans: ['signature', 'error-rows', 'maintenance', 'hostile', 'rate'],
    named: [],
  },
  'double hash': { named: ['hash-is-not-doubled'] },
  'hash as hex': { named: ['data-has-a-known-form', 'hash-is-not-doubled'] },
  'code not shown': { named: ['identification-code-is-shown'], warnings: ['identification-code-is-shown'] },
  'started twice': { named: ['start-is-asked-once'] },
  'result polled': { named: ['result-is-asked-in-measure'] },
  'signature unverified': {
    variant: 'government',
    named: ['signature-value-is-verified', 'certificate-belongs-to-the-signature', 'mode-is-remembered'],
  },
  'mode forgotten': { variant: 'government', named: ['mode-is-remembered'] },
  'good redirect taken for a signature': {
    named: [...OUTCOMES_AT_RESULT.map((name) => `card-${name}`), ...DAMAGED, ...DAMAGED_JWE],
  },
  'any JWE alg taken': { named: ['jwe-alg-is-pinned'] },
  'certificate in clear taken': { named: ['clear-certificate-is-refused'] },
  'certificate stored': { named: ['certificate-is-not-kept'] },
  'nonce unread while signing': {
    named: [
      'signature-nonce-is-compared',
      'signature-nonce-is-demanded',
      'signature-logout-token-is-no-id-token',
    ],
  },
  'audience unread while signing': { named: ['signature-audience-is-compared'] },
  'refused starts sent again': {
    plans: ['error-rows'],
    named: Array.from({ length: 11 }, (_, index) => `row-start-${index + 1}`),
  },
  'refused results asked for again': {
    plans: ['error-rows'],
    named: Array.from({ length: 12 }, (_, index) => `row-result-${index + 1}`),
  },
  'client token each time': {
    plans: ['rate'],
    named: ['client-token-is-kept'],
    warnings: ['client-token-is-kept'],
  },
} as const satisfies Record<string, SignerFault>;

export type PlantedSign = keyof typeof PLANTED_SIGNERS;

interface Signing {
  readonly id: string;
  readonly document: string;
  readonly code: string;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  transaction: string;
  word: 'waiting' | 'taken' | 'refused';
}

type Json = Record<string, unknown>;
const sha256 = (octets: string | Uint8Array) => createHash('sha256').update(octets).digest();
const PREFIX = Buffer.from('3031300d060960864801650304020105000420', 'hex');

/** Somebody who lets people sign, right but for what is planted in it, with a platform operator of its own within. */
export class PlantedSigner {
  readonly server: Server;
  readonly operator = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly issuer: string;
  readonly origin: string;
  readonly key: KeyObject;
  base = '';
  clientId = '';
  stored = '';
  #planted: PlantedSign = 'none';
  #signings = new Map<string, Signing>();
  #clientToken: string | undefined;
  #jwks;

  constructor(issuer: string, key: KeyObject) {
    this.issuer = issuer;
    this.origin = new URL(issuer).origin;
    this.key = key;
    this.#jwks = createRemoteJWKSet(new URL(`${issuer}/protocol/openid-connect/certs`), {
      cooldownDuration: 0,
    });
    this.server = createServer((request, response) => {
      this.answer(request, response).catch(() => response.writeHead(502).end('not signed'));
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done));
    this.base = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  plant(planted: PlantedSign, clientId: string): void {
    this.#planted = planted;
    this.clientId = clientId;
    this.#signings.clear();
    this.#clientToken = undefined;
    this.stored = '';
  }

  private has(planted: PlantedSign): boolean {
    return this.#planted === planted;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.base);
    if (url.pathname === '/start') {
      const signing = await this.start();
      const told = {
        url: `${this.base}/page?id=${signing.id}`,
        sha256: sha256(signing.document).toString('hex'),
      };
      return void response.end(JSON.stringify({ ...told, id: signing.id }));
    }
    if (url.pathname === '/done') {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      const word = this.#signings.get(String((JSON.parse(body) as Json)['id']))?.word ?? 'refused';
      return void response.writeHead({ waiting: 202, taken: 200, refused: 404 }[word]).end();
    }
    if (url.pathname === '/cb') return this.finish(url, response);
    const signing = this.#signings.get(url.searchParams.get('id') ?? '');
    if (signing === undefined) return void response.writeHead(404).end();
    if (url.pathname === '/page') {
      const code = this.has('code not shown') ? '' : signing.code;
      const form = `<form method="post" action="/go?id=${signing.id}"><button type="submit">署名に進む</button></form>`;
      return void response.end(`<p>${code}</p>${form}`);
    }
    response.writeHead(303, { location: this.authorization(signing) }).end();
  }

  private async start(): Promise<Signing> {
    const id = randomUUID();
    const [state, nonce, verifier] = [1, 2, 3].map(() => randomBytes(32).toString('base64url'));
    const code = randomBytes(4).toString('hex').toUpperCase();
    const signing: Signing = {
      ...{ id, code, document: `an application ${id}`, transaction: '', word: 'waiting' },
      ...{ state: state ?? '', nonce: nonce ?? '', verifier: verifier ?? '' },
    };
    for (let times = this.has('started twice') ? 2 : 1; times > 0; times -= 1)
      signing.transaction = await this.transaction(signing);
    this.#signings.set(id, signing);
    return signing;
  }

  private data(document: string): Buffer {
    const hash = sha256(document);
    if (this.has('double hash')) return Buffer.concat([PREFIX, sha256(hash)]);
    return this.has('hash as hex') ? Buffer.from(hash.toString('hex')) : Buffer.concat([PREFIX, hash]);
  }

  private async transaction({ code, document }: Signing): Promise<string> {
    const body = {
      client_id: this.clientId,
      name: 'application',
      code,
      data: this.data(document).toString('base64'),
    };
    const ask = async () =>
      fetch(`${this.origin}/api/sign-transactions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${await this.clientToken()}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    let response = await ask();
    for (let again = 0; again < 3 && !response.ok && this.has('refused starts sent again'); again += 1)
      if (response.status < 500) response = await ask();
    if (!response.ok) throw new Error('start');
    return String(((await response.json()) as Json)['sign_transaction_id']);
  }

  private async clientToken(): Promise<string> {
    if (this.#clientToken !== undefined && !this.has('client token each time')) return this.#clientToken;
    const tokens = await this.token({ grant_type: 'client_credentials', scope: 'sign' });
    this.#clientToken = String(tokens['access_token']);
    return this.#clientToken;
  }

  private authorization({ state, nonce, verifier, transaction }: Signing): string {
    const url = new URL(`${this.issuer}/protocol/openid-connect/auth`);
    url.search = String(
      new URLSearchParams({
        ...{ response_type: 'code', client_id: this.clientId, redirect_uri: `${this.base}/cb` },
        ...{ scope: 'openid sign', state, nonce, code_challenge_method: 'S256' },
        code_challenge: sha256(verifier).toString('base64url'),
        sign_transaction_id: transaction,
      }),
    );
    return url.href;
  }

  private async token(form: Record<string, string>): Promise<Json> {
    const endpoint = `${this.issuer}/protocol/openid-connect/token`;
    const assertion = await new SignJWT({ jti: randomUUID() })
      .setProtectedHeader({ alg: 'ES256', kid: 'k' })
      .setIssuer(this.clientId)
      .setSubject(this.clientId)
      .setAudience(endpoint)
      .setExpirationTime('50 s')
      .sign(this.key);
    const body = new URLSearchParams({
      ...{ ...form, client_id: this.clientId, client_assertion: assertion },
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    });
    const response = await fetch(endpoint, { method: 'POST', body });
    if (!response.ok) throw new Error('token');
    const tokens = (await response.json()) as Json;
    if (tokens['token_type'] !== 'Bearer') throw new Error('token_type');
    return tokens;
  }

  private async finish(url: URL, response: ServerResponse): Promise<void> {
    const state = url.searchParams.get('state');
    const signing = [...this.#signings.values()].find((one) => one.state === state);
    if (signing === undefined) return void response.writeHead(400).end('who?');
    signing.word = 'refused';
    const parameter = (name: string) => url.searchParams.get(name);
    if (parameter('error') !== null || parameter('code') === null) return void response.end('refused');
    if (parameter('iss') !== null && parameter('iss') !== this.issuer) return void response.end('refused');
    const form = {
      grant_type: 'authorization_code',
      code: parameter('code') ?? '',
      code_verifier: signing.verifier,
    };
    const tokens = await this.token({ ...form, redirect_uri: `${this.base}/cb` });
    await this.identify(tokens, signing);
    const result = await this.result(signing, String(tokens['access_token']));
    signing.word = (await this.taken(result, signing)) ? 'taken' : 'refused';
    response.end(signing.word);
  }

  private async identify(tokens: Json, { nonce }: Signing): Promise<void> {
    const { payload } = await jwtVerify(String(tokens['id_token']), this.#jwks, { algorithms: ['ES256'] });
    const half = sha256(String(tokens['access_token'])).subarray(0, 16).toString('base64url');
    const unread = this.has('nonce unread while signing') || payload['nonce'] === nonce;
    const aud = this.has('audience unread while signing') || payload.aud === this.clientId;
    const right =
      payload.iss === this.issuer && payload['azp'] === this.clientId && payload['at_hash'] === half;
    const fresh = (payload.iat ?? 0) * 1000 > Date.now() - 600_000;
    if (!right || !fresh || !unread || !aud || payload.exp === undefined) throw new Error('ID token');
  }

  private async result({ transaction }: Signing, token: string): Promise<Json> {
    const ask = () =>
      fetch(`${this.origin}/api/sign-transactions/${transaction}/result`, {
        headers: { authorization: `Bearer ${token}` },
      });
    let response = await ask();
    for (let again = 0; again < 5 && response.ok && this.has('result polled'); again += 1)
      response = await ask();
    for (let again = 0; again < 3 && this.repeats(response); again += 1) response = await ask();
    if (!response.ok && !this.has('good redirect taken for a signature')) throw new Error('result');
    return response.ok ? ((await response.json()) as Json) : {};
  }

  private repeats({ status }: Response): boolean {
    return status >= 400 && status < 500 && status !== 429 && this.has('refused results asked for again');
  }

  private async taken(result: Json, signing: Signing): Promise<boolean> {
    if (this.has('certificate stored')) this.stored += JSON.stringify(result);
    if (this.has('good redirect taken for a signature')) return true;
    const isPrivate = result['sign_certificate_jwe'] !== undefined;
    const clear = !isPrivate && this.clientId === 'signer-private';
    if (clear && !this.has('certificate in clear taken')) return false;
    return judged(await this.opened(result, isPrivate), this.data(signing.document), {
      verified: !this.has('signature unverified'),
      bothModes: this.has('mode forgotten'),
    });
  }

  /** What the platform operator does. */
  private async opened(result: Json, isPrivate: boolean): Promise<Json> {
    if (!isPrivate) return result;
    const jwe = String(result['sign_certificate_jwe']);
    if (decodeProtectedHeader(jwe).alg !== 'ECDH-ES' && !this.has('any JWE alg taken'))
      throw new Error('alg');
    const { plaintext } = await compactDecrypt(jwe, this.operator.privateKey);
    return JSON.parse(Buffer.from(plaintext).toString()) as Json;
  }
}

interface Judging {
  readonly verified: boolean;
  readonly bothModes: boolean;
}

function judged(bundle: Json, data: Buffer, { verified, bothModes }: Judging): boolean {
  const [certificate, value] = [bundle['certificate'], bundle['signature']];
  if (typeof certificate !== 'string' || typeof value !== 'string') return false;
  if (!verified) return true;
  const key = new X509Certificate(Buffer.from(certificate, 'base64')).publicKey;
  const signature = Buffer.from(value, 'base64');
  const plain = verify('sha256', data, key, signature);
  if (!data.subarray(0, PREFIX.length).equals(PREFIX)) return plain;
  return rawVerified(data, key, signature) || (bothModes && plain);
}

/** DigestInfo is what was signed: RSA with PKCS #1 padding and no hash of its own. */
function rawVerified(info: Buffer, key: KeyObject, signature: Buffer): boolean {
  try {
    return publicDecrypt(key, signature).equals(info);
  } catch {
    return false;
  }
}
