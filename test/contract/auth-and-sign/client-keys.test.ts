import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { clientAuthentication } from '../../../src/adapters/auth-and-sign/client-assertion.ts';
import { createClientKeys, generateClientKey } from '../../../src/adapters/keys/client-key.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { codeOf } from '../../unit/oidc/mint.ts';
import { optionsFor, REQUEST } from './recorded-service.ts';
import { client, service, useRecordedService } from './setup.ts';

useRecordedService();

const COUNT = process.env['JITSUIN_LONG_TESTS'] === '1' ? 100_000 : 20_000;

describe('O24: client assertions', () => {
  it(`${COUNT} of them: no jti twice, all for the token endpoint, none lives longer than five minutes`, async () => {
    const claims: Readonly<Record<string, string | number>>[] = [];
    const options = await optionsFor(service, {
      clientKeys: {
        signAssertion: async (given) => {
          claims.push(given);
          return 'a.b.c';
        },
      },
      random: { octets: (count) => new Uint8Array(randomBytes(count)), id: () => 'x' },
    });
    for (let count = 0; count < COUNT; count += 1)
      await clientAuthentication(options, 'https://op.example/token');
    expect(new Set(claims.map(({ jti }) => jti)).size).toBe(COUNT);
    expect(new Set(claims.map(({ aud }) => aud))).toEqual(new Set(['https://op.example/token']));
    expect(claims.every(({ exp, iat }) => Number(exp) - Number(iat) <= 300)).toBe(true);
  });

  it('a clock two minutes behind makes assertions that are over: the service says no once, an operator must act', async () => {
    service.answers.token = ({ body }) => {
      const assertion = new URLSearchParams(body).get('client_assertion') ?? '';
      const { exp } = JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString()) as {
        exp: number;
      };
      if (exp * 1000 > Date.now()) return { status: 500, json: {} };
      return {
        status: 401,
        json: { error: 'invalid_client', error_description: 'Invalid client or Invalid client credentials' },
      };
    };
    const late = await client({ clock: { now: () => (Date.now() - 120_000) as EpochMillis } });
    expect(await codeOf(late.exchangeCode('code', REQUEST))).toBe('upstream.operator');
    expect(service.count('token')).toBe(1);
  });
});

describe('M2: two client keys, the service knows only the other one', () => {
  it('signs by the active one, is refused once, and tries no other', async () => {
    const [known, active] = [await generateClientKey('ES256'), await generateClientKey('ES256')];
    const kids: unknown[] = [];
    service.answers.token = ({ body }) => {
      const assertion = new URLSearchParams(body).get('client_assertion') ?? '';
      kids.push(
        (JSON.parse(Buffer.from(assertion.split('.')[0] ?? '', 'base64url').toString()) as { kid: string })
          .kid,
      );
      return {
        status: 401,
        json: { error: 'invalid_client', error_description: 'Invalid client or Invalid client credentials' },
      };
    };
    const rp = await client({ clientKeys: createClientKeys({ active: active.kid, keys: [known, active] }) });
    expect(await codeOf(rp.exchangeCode('code', REQUEST))).toBe('upstream.operator');
    expect(kids).toEqual([active.kid]);
  });
});

describe('clients of a broker that takes a secret', () => {
  const secret = 'a:b%c d+é';
  const bodyAndHeader = () => {
    const [sent] = service.seen.filter(({ path }) => path === '/realm/token');
    return { form: new URLSearchParams(sent?.body), authorization: sent?.authorization };
  };
  it('client_secret_basic: both parts form-encoded first, nothing of it in the body', async () => {
    const rp = await client({ clientSecret: { method: 'client_secret_basic', secret } });
    await rp.exchangeCode('code', REQUEST);
    const { form, authorization = '' } = bodyAndHeader();
    expect([...form.keys()].filter((name) => name.startsWith('client_'))).toEqual([]);
    const [id, sent] = Buffer.from(authorization.replace('Basic ', ''), 'base64').toString().split(':');
    expect([id, new URLSearchParams(`t=${sent}`).get('t')]).toEqual(['RP00000001', secret]);
  });

  it('client_secret_post: in the body, no header, no assertion', async () => {
    const rp = await client({ clientSecret: { method: 'client_secret_post', secret } });
    await rp.exchangeCode('code', REQUEST);
    const { form, authorization } = bodyAndHeader();
    expect([form.get('client_id'), form.get('client_secret'), authorization]).toEqual([
      'RP00000001',
      secret,
      undefined,
    ]);
    expect(form.has('client_assertion')).toBe(false);
  });
});
