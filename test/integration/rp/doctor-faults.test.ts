import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLog } from '../../../src/adapters/log/pino-log.ts';
import { beatAsWorker, requireWorker, sinceWorkerWasHeard } from '../../../src/adapters/worker-heartbeat.ts';
import { examineAuthorization } from '../../../src/cli/doctor/authorization.ts';
import type { Finding } from '../../../src/cli/doctor/finding.ts';
import { examinePublicUrl } from '../../../src/cli/doctor/public-url.ts';
import { main } from '../../../src/cli/main.ts';
import { JitsuinError } from '../../../src/core/errors.ts';
import type { HttpResponse } from '../../../src/ports/http-client.ts';
import type { SimulatedEndpoint } from '../../../src/simulator/auth-and-sign/faults.ts';
import { freePorts } from '../../support/ports.ts';
import { type StoreHarness, sqliteHarness } from '../store/harness.ts';
import { type RpWorld, startRpWorld } from './world.ts';

let world: RpWorld;
let stranger: Server;
let strangerPort = 0;
beforeAll(async () => {
  world = await startRpWorld('gov');
  stranger = createServer((_request, response) => response.end('<html>another program</html>'));
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
  strangerPort = (stranger.address() as AddressInfo).port;
});
afterAll(async () => {
  stranger.close();
  await world.close();
});

async function doctor(env: Record<string, string>) {
  const out: string[] = [];
  const status = await main(['doctor', '--role', 'gov', '--json'], {
    stdout: (text) => void out.push(text),
    stderr: () => undefined,
    isTty: false,
    env,
    signal: new AbortController().signal,
  });
  const { findings } = JSON.parse(out.join('')) as { findings: readonly Finding[] };
  return { status, findings };
}

interface Fault {
  readonly what: string;
  readonly check: string;
  readonly state?: Finding['state'];
  readonly code?: string;
  readonly says: RegExp;
  readonly advice: RegExp;
  readonly env?: (env: Record<string, string>) => Record<string, string> | Promise<Record<string, string>>;
  /** Faults of the simulated endpoints, each for its next request. */
  readonly faults?: readonly (readonly [SimulatedEndpoint, string])[];
}

const pem = (text: string) => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`;
const file = (name: string, text: string) => {
  const path = join(world.dir, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
};

const FAULTS: readonly Fault[] = [
  {
    what: 'a redirect URI that is not registered',
    check: 'service-authorization',
    code: 'upstream.operator',
    says: /does not know the redirect URI/,
    advice: /Register exactly this address/,
    env: (env) => ({ ...env, JITSUIN_REDIRECT_URI: `${env['JITSUIN_PUBLIC_URL']}/callback/other` }),
  },
  {
    what: 'a client that is not registered',
    check: 'service-authorization',
    code: 'upstream.operator',
    says: /does not know the client/,
    advice: /JITSUIN_CLIENT_ID/,
    env: () => ({ JITSUIN_CLIENT_ID: 'RP99999999' }),
  },
  {
    what: 'an authorization endpoint under maintenance',
    check: 'service-authorization',
    state: 'undecided',
    says: /answered 503/,
    advice: /maintenance/,
    faults: [['authorization', 'maintenance']],
  },
  {
    what: 'a public URL whose host is another program',
    check: 'public-url',
    code: 'config.invalid',
    says: /something else than jitsuin/,
    advice: /points to/,
    env: () => ({ JITSUIN_PUBLIC_URL: `http://127.0.0.1:${strangerPort}` }),
  },
  {
    what: 'a public URL with a path that nobody hands on',
    check: 'public-url',
    says: /404/,
    advice: /Host or path/,
    env: (env) => ({ JITSUIN_PUBLIC_URL: `${env['JITSUIN_PUBLIC_URL']}/sign` }),
  },
  {
    what: 'a public URL at which nothing listens',
    check: 'public-url',
    state: 'undecided',
    says: /./,
    advice: /Start "serve"/,
    env: async () => ({ JITSUIN_PUBLIC_URL: `http://127.0.0.1:${(await freePorts(1))[0]}` }),
  },
  {
    what: 'the port taken by another program',
    check: 'port-JITSUIN_PORT',
    code: 'config.invalid',
    says: /taken by another program/,
    advice: /ss -ltnp/,
    env: () => ({ JITSUIN_PORT: String(strangerPort) }),
  },
  {
    what: 'the management port taken by another program',
    check: 'port-JITSUIN_MANAGEMENT_PORT',
    says: /JITSUIN_MANAGEMENT_PORT/,
    advice: /another port/,
    env: () => ({ JITSUIN_MANAGEMENT_PORT: String(strangerPort) }),
  },
  {
    what: 'a host that is no address of this machine',
    check: 'port-JITSUIN_PORT',
    says: /EADDRNOTAVAIL/,
    advice: /no address of this machine/,
    env: () => ({ JITSUIN_HOST: '192.0.2.1' }),
  },
  ...(
    [
      ['try-later', 'revocation.unavailable', /try later/],
      ['unauthorized', 'revocation.refused', /serves another CA/],
      ['wrong-nonce', 'revocation.nonce', /cache/],
      ['without-nonce', 'revocation.nonce', /cache/],
      ['other-serial', 'revocation.serial', /cache/],
      ['stale', 'revocation.stale', /old/],
      ['future', 'revocation.future', /clocks/],
      ['forged', 'revocation.signature', /JITSUIN_TRUST_FILE/],
      ['html', 'revocation.invalid', /no OCSP responder/],
    ] as const
  ).map(([fault, code, advice]) => ({
    what: `an OCSP responder: ${fault}`,
    check: 'ocsp-1',
    code,
    says: /answer is of no use/,
    advice,
    faults: [['ocsp', fault]] as const,
  })),
  {
    what: 'an OCSP address of another path',
    check: 'ocsp-1',
    says: /404/,
    advice: /JITSUIN_OCSP_URL/,
    env: (env) => ({ JITSUIN_OCSP_URL: `${env['JITSUIN_OCSP_URL']}/nowhere` }),
  },
  {
    what: 'an OCSP address at which nothing listens',
    check: 'ocsp-1',
    says: /did not answer/,
    advice: /JITSUIN_OCSP_URL/,
    env: async () => ({ JITSUIN_OCSP_URL: `http://127.0.0.1:${(await freePorts(1))[0]}/ocsp` }),
  },
  {
    what: 'a source of CRLs that is away',
    check: 'crl-1',
    says: /did not answer|answered 50/,
    advice: /JITSUIN_CRL_URL/,
    faults: [['crl', 'html-error']],
  },
  {
    what: 'a source of CRLs that answers with a page',
    check: 'crl-1',
    code: 'revocation.invalid',
    says: /Not a CRL/,
    advice: /JITSUIN_CRL_URL/,
    faults: [['crl', 'html']],
  },
  {
    what: 'a CRL folder that is not there',
    check: 'revocation-source',
    says: /not there/,
    advice: /delivered there/,
    env: () => ({ JITSUIN_CRL_DIR: join(world.dir, 'no-such-folder') }),
  },
  {
    what: 'an empty CRL folder',
    check: 'crl-folder',
    code: 'revocation.unavailable',
    says: /no file/,
    advice: /renamed into/,
    env: () => {
      mkdirSync(join(world.dir, 'empty-crls'), { recursive: true });
      return { JITSUIN_CRL_DIR: join(world.dir, 'empty-crls') };
    },
  },
  {
    what: 'a CRL folder with half a file',
    check: 'crl-folder',
    code: 'revocation.invalid',
    says: /half\.crl: Not a CRL/,
    advice: /whole DER files/,
    env: () => {
      mkdirSync(join(world.dir, 'half-crls'), { recursive: true });
      writeFileSync(join(world.dir, 'half-crls', 'half.crl'), Buffer.from('3082', 'hex'));
      return { JITSUIN_CRL_DIR: join(world.dir, 'half-crls') };
    },
  },
  {
    what: 'no trust file',
    check: 'trust-anchors',
    says: /./,
    advice: /as PEM/,
    env: () => ({ JITSUIN_TRUST_FILE: join(world.dir, 'no-such.pem') }),
  },
  {
    what: 'a trust file that holds none',
    check: 'trust-anchors',
    code: 'certificate.syntax',
    says: /./,
    advice: /as PEM/,
    env: () => ({ JITSUIN_TRUST_FILE: file('none.pem', 'nothing here') }),
  },
  {
    what: 'a trust file with something that is no certificate',
    check: 'trust-anchors',
    says: /./,
    advice: /as PEM/,
    env: () => ({ JITSUIN_TRUST_FILE: file('broken.pem', pem('AAAA')) }),
  },
  {
    what: 'a TSA that refuses',
    check: 'time-stamp',
    code: 'timestamp.refused',
    says: /refused/,
    advice: /registration/,
    faults: [['tsa', 'rejection']],
  },
  {
    what: 'a TSA whose token is about another question',
    check: 'time-stamp',
    code: 'timestamp.nonce',
    says: /not acceptable/,
    advice: /JITSUIN_TSA_URL/,
    faults: [['tsa', 'wrong-nonce']],
  },
  {
    what: 'a TSA whose token stamps something else',
    check: 'time-stamp',
    code: 'timestamp.imprint',
    says: /not acceptable/,
    advice: /JITSUIN_TSA_URL/,
    faults: [['tsa', 'wrong-imprint']],
  },
  {
    what: 'a TSA whose certificate was revoked',
    check: 'time-stamp',
    code: 'certificate.revoked',
    says: /not known to be good/,
    advice: /revoked/,
    faults: [['tsa-crl', 'revoked']],
  },
  {
    what: 'a TSA of which nobody says whether it is good',
    check: 'time-stamp',
    says: /not known to be good/,
    advice: /JITSUIN_TSA_CRL/,
    code: 'revocation.unavailable',
    faults: [['tsa-crl', 'html-error']],
  },
  {
    what: 'a TSA under another root',
    check: 'time-stamp',
    code: 'timestamp.certificate',
    says: /not acceptable/,
    advice: /JITSUIN_TSA_TRUST_FILE/,
    env: (env) => ({ JITSUIN_TSA_TRUST_FILE: env['JITSUIN_TRUST_FILE'] ?? '' }),
  },
  {
    what: 'a TSA whose roots are no certificates',
    check: 'time-stamp',
    code: 'certificate.syntax',
    says: /./,
    advice: /PEM/,
    env: () => ({ JITSUIN_TSA_TRUST_FILE: file('tsa.pem', 'nothing') }),
  },
  {
    what: 'a discovery document of another issuer',
    check: 'service-discovery',
    code: 'oidc.issuer',
    says: /./,
    advice: /to the last slash/,
    faults: [['discovery', 'wrong-issuer']],
  },
  {
    what: 'a service without a key set',
    check: 'service-keys',
    says: /./,
    advice: /^$/,
    faults: [['jwks', 'empty-set']],
  },
];

describe('doctor finds what is wrong and says what to do', { timeout: 60_000 }, () => {
  it('nothing where nothing is wrong', async () => {
    const { findings, status } = await doctor(world.env('gov'));
    expect(findings.filter(({ state }) => state === 'failed' || state === 'undecided')).toEqual([]);
    const rate = Number(world.env('gov')['JITSUIN_SERVICE_RATE'] ?? '20');
    const says = findings.find(({ check }) => check === 'service-rate')?.says;
    expect(says).toContain(`${Math.floor((rate * 10) / 3) / 10} applications a second`);
    expect(status).toBe(0);
  });

  it.each(FAULTS)('$what', async ({ check, state = 'failed', code, says, advice, env, faults = [] }) => {
    for (const [endpoint, fault] of faults) world.simulator.faults.next(endpoint, fault);
    const base = world.env('gov');
    const { findings, status } = await doctor({ ...base, ...(await env?.(base)) });
    const found = findings.find((finding) => finding.check === check);
    expect(found, JSON.stringify(findings)).toMatchObject({ state, says: expect.stringMatching(says) });
    expect(found?.advice ?? '').toMatch(advice);
    if (code !== undefined) expect(found?.code).toBe(code);
    expect(status).toBe(findings.some((finding) => finding.state === 'failed') ? 1 : 3);
  });
});

describe('the authorization endpoint', () => {
  const redirectUri = 'https://sp.example/callback';
  const answers = (status: number, headers: Record<string, string> = {}, body = ''): HttpResponse => ({
    ...{ status, headers, body: new TextEncoder().encode(body) },
  });
  const look = (answer: HttpResponse) =>
    examineAuthorization('service-authorization', {
      authorizationEndpoint: 'https://op.example/auth',
      clientId: 'RP1',
      redirectUri,
      scope: ['openid'],
      http: { send: () => Promise.resolve(answer) },
    });
  it.each([
    ['a login page', answers(200), 'passed', /takes client RP1/],
    [
      'a way to the login page',
      answers(302, { location: 'https://op.example/login' }),
      'passed',
      /takes client/,
    ],
    [
      'an error at our redirect URI',
      answers(302, { location: `${redirectUri}?error=invalid_scope&state=x` }),
      'failed',
      /"invalid_scope"/,
    ],
    [
      'a disabled client',
      answers(302, { location: `${redirectUri}?error=unauthorized_client` }),
      'failed',
      /"unauthorized_client"/,
    ],
    ['an unknown path', answers(404), 'failed', /not there \(404\)/],
    ['a refusal that says nothing', answers(400, {}, '<p>残念</p>'), 'failed', /refused our request \(400\)/],
    ['mass access', answers(429), 'failed', /answered 429/],
  ] as const)('%s', async (_what, answer, state, says) => {
    expect(await look(answer)).toMatchObject({ state, says: expect.stringMatching(says) });
  });
});

describe('our own public URL', () => {
  const look = (status: number, location?: string) =>
    examinePublicUrl('https://sp.example/sign/', {
      send: ({ url }) => {
        expect(url).toBe('https://sp.example/sign/livez');
        const headers: Record<string, string> = location === undefined ? {} : { location };
        return Promise.resolve({ status, headers, body: new Uint8Array() });
      },
    });
  it.each([
    [301, 'https://www.sp.example/sign/livez', /leads to https:\/\/www\.sp\.example/],
    [502, undefined, /does not reach us/],
    [503, undefined, /does not reach us/],
    [401, undefined, /answered 401/],
  ] as const)('answers %s', async (status, location, says) => {
    expect(await look(status, location)).toMatchObject({
      state: 'failed',
      says: expect.stringMatching(says),
    });
  });

  it('a certificate that nobody trusts is told as such', async () => {
    const http = {
      send: () => Promise.reject(new JitsuinError('upstream.tls', 'The certificate did not verify.')),
    };
    expect(await examinePublicUrl('https://sp.example', http)).toMatchObject({
      state: 'failed',
      advice: expect.stringMatching(/certificate of the proxy/),
    });
  });
});

describe('a worker', () => {
  let store: StoreHarness;
  beforeAll(() => {
    store = sqliteHarness();
  });
  afterAll(async () => {
    await store.end();
    rmSync(store.folder, { recursive: true, force: true });
  });

  it('is heard while it runs, and missed a minute after', async () => {
    const opened = await store.open();
    const { leases } = opened;
    expect(await sinceWorkerWasHeard(leases, store.clock)).toBeUndefined();
    await expect(requireWorker('gov', leases, store.clock)).rejects.toMatchObject({
      code: 'queue.unavailable',
      message: expect.stringMatching(/None has ever been heard.*worker --role gov/),
    });
    const beating = beatAsWorker(leases, store.clock, silentLog);
    await expect.poll(() => sinceWorkerWasHeard(leases, store.clock)).toBe(0);
    await requireWorker('gov', leases, store.clock);
    await beating.stop();
    store.clock.millis += 60_000;
    await requireWorker('gov', leases, store.clock);
    store.clock.millis += 1;
    await expect(requireWorker('gov', leases, store.clock)).rejects.toThrow(/60 s ago/);
    const next = beatAsWorker(leases, store.clock, silentLog);
    await expect.poll(() => sinceWorkerWasHeard(leases, store.clock)).toBe(0);
    await next.stop();
    await opened.close();
  });
});
