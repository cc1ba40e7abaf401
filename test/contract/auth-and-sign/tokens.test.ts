import { describe, expect, it } from 'vitest';
import { createAuthAndSign } from '../../../src/adapters/auth-and-sign/private-client.ts';
import { createHttpClient } from '../../../src/adapters/http-client/http-client.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { codeOf } from '../../unit/oidc/mint.ts';
import {
  discovery,
  memoryLeases,
  optionsFor,
  REQUEST,
  SIMULATED_SUBJECT,
  START,
  TRANSACTION,
  tokenAnswer,
} from './recorded-service.ts';
import { client, service, useRecordedService } from './setup.ts';

useRecordedService();

const nowSeconds = () => Math.floor(Date.now() / 1000);

function bodiesOf(path: string): readonly URLSearchParams[] {
  return service.seen.filter((one) => one.path.endsWith(path)).map((one) => new URLSearchParams(one.body));
}

describe('Q14: the client token', () => {
  it('is fetched once for many citizens over many processes', async () => {
    const leases = memoryLeases();
    const processes = await Promise.all([1, 2, 3, 4].map(() => client({ leases })));
    await Promise.all(
      processes.flatMap((one) => Array.from({ length: 25 }, () => one.startSignature(START))),
    );
    expect(service.count('start')).toBe(100);
    expect(service.count('token')).toBe(1);
  });

  it('is not fetched again by whoever looked just before another wrote it', async () => {
    const leases = memoryLeases();
    const other = await client({ leases });
    let looked = 0;
    const read: typeof leases.read = async (name) => {
      const before = await leases.read(name);
      looked += 1;
      if (looked === 1) await other.startSignature(START);
      return before;
    };
    await (await client({ leases: { ...leases, read } })).startSignature(START);
    expect(service.count('token')).toBe(1);
  });

  it('is fetched anew a margin before it expires', async () => {
    let now = Date.now();
    const sp = await client({ clock: { now: () => now as EpochMillis } });
    await sp.startSignature(START);
    now += 839_000;
    await sp.startSignature(START);
    expect(service.count('token')).toBe(1);
    now += 2_000;
    await sp.startSignature(START);
    expect(service.count('token')).toBe(2);
  });

  it('is taken over from a process that died with the lease', async () => {
    let now = Date.now();
    const leases = memoryLeases();
    const asked: string[] = [];
    const acquire: typeof leases.acquire = async (name, ...rest) => {
      asked.push(name);
      now += 1_000;
      return leases.acquire(name, ...rest);
    };
    const sp = await client({ leases: { ...leases, acquire }, clock: { now: () => now as EpochMillis } });
    await sp.startSignature(START);
    now += 900_000;
    await leases.acquire(asked[0] ?? '', 'dead', now as EpochMillis, (now + 5_500) as EpochMillis);
    await sp.startSignature(START);
    expect(asked.length).toBe(1 + 7);
    expect(service.count('token')).toBe(2);
  });

  it('a failed fetch frees the lease for the next', async () => {
    const sp = await client();
    service.answers.token = { status: 503 };
    expect(await codeOf(sp.startSignature(START))).toBe('upstream.temporary');
    delete service.answers.token;
    expect(await sp.startSignature(START)).toEqual({ id: TRANSACTION });
  });
});

describe('the code grant', () => {
  it('Q12, G5: an answer that never comes, or cut, costs the code; nothing is sent twice', async () => {
    for (const fault of ['hang', 'reset'] as const) {
      service.seen.length = 0;
      service.answers.token = { fault };
      const sp = createAuthAndSign(await optionsFor(service, {}, 300));
      expect(await codeOf(sp.exchangeCode('code', REQUEST))).toBe('upstream.restart');
      expect(service.count('token')).toBe(1);
    }
  });

  it('a service that is not reached has seen nothing: the code may be sent later', async () => {
    const dead = 'http://127.0.0.1:1';
    service.answers.discovery = { json: { ...discovery(service.issuer), token_endpoint: `${dead}/token` } };
    const http = createHttpClient({
      allowedHosts: [new URL(service.origin).host, '127.0.0.1:1'],
      loopbackHttp: 'allowed',
    });
    const sp = await client({ http, otherOrigins: [dead] });
    const thrown: unknown = await sp.exchangeCode('code', REQUEST).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ code: 'upstream.unreachable', at: 'connect' });
    http.close();
  });

  it.each([
    ['nonce', { nonce: 'other' }, 'oidc.nonce'],
    ['at_hash', { at_hash: 'x' }, 'oidc.at-hash'],
    ['aud', { aud: 'RP00000002' }, 'oidc.audience'],
    ['sub', { sub: undefined }, 'oidc.subject'],
    ['typ', { typ: 'Bearer' }, 'oidc.token-type'],
  ])('aborts at a wrong %s, without a refresh', async (_, changes, code) => {
    service.answers.token = { json: tokenAnswer(service.issuer, service.key, 'authorization_code', changes) };
    expect(await codeOf((await client()).exchangeCode('code', REQUEST))).toBe(code);
    expect(service.count('token')).toBe(1);
  });

  it('G11: an ID token refused for its time only is replaced by a refresh', async () => {
    const late = { iat: nowSeconds() - 3_600, exp: nowSeconds() - 2_700 };
    service.answers.token = ({ body }) => {
      const grant = new URLSearchParams(body).get('grant_type') ?? '';
      return { json: tokenAnswer(service.issuer, service.key, grant, grant === 'refresh_token' ? {} : late) };
    };
    const tokens = await (await client()).exchangeCode('code', REQUEST);
    expect(tokens.subject).toBe(SIMULATED_SUBJECT);
    expect(bodiesOf('/token').map((form) => form.get('grant_type'))).toEqual([
      'authorization_code',
      'refresh_token',
    ]);
  });

  it('a refresh that brings another subject, or is late again, is refused', async () => {
    const late = { iat: nowSeconds() - 3_600, exp: nowSeconds() - 2_700 };
    service.answers.token = ({ body }) => {
      const grant = new URLSearchParams(body).get('grant_type') ?? '';
      return {
        json: tokenAnswer(
          service.issuer,
          service.key,
          grant,
          grant === 'refresh_token' ? { sub: 'other' } : late,
        ),
      };
    };
    expect(await codeOf((await client()).exchangeCode('code', REQUEST))).toBe('oidc.subject');
    service.answers.token = ({ body }) => ({
      json: tokenAnswer(service.issuer, service.key, new URLSearchParams(body).get('grant_type') ?? '', late),
    });
    expect(await codeOf((await client()).exchangeCode('code', REQUEST))).toBe('oidc.time');
  });

  it('without an ID token there are no tokens', async () => {
    service.answers.token = { json: { access_token: 'a', token_type: 'Bearer' } };
    expect(await codeOf((await client()).exchangeCode('code', REQUEST))).toBe('upstream.restart');
  });

  it('another token type is refused', async () => {
    const json = { ...tokenAnswer(service.issuer, service.key, 'authorization_code'), token_type: 'DPoP' };
    service.answers.token = { json };
    expect(await codeOf((await client()).exchangeCode('code', REQUEST))).toBe('upstream.restart');
  });
});

describe('O23: refresh', () => {
  it('keeps the old refresh token where none comes, and takes a new one', async () => {
    const sp = await client();
    const tokens = await sp.exchangeCode('code', REQUEST);
    const rotated = await sp.refresh(tokens);
    expect(rotated.refreshToken).not.toBe(tokens.refreshToken);
    service.answers.token = () => {
      const { refresh_token: _, ...json } = {
        refresh_token: '',
        ...tokenAnswer(service.issuer, service.key, 'refresh_token'),
      };
      return { json };
    };
    const kept = await sp.refresh(rotated);
    expect(kept.refreshToken).toBe(rotated.refreshToken);
    expect(kept.sid).toBe('sid-1');
  });

  it('another subject ends it', async () => {
    const sp = await client();
    const tokens = await sp.exchangeCode('code', REQUEST);
    service.answers.token = {
      json: tokenAnswer(service.issuer, service.key, 'refresh_token', { sub: 'other' }),
    };
    expect(await codeOf(sp.refresh(tokens))).toBe('oidc.subject');
  });

  it('the original nonce may come again, another may not', async () => {
    const sp = await client();
    const tokens = await sp.exchangeCode('code', REQUEST);
    service.answers.token = () => ({
      json: tokenAnswer(service.issuer, service.key, 'refresh_token', { nonce: REQUEST.nonce }),
    });
    expect(await sp.refresh(tokens)).toMatchObject({ subject: SIMULATED_SUBJECT });
    service.answers.token = () => ({
      json: tokenAnswer(service.issuer, service.key, 'refresh_token', { nonce: 'x' }),
    });
    expect(await codeOf(sp.refresh(tokens))).toBe('oidc.nonce');
  });

  it('without a refresh token nothing is sent', async () => {
    const sp = await client();
    const { refreshToken: _, ...tokens } = await sp.exchangeCode('code', REQUEST);
    expect(await codeOf(sp.refresh(tokens))).toBe('login.tokens-gone');
    expect(service.count('token')).toBe(1);
  });
});
