import { describe, expect, it } from 'vitest';
import { newWebhookSecret, signedHeaders } from '../../../src/adapters/webhook/signature.ts';
import { JitsuinWebhookRefused, verifyWebhook } from '../../../src/client/index.ts';
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

describe('verifyWebhook', () => {
  it('gives the event with its id, from headers of any kind, with any of two secrets', () => {
    const event = verifyWebhook(now, payload, secret);
    expect(event).toEqual({ id: 'msg-1', ...(JSON.parse(payload) as object) });
    expect(verifyWebhook(new Headers(now), payload, [other, secret])).toEqual(event);
  });

  it.each([
    ['another secret', now, payload, [other]],
    ['no secret', now, payload, []],
    ['another body', now, payload.replace('a-1', 'a-2'), [secret]],
    ['the same JSON in other octets', now, `${payload} `, [secret]],
    ['too old', headersAt(Date.now() - 301_000), payload, [secret]],
    ['from the future', headersAt(Date.now() + 302_000), payload, [secret]],
    ['another id', { ...now, 'webhook-id': 'msg-2' }, payload, [secret]],
    ['no headers', {}, payload, [secret]],
    ['signed, but no event', headersAt(Date.now(), '"text"'), '"text"', [secret]],
    ['signed, but no JSON', headersAt(Date.now(), '{'), '{', [secret]],
  ] as const)('refuses: %s', (_name, headers, body, secrets) => {
    expect(() => verifyWebhook(headers, body, secrets)).toThrow(JitsuinWebhookRefused);
  });
});
