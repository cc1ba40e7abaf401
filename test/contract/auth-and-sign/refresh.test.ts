import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthAndSign } from '../../../src/adapters/auth-and-sign/private-client.ts';
import { codeOf } from '../../unit/oidc/mint.ts';
import {
  optionsFor,
  REQUEST,
  type RecordedService,
  startRecordedService,
  tokenAnswer,
} from './recorded-service.ts';

let service: RecordedService;
beforeAll(async () => {
  service = await startRecordedService();
});
afterAll(() => service.close());

const isRefresh = (body: string) => body.includes('grant_type=refresh_token');

describe('the refresh grant', () => {
  it('takes an answer without an ID token; the one that was judged stays (OpenID Connect Core 12.2)', async () => {
    const client = createAuthAndSign(await optionsFor(service));
    const tokens = await client.exchangeCode('code', REQUEST);
    service.answers.token = { json: { access_token: 'next', token_type: 'Bearer', expires_in: 60 } };
    const renewed = await client.refresh(tokens);
    delete service.answers.token;
    expect(renewed).toMatchObject({
      accessToken: 'next',
      idToken: tokens.idToken,
      subject: tokens.subject,
      refreshToken: tokens.refreshToken,
    });
  });

  it('after a code whose ID token is late: repeated when the service says 503, since a code works once', async () => {
    const client = createAuthAndSign(await optionsFor(service));
    let refreshes = 0;
    const late = { exp: 1_000, iat: 900 };
    service.answers.token = ({ body }) => {
      if (!isRefresh(body))
        return { json: tokenAnswer(service.issuer, service.key, 'authorization_code', late) };
      refreshes += 1;
      if (refreshes === 1) return { status: 503, json: { error: 'service_temporarily_unavailable' } };
      return { json: tokenAnswer(service.issuer, service.key, 'refresh_token') };
    };
    expect(await client.exchangeCode('code', REQUEST)).toMatchObject({ subject: expect.any(String) });
    expect(refreshes).toBe(2);
    delete service.answers.token;
  });

  it('after a code whose ID token is late: an answer without an ID token is none', async () => {
    const client = createAuthAndSign(await optionsFor(service));
    service.answers.token = ({ body }) =>
      isRefresh(body)
        ? { json: { access_token: 'next', token_type: 'Bearer' } }
        : { json: tokenAnswer(service.issuer, service.key, 'authorization_code', { exp: 1_000, iat: 900 }) };
    expect(await codeOf(client.exchangeCode('code', REQUEST))).toBe('upstream.restart');
    delete service.answers.token;
  });
});
