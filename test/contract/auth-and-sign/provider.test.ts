import { describe, expect, it } from 'vitest';
import { createAuthAndSign } from '../../../src/adapters/auth-and-sign/private-client.ts';
import { createProvider, KEY_SET_LIFE_MILLIS } from '../../../src/adapters/auth-and-sign/provider.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { codeOf, ecKey, mint } from '../../unit/oidc/mint.ts';
import {
  type Answer,
  discovery,
  optionsFor,
  REQUEST,
  SIMULATED_SUBJECT,
  tokenAnswer,
} from './recorded-service.ts';
import { client, service, useRecordedService } from './setup.ts';

useRecordedService();

describe('discovery', () => {
  it('O7, G10: another issuer stops everything before the code leaves', async () => {
    service.answers.discovery = { json: { ...discovery(service.issuer), issuer: `${service.issuer}/` } };
    const sp = await client();
    expect(await codeOf(sp.exchangeCode('code', REQUEST))).toBe('oidc.issuer');
    expect(await codeOf(sp.authorizationUrl(REQUEST))).toBe('oidc.issuer');
    expect(service.count('token')).toBe(0);
  });

  it('is fetched once for many, and again after its time', async () => {
    let now = Date.now();
    const sp = await client({ clock: { now: () => now as EpochMillis } });
    await Promise.all(Array.from({ length: 50 }, () => sp.authorizationUrl(REQUEST)));
    expect(service.count('discovery')).toBe(1);
    now += 10 * 60_000;
    await sp.authorizationUrl(REQUEST);
    expect(service.count('discovery')).toBe(2);
  });

  it('serves on through an outage, for an hour', async () => {
    let now = Date.now();
    const sp = await client({ clock: { now: () => now as EpochMillis } });
    await sp.authorizationUrl(REQUEST);
    service.answers.discovery = { status: 503 };
    now += 30 * 60_000;
    expect(await sp.authorizationUrl(REQUEST)).toContain(service.issuer);
    now += 30 * 60_000;
    expect(await codeOf(sp.authorizationUrl(REQUEST))).toBe('upstream.response');
  });

  it('plain http is refused without the flag', async () => {
    expect(await codeOf(client({ allowLoopbackHttp: false }))).toBe('oidc.metadata');
  });
});

describe('two keys of the service', () => {
  it('O12: a new key is found, a withdrawn one refused', async () => {
    const sp = await client();
    await sp.exchangeCode('code', REQUEST);
    const next = ecKey('op-2');
    service.answers.certs = { json: { keys: [service.key.publicJwk, next.publicJwk] } };
    service.answers.token = () => ({ json: tokenAnswer(service.issuer, next, 'authorization_code') });
    expect(await sp.exchangeCode('code', REQUEST)).toMatchObject({ subject: SIMULATED_SUBJECT });
    service.answers.certs = { json: { keys: [next.publicJwk] } };
    service.answers.token = () => ({ json: tokenAnswer(service.issuer, service.key, 'authorization_code') });
    expect(await codeOf(sp.exchangeCode('code', REQUEST))).toBe('oidc.token-key');
  });
});

describe('O11, G3: the keys are fetched at each check, without a storm', () => {
  it('sequential checks fetch each, parallel ones share one', async () => {
    const sp = await client();
    await sp.exchangeCode('code', REQUEST);
    await sp.exchangeCode('code', REQUEST);
    expect(service.count('certs')).toBe(2);
    let inFlight = 0;
    let most = 0;
    service.answers.certs = async () => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      await new Promise((resolve) => setTimeout(resolve, 20));
      inFlight -= 1;
      return { json: { keys: [service.key.publicJwk] } };
    };
    await Promise.all(Array.from({ length: 20 }, () => sp.exchangeCode('code', REQUEST)));
    expect(most).toBe(1);
    expect(service.count('certs')).toBeLessThan(2 + 20);
  });

  it.each(['id-token', 'logout-token'] as const)(
    '1,000 random kids in ten seconds: one forced fetch (%s)',
    async (use) => {
      let now = Date.now();
      const options = await optionsFor(service, { clock: { now: () => now as EpochMillis } });
      const { keySets } = createProvider(options);
      await keySets.forToken(use, 'op-1');
      for (let count = 0; count < 1_000; count += 1) {
        now += 10;
        await keySets.forToken(use, `random-${count}`);
      }
      expect(service.count('certs')).toBe(2);
      expect((await keySets.forToken(use, 'op-1')).keys).toHaveLength(1);
      now += 30_000;
      await keySets.forToken(use, 'random');
      expect(service.count('certs')).toBe(use === 'id-token' ? 4 : 3);
    },
  );

  it('logout tokens are judged with a recent set', async () => {
    const sp = await client();
    const token = () => mint(service.key, logoutClaims(service.issuer));
    for (let count = 0; count < 5; count += 1) {
      expect(await sp.logoutTokens.verify(token())).toMatchObject({ subject: SIMULATED_SUBJECT });
    }
    expect(service.count('certs')).toBe(1);
    expect(await codeOf(sp.logoutTokens.verify(mint(ecKey('op-1'), logoutClaims(service.issuer))))).toBe(
      'oidc.token-signature',
    );
    expect(await codeOf(sp.logoutTokens.verify('nonsense'))).toBe('oidc.token-type');
    expect(
      await codeOf(sp.logoutTokens.verify(mint(service.key, { ...logoutClaims(service.issuer), iss: 'x' }))),
    ).toBe('oidc.issuer');
  });

  it('another issuer of logout tokens may be configured, then only that one', async () => {
    const sp = createAuthAndSign({
      ...(await optionsFor(service)),
      logoutIssuers: ['https://other.simulated.example', 'https://third.simulated.example'],
    });
    const claims = logoutClaims('https://other.simulated.example');
    expect(await sp.logoutTokens.verify(mint(service.key, claims))).toMatchObject({ jti: 'simulated-jti' });
    const third = logoutClaims('https://third.simulated.example');
    expect(await sp.logoutTokens.verify(mint(service.key, third))).toMatchObject({ jti: 'simulated-jti' });
    expect(await codeOf(sp.logoutTokens.verify(mint(service.key, logoutClaims(service.issuer))))).toBe(
      'oidc.issuer',
    );
  });
});

describe('O12: bad key sets', () => {
  const bad: readonly (readonly [string, Answer])[] = [
    ['empty', { json: { keys: [] } }],
    ['503', { status: 503 }],
    ['10 MB', { raw: `{"keys":[${'{},'.repeat(3_000_000)}{}]}` }],
    ['HTML', { raw: '<html></html>' }],
    ['symmetric', { json: { keys: [{ kty: 'oct', k: 'AAAA', kid: 'op-1', alg: 'HS256' }] } }],
    ['cut off', { fault: 'reset' }],
  ];

  it.each(bad)('%s: never replaces a good one, but its time ends', async (_, answer) => {
    let now = Date.now();
    const sp = await client({ clock: { now: () => now as EpochMillis }, iatWindowMillis: 3_600_000 });
    await sp.exchangeCode('code', REQUEST);
    service.answers.certs = answer;
    expect(await sp.exchangeCode('code', REQUEST)).toMatchObject({ subject: SIMULATED_SUBJECT });
    now += KEY_SET_LIFE_MILLIS;
    expect(['upstream.restart', 'oidc.token-key']).toContain(await codeOf(sp.exchangeCode('code', REQUEST)));
  });

  it.each(bad)('%s at the first check: nothing is verified', async (_, answer) => {
    service.answers.certs = answer;
    expect(['upstream.restart', 'oidc.token-key']).toContain(
      await codeOf((await client()).exchangeCode('code', REQUEST)),
    );
  });
});

function logoutClaims(iss: string) {
  const seconds = Math.floor(Date.now() / 1000);
  const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
  return {
    iss,
    aud: 'RP00000001',
    sub: SIMULATED_SUBJECT,
    jti: 'simulated-jti',
    iat: seconds,
    exp: seconds + 60,
    events,
  };
}
