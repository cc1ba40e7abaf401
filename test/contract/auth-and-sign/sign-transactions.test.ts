import { describe, expect, it } from 'vitest';
import { createGovernmentAuthAndSign } from '../../../src/adapters/auth-and-sign/government-client.ts';
import type { SigningInput, SignTransactionId } from '../../../src/core/brand.ts';
import { toBase64 } from '../../../src/core/encoding.ts';
import { JitsuinError } from '../../../src/core/errors.ts';
import { codeOf } from '../../unit/oidc/mint.ts';
import {
  JWE,
  optionsFor,
  REQUEST,
  SIMULATED_SUBJECT,
  START,
  TRANSACTION,
  tokenAnswer,
} from './recorded-service.ts';
import { client, service, useRecordedService } from './setup.ts';

useRecordedService();

function bodiesOf(path: string): readonly URLSearchParams[] {
  return service.seen.filter((one) => one.path.endsWith(path)).map((one) => new URLSearchParams(one.body));
}

function payloadOf(jwt: string | null): Record<string, unknown> {
  return JSON.parse(Buffer.from(jwt?.split('.')[1] ?? '', 'base64url').toString());
}

describe('the signing sequence', () => {
  it('start, authorize, exchange, result, UserInfo', async () => {
    const sp = await client({ acrValues: 'aal3 crl' });
    expect(await sp.startSignature(START)).toEqual({ id: TRANSACTION });
    expect(JSON.parse(service.seen.find((one) => one.path === '/api/sign-transactions')?.body ?? '')).toEqual(
      {
        client_id: 'RP00000001',
        name: START.displayName,
        code: START.identificationCode,
        data: START.data,
      },
    );
    const url = new URL(await sp.authorizationUrl(REQUEST));
    expect(url.searchParams.get('sign_transaction_id')).toBe(TRANSACTION);
    expect(url.searchParams.get('acr_values')).toBe('aal3 crl');
    const tokens = await sp.exchangeCode('the-code', REQUEST);
    expect(tokens).toMatchObject({ subject: SIMULATED_SUBJECT, sid: 'sid-1' });
    expect(Object.fromEntries(bodiesOf('/token')[1] ?? [])).toMatchObject({
      grant_type: 'authorization_code',
      code: 'the-code',
      redirect_uri: REQUEST.redirectUri,
      code_verifier: REQUEST.codeVerifier,
      client_id: 'RP00000001',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    });
    expect(await sp.fetchResult(TRANSACTION, tokens.accessToken)).toEqual({ kind: 'encrypted', jwe: JWE });
    expect(service.seen.at(-1)?.authorization).toBe(`Bearer ${tokens.accessToken}`);
    expect(await sp.userInfo(tokens.accessToken, tokens.subject)).toEqual({
      subject: SIMULATED_SUBJECT,
      name: '見本　花子',
    });
  });

  it('O24: every assertion is new, short, for the token endpoint', async () => {
    const sp = await client();
    const sentAt = Math.floor(Date.now() / 1000);
    for (let count = 0; count < 5; count += 1) await sp.exchangeCode('code', REQUEST);
    const doneAt = Math.floor(Date.now() / 1000);
    const claims = bodiesOf('/token').map((form) => payloadOf(form.get('client_assertion')));
    expect(new Set(claims.map((one) => one['jti'])).size).toBe(5);
    for (const one of claims) {
      expect(one).toMatchObject({ iss: 'RP00000001', sub: 'RP00000001', aud: `${service.issuer}/token` });
      // a service whose clock is 15 s behind or ahead, and that takes a minute's assertions, refuses none of them
      expect(Number(one['iat'])).toBeLessThanOrEqual(doneAt - 15);
      expect(Number(one['exp'])).toBeGreaterThan(sentAt + 15);
      expect(Number(one['exp'])).toBeLessThanOrEqual(doneAt - 15 + 60);
    }
    expect(
      service.seen
        .filter((one) => one.body.includes('client_assertion'))
        .every((one) => one.path === '/realm/token'),
    ).toBe(true);
    const header = JSON.parse(
      Buffer.from(
        (bodiesOf('/token')[0]?.get('client_assertion') ?? '').split('.')[0] ?? '',
        'base64url',
      ).toString(),
    );
    expect(header).toMatchObject({ alg: 'ES256', typ: 'JWT', kid: expect.any(String) });
  });

  it('takes another assertion audience where it is configured', async () => {
    await (await client({ assertionAudience: service.issuer })).exchangeCode('code', REQUEST);
    expect(payloadOf(bodiesOf('/token')[0]?.get('client_assertion') ?? null)['aud']).toBe(service.issuer);
  });
});

describe('what leaves is checked', () => {
  it.each([
    ['an empty name', { displayName: '' }, 'usage.arguments'],
    ['a long name', { displayName: '申'.repeat(101) }, 'usage.arguments'],
    ['a name with a line break', { displayName: 'a\nb' }, 'usage.arguments'],
    ['a code with lower case', { identificationCode: 'abc' }, 'usage.arguments'],
    ['a long code', { identificationCode: 'A'.repeat(21) }, 'usage.arguments'],
    ['data that is not base64', { data: '@@@@' as SigningInput }, 'digest.data'],
    ['31 octets', { data: toBase64(new Uint8Array(31)) as SigningInput }, 'digest.data'],
    [
      '51 octets that are no DigestInfo',
      { data: toBase64(new Uint8Array(51)) as SigningInput },
      'digest.data',
    ],
    [
      'the hash of nothing',
      { data: '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' as SigningInput },
      'digest.data',
    ],
    ['an empty data', { data: '' as SigningInput }, 'digest.data'],
  ])('%s', async (_, changes, code) => {
    expect(await codeOf((await client()).startSignature({ ...START, ...changes }))).toBe(code);
    expect(service.count('start')).toBe(0);
  });

  it('a sign transaction id that is no id is never put into a URL', async () => {
    const id = '../../realm/userinfo' as SignTransactionId;
    expect(await codeOf((await client()).fetchResult(id, 'access'))).toBe('usage.arguments');
    expect(service.seen).toHaveLength(0);
  });

  it('DigestInfo and its hash is taken', async () => {
    const octets = Buffer.concat([
      Buffer.from('3031300d060960864801650304020105000420', 'hex'),
      Buffer.alloc(32, 1),
    ]);
    expect(
      await (await client()).startSignature({ ...START, data: toBase64(octets) as SigningInput }),
    ).toEqual({
      id: TRANSACTION,
    });
  });
});

describe('start', () => {
  it.each(['signTransactionId', 'id'])('reads the id under the name %s too', async (name) => {
    service.answers.start = { status: 201, json: { [name]: TRANSACTION.toUpperCase() } };
    expect(await (await client()).startSignature(START)).toEqual({ id: TRANSACTION.toUpperCase() });
  });

  it.each([1, 'x', `${TRANSACTION}x`, null, `${TRANSACTION}\n`])('refuses the id %j', async (id) => {
    service.answers.start = { json: { sign_transaction_id: id } };
    expect(await codeOf((await client()).startSignature(START))).toBe('upstream.response');
  });

  it('renews a client token that is refused before its time, once', async () => {
    let refused = 0;
    service.answers.start = (seen) => {
      if (seen.authorization !== `Bearer ${first}`) return { json: { id: TRANSACTION } };
      refused += 1;
      return {
        status: 401,
        json: { error: 'invalid_token', error_description: 'Token verification failed' },
      };
    };
    let first = '';
    service.answers.token = () => {
      const json = tokenAnswer(service.issuer, service.key, 'client_credentials');
      first ||= json.access_token;
      return { json };
    };
    const sp = await client();
    expect(await sp.startSignature(START)).toEqual({ id: TRANSACTION });
    expect([refused, service.count('token'), service.count('start')]).toEqual([1, 2, 2]);
    await sp.startSignature(START);
    expect(service.count('token')).toBe(2);
  });

  it('gives no token again that was refused as a renewed one', async () => {
    const bearers: unknown[] = [];
    service.answers.start = ({ authorization }) => {
      bearers.push(authorization);
      return {
        status: 401,
        json: { error: 'invalid_token', error_description: 'Token verification failed' },
      };
    };
    const sp = await client();
    for (let tried = 0; tried < 3; tried += 1)
      expect(await codeOf(sp.startSignature(START))).toBe('upstream.refresh');
    expect([bearers.length, new Set(bearers).size]).toEqual([6, 6]);
  });
});

describe('the result', () => {
  const certificate = 'MIIGmarkedcertificate0000';

  it.each([
    ['under the known name', { certificate, signature: 'AAAA' }],
    ['under another name', { x: { y: [certificate] } }],
    ['beside a JWE', { sign_certificate_jwe: JWE, sign_certificate: certificate }],
    ['in PEM', { a: '-----BEGIN CERTIFICATE-----' }],
  ])('a certificate in clear at an sp is an incident: %s', async (_, json) => {
    service.answers.result = { json };
    const thrown: unknown = await (await client())
      .fetchResult(TRANSACTION, 'access')
      .catch((error: unknown) => error);
    expect(thrown).toMatchObject({ code: 'upstream.operator', at: 'result' });
    expect(
      JSON.stringify(thrown) + String(thrown) + (thrown instanceof Error ? thrown.stack : ''),
    ).not.toContain('MII');
  });

  it.each([
    ['four parts', 'a..b.c'],
    ['an encrypted key', 'a.b.c.d.e'],
    ['padding', `${JWE}==`],
    ['a number', 1],
    ['70 kB', `eyJ..a.${'a'.repeat(70_000)}.b`],
  ])('a JWE with %s is refused', async (_, jwe) => {
    service.answers.result = { json: { jwe } };
    expect(await codeOf((await client()).fetchResult(TRANSACTION, 'access'))).toBe('upstream.response');
  });

  it('gov reads certificate and signature value, and no JWE', async () => {
    const gov = createGovernmentAuthAndSign(await optionsFor(service));
    service.answers.result = { json: { certificate: 'MIIB', signature_value: 'AQID' } };
    expect(await gov.fetchResult(TRANSACTION, 'access')).toEqual({
      kind: 'clear',
      certificate: new Uint8Array(Buffer.from('MIIB', 'base64')),
      signatureValue: new Uint8Array([1, 2, 3]),
    });
    for (const json of [
      { jwe: JWE },
      { certificate: 'MIIB' },
      { certificate: '@', signature: 'AQID' },
      { certificate: '', signature: '' },
    ]) {
      service.answers.result = { json };
      expect(await codeOf(gov.fetchResult(TRANSACTION, 'access'))).toBe('upstream.response');
    }
  });
});

describe('UserInfo', () => {
  it('O22: about somebody else it is discarded', async () => {
    service.answers.userinfo = { json: { sub: 'other', name: '別　人' } };
    const thrown: unknown = await (await client())
      .userInfo('access', SIMULATED_SUBJECT)
      .catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(JitsuinError);
    expect(thrown).toMatchObject({ code: 'oidc.subject' });
    expect(JSON.stringify(thrown)).not.toContain('別');
    expect(await codeOf((await client()).userInfo('access', ''))).toBe('oidc.subject');
  });

  it("reads the service's forms and those of OpenID Connect", async () => {
    const sub = SIMULATED_SUBJECT;
    service.answers.userinfo = { json: { sub, address: '見本県見本市', birthdate: '19850315', gender: '2' } };
    const expected = { subject: sub, address: '見本県見本市', birthdate: '19850315', gender: '2' };
    expect(await (await client()).userInfo('access', sub)).toEqual(expected);
    const address = { formatted: '見本県見本市', country: 'JP' };
    service.answers.userinfo = { json: { sub, address, birthdate: '1985-03-15', gender: 'female' } };
    expect(await (await client()).userInfo('access', sub)).toEqual(expected);
    // what cannot be used is left out: it ends no login
    service.answers.userinfo = { json: { sub, birthdate: 'yesterday' } };
    expect(await (await client()).userInfo('access', sub)).toEqual({ subject: sub });
  });
});
