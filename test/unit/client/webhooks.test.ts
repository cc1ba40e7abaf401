import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { newWebhookSecret, signedHeaders } from '../../../src/adapters/webhook/signature.ts';
import { JitsuinWebhookRefused, verifyWebhook } from '../../../src/client/webhooks.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';

const secret = newWebhookSecret();
const other = newWebhookSecret();
const payload = JSON.stringify({
  ...{ type: 'application.decided', timestamp: '2026-01-01T00:00:00Z' },
  data: { id: 'a-1', state: 'decided' },
});
const headersAt = (millis: number, text = payload) =>
  signedHeaders({ id: 'msg-1', payload: text }, [{ value: secret }], millis as EpochMillis);
const now = headersAt(Date.now());
const asVersion = (version: string) => ({
  ...now,
  'webhook-signature': (now['webhook-signature'] ?? '').replace('v1,', `${version},`),
});

describe('verifyWebhook', () => {
  it('gives the event with its id, from headers of any kind, with any of two secrets', async () => {
    const event = await verifyWebhook(now, payload, secret);
    expect(event).toEqual({ id: 'msg-1', ...(JSON.parse(payload) as object) });
    await expect(verifyWebhook(new Headers(now), payload, [other, secret])).resolves.toEqual(event);
  });

  it.each([
    ['another secret', now, payload, [other]],
    ['no secret', now, payload, []],
    ['another body', now, payload.replace('a-1', 'a-2'), [secret]],
    ['the same JSON in other octets', now, `${payload} `, [secret]],
    ['no time', { ...now, 'webhook-timestamp': '1e9' }, payload, [secret]],
    ['a signature of another version', asVersion('v1a'), payload, [secret]],
    ['too old', headersAt(Date.now() - 301_000), payload, [secret]],
    ['from the future', headersAt(Date.now() + 302_000), payload, [secret]],
    ['another id', { ...now, 'webhook-id': 'msg-2' }, payload, [secret]],
    ['no headers', {}, payload, [secret]],
    ['signed, but no event', headersAt(Date.now(), '"text"'), '"text"', [secret]],
    ['signed, but no JSON', headersAt(Date.now(), '{'), '{', [secret]],
  ] as const)('refuses: %s', async (_name, headers, body, secrets) => {
    await expect(verifyWebhook(headers, body, secrets)).rejects.toThrow(JitsuinWebhookRefused);
  });

  it('takes what the standardwebhooks package signed, and several signatures in one header', async () => {
    const at = new Date();
    const sign = (by: string) => new Webhook(by).sign('msg-1', at, payload);
    const headers = {
      'webhook-id': 'msg-1',
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': `${sign(other)} v1,!!! ${sign(secret)}`,
    };
    await expect(verifyWebhook(headers, payload, secret)).resolves.toMatchObject({ id: 'msg-1' });
  });

  it('says what a secret is where something else was given as one', async () => {
    await expect(verifyWebhook(now, payload, 'jk_an_api_key')).rejects.toThrow(/whsec_/);
  });
});
