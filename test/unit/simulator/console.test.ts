import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSimulator } from '../../../src/faces/simulator.ts';
import { driveCitizen } from '../../../src/simulator/citizen.ts';
import { readClient, readClients } from '../../../src/simulator/register-client.ts';
import { authorizationUrl, makeTestWorld, type TestWorld } from './relying-party.ts';

let world: TestWorld;
beforeAll(async () => {
  world = await makeTestWorld();
});
afterAll(() => world.simulator.close());

const ec = (namedCurve = 'P-256') => generateKeyPairSync('ec', { namedCurve });
const publicJwk = { ...ec().publicKey.export({ format: 'jwk' }), kid: 'k', use: 'sig', alg: 'ES256' };
const client = {
  clientId: 'app-1',
  jwks: publicJwk,
  redirectUris: ['http://localhost:3000/callback'],
  variant: 'private',
};
const form = {
  clientId: 'app-1',
  variant: 'private',
  redirectUris: 'http://localhost:3000/callback\nhttps://app.example/cb',
  jwks: JSON.stringify(publicJwk),
};

async function page(path = '/', body?: Record<string, string>, headers: Record<string, string> = {}) {
  const init =
    body === undefined ? { headers } : { method: 'POST', body: new URLSearchParams(body), headers };
  const response = await fetch(`${world.simulator.url}${path}`, { ...init, redirect: 'manual' });
  return { status: response.status, text: await response.text(), location: response.headers.get('location') };
}

describe('the page', () => {
  it('shows addresses, people, faults, settings and what was wrong in the last requests', async () => {
    await driveCitizen(authorizationUrl(world, { scope: 'openid', state: 's'.repeat(312) }));
    const { text } = await page();
    const shown = [
      '/.well-known/openid-configuration',
      'hanako',
      'token-7',
      'requiresShortStateParameter',
      'rp',
    ];
    for (const part of shown) expect(text).toContain(part);
    expect(text).toContain('it has 312 characters');
    expect(text).toContain('312文字です');
  });

  it('registers by its form, without leaving the page, and takes away again', async () => {
    const sent = await page('/simulator/console/clients', form);
    expect([sent.status, sent.location]).toEqual([200, null]);
    const url = { client_id: 'app-1', redirect_uri: 'https://app.example/cb', scope: 'openid' };
    expect(await driveCitizen(authorizationUrl(world, url))).toContain('code=');
    expect((await page('/simulator/console/forget', { clientId: 'app-1' })).text).not.toContain(
      'app.example/cb',
    );
    expect((await fetch(authorizationUrl(world, url))).status).toBe(400);
  });

  it('puts back what was typed where it refuses, and escapes it', async () => {
    const wrong = { ...form, clientId: 'a"><script>', jwks: '{' };
    const { status, text } = await page('/simulator/console/clients', wrong);
    expect(status).toBe(400);
    expect(text).toContain('JSON として読めません');
    expect(text).not.toContain('<script>');
    expect(text).toContain('a&#34;&#62;&#60;script&#62;');
  });

  it('takes no form of another site', async () => {
    const foreign = await page('/simulator/console/clients', form, { origin: 'https://evil.example' });
    expect(foreign.status).toBe(403);
    expect((await page('/simulator/console/faults', { act: 'clear' }, { origin: 'null' })).status).toBe(403);
  });

  it('switches a fault on for the next answers', async () => {
    await page('/simulator/console/faults', { fault: 'userinfo userinfo-4', times: '2', act: 'add' });
    expect(world.simulator.faults.pending('userinfo')).toBe(2);
    await page('/simulator/console/faults', { act: 'clear' });
    expect(world.simulator.faults.pending()).toBe(0);
  });
});

describe('registering', () => {
  it.each([
    ['a private key', { jwks: ec().privateKey.export({ format: 'jwk' }) }, 'jwks.keys.0', 'private key'],
    [
      'a private key in a set',
      { jwks: { keys: [ec().privateKey.export({ format: 'jwk' })] } },
      'jwks.keys.0',
      'private',
    ],
    ['another curve', { jwks: ec('P-384').publicKey.export({ format: 'jwk' }) }, 'jwks.keys.0', 'P-384'],
    ['a symmetric key', { jwks: { kty: 'oct', k: 'AAAA' } }, 'jwks.keys.0', '"k"'],
    ['an Ed25519 key', { jwks: { kty: 'OKP', crv: 'Ed25519', x: 'AAAA' } }, 'jwks.keys.0', 'OKP'],
    ['a point that is none', { jwks: { ...publicJwk, y: publicJwk.x } }, 'jwks.keys.0', 'no key'],
    ['an encryption key', { jwks: { ...publicJwk, use: 'enc' } }, 'jwks.keys.0', '"enc"'],
    ['another algorithm', { jwks: { ...publicJwk, alg: 'ES384' } }, 'jwks.keys.0', 'ES384'],
    ['one kid twice', { jwks: { keys: [publicJwk, publicJwk] } }, 'jwks.keys', 'same kid'],
    ['a fragment', { redirectUris: ['https://a.example/cb#x'] }, 'redirectUris.0', 'fragment'],
    ['an empty fragment', { redirectUris: ['https://a.example/cb#'] }, 'redirectUris.0', 'fragment'],
    ['a wildcard', { redirectUris: ['https://a.example/*'] }, 'redirectUris.0', '"*"'],
    ['plain http elsewhere', { redirectUris: ['http://a.example/cb'] }, 'redirectUris.0', 'https'],
    ['a long URI', { redirectUris: [`https://a.example/${'x'.repeat(250)}`] }, 'redirectUris.0', '255'],
    [
      'a logout URI with a fragment',
      { backchannelLogoutUri: 'https://a.example/#l' },
      'backchannelLogoutUri',
      'fragment',
    ],
    ['a space in the id', { clientId: 'a b' }, 'clientId', 'visible'],
  ])('refuses %s by its name', (_what, wrong, at, words) => {
    const read = readClient({ ...client, ...wrong });
    if ('client' in read) throw new Error('It was registered.');
    expect(read.refusal.at).toBe(at);
    expect(read.refusal.message.en).toContain(words);
    expect(read.refusal.message.ja).toMatch(/[ぁ-ん]/);
    expect(JSON.stringify(read.refusal)).not.toContain(String(ec().privateKey.export({ format: 'jwk' }).d));
  });

  it('refuses a small RSA key', () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const read = readClient({ ...client, jwks: publicKey.export({ format: 'jwk' }) });
    expect('refusal' in read && read.refusal.message.en).toContain('1024 bits');
  });

  it.each([
    ['one JWK', client],
    ['a set', { ...client, jwks: { keys: [publicJwk] } }],
    ['any visible characters', { ...client, clientId: 'rp:1/~!' }],
  ])('takes %s', (_what, value) => {
    expect(readClient(value)).toHaveProperty('client.jwks.keys.0.kid', 'k');
  });

  it('reads a file with a list, an object of clients, or one client, and says where it is wrong', () => {
    for (const value of [[client], { clients: [client] }, client])
      expect(readClients(JSON.stringify(value), 'c.json')).toHaveLength(1);
    const wrong = JSON.stringify([client, { ...client, redirectUris: ['https://a.example/#'] }]);
    expect(() => readClients(wrong, 'c.json')).toThrow(/at 1\.redirectUris\.0: it has a fragment/);
    expect(() => readClients('{', 'c.json')).toThrow(/no JSON/);
  });

  it('is held in the library face too', async () => {
    const wrong = {
      ...client,
      variant: 'private' as const,
      jwks: { keys: [ec().privateKey.export({ format: 'jwk' })] },
    };
    await expect(startSimulator({ clients: [wrong] })).rejects.toThrow(/private key/);
    const simulator = await startSimulator({ faults: [{ endpoint: 'discovery', name: 'empty' }] });
    expect(() => simulator.registerClient(wrong)).toThrow(/private key/);
    expect(simulator.faults.pending('discovery')).toBe(1);
    await simulator.close();
  });
});
