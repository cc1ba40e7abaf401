import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { newWebhookSecret, signedHeaders } from '../../../src/adapters/webhook/signature.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';

const PAYLOAD =
  '{"type":"application.decided","timestamp":"2026-01-01T00:00:00Z","data":{"id":"a","state":"decided"}}';
const now = () => Date.now() as EpochMillis;
const message = { id: '0197aaaa-0000-7000-8000-000000000000', payload: PAYLOAD };

describe('signedHeaders, judged by the standardwebhooks package', () => {
  it('verifies with the secret, and with no other', () => {
    const secret = newWebhookSecret();
    const headers = { ...signedHeaders(message, [{ value: secret }], now()) };
    expect(new Webhook(secret).verify(PAYLOAD, headers)).toEqual(JSON.parse(PAYLOAD));
    expect(() => new Webhook(newWebhookSecret()).verify(PAYLOAD, headers)).toThrow('No matching signature');
  });

  it('is what that package signs', () => {
    const secret = newWebhookSecret();
    const at = Math.floor(Date.now() / 1000) * 1000;
    const headers = signedHeaders(message, [{ value: secret }], at as EpochMillis);
    expect(headers['webhook-signature']).toBe(new Webhook(secret).sign(message.id, new Date(at), PAYLOAD));
  });

  it.each([
    ['payload', PAYLOAD.replace('decided', 'refused'), {}],
    ['id', PAYLOAD, { 'webhook-id': 'other' }],
    ['timestamp', PAYLOAD, { 'webhook-timestamp': String(Math.floor(Date.now() / 1000) - 1) }],
  ])('another %s does not verify', (_name, payload, changed) => {
    const secret = newWebhookSecret();
    const headers = { ...signedHeaders(message, [{ value: secret }], now()), ...changed };
    expect(() => new Webhook(secret).verify(payload, headers)).toThrow();
  });

  it('an old timestamp is refused by receivers', () => {
    const secret = newWebhookSecret();
    const headers = { ...signedHeaders(message, [{ value: secret }], (Date.now() - 301_000) as EpochMillis) };
    expect(() => new Webhook(secret).verify(PAYLOAD, headers)).toThrow('too old');
  });

  it('while rotating both secrets verify; a retired one does not', () => {
    const [first, second, third] = [newWebhookSecret(), newWebhookSecret(), newWebhookSecret()];
    const at = now();
    const secrets = [
      { value: third },
      { value: second, retiresAt: (at + 1000) as EpochMillis },
      { value: first, retiresAt: at },
    ];
    const headers = { ...signedHeaders(message, secrets, at) };
    expect(headers['webhook-signature']?.split(' ')).toHaveLength(2);
    for (const secret of [second, third])
      expect(() => new Webhook(secret).verify(PAYLOAD, headers)).not.toThrow();
    expect(() => new Webhook(first).verify(PAYLOAD, headers)).toThrow();
  });
});
