import { describe, expect, it } from 'vitest';
import { askExpiry, overlapEnds, trustAnchorEnds } from '../../../src/adapters/telemetry/management.ts';
import { meteredLog } from '../../../src/adapters/telemetry/metered-log.ts';
import { meteredRevocation } from '../../../src/adapters/telemetry/metered-revocation.ts';
import { createMetrics } from '../../../src/adapters/telemetry/metrics.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { FakeClock, FakeLog } from '../../support/fakes.ts';

const lineOf = (text: string, start: string) => text.split('\n').find((line) => line.startsWith(start));

describe('meteredLog', () => {
  it('counts steps, failures by code and row, jobs and webhooks, and still logs', async () => {
    const metrics = createMetrics();
    const log = new FakeLog();
    const metered = meteredLog(log, metrics);
    metered.info('application.transaction-opened', {
      application: 'MARK',
      tenant: 'MARK',
      durationMillis: 1500,
    });
    metered.error('application.failed', { code: 'upstream.operator', row: 'result-7', durationMillis: 10 });
    metered.warn('application.timed-out', { code: 'transaction.expired' });
    metered.info('job.done', { job: 'MARK', jobName: 'fetch-result', durationMillis: 30 });
    metered.warn('webhook.refused', { tenant: 'MARK', status: 500 });
    metered.info('server.listening', { port: 1 });
    const text = await metrics.registry.metrics();
    expect(lineOf(text, 'jitsuin_step_seconds_sum{event="application.transaction-opened"}')).toMatch(
      / 1\.5$/,
    );
    expect(lineOf(text, 'jitsuin_failures_total{code="upstream.operator",row="result-7"}')).toMatch(/ 1$/);
    expect(lineOf(text, 'jitsuin_failures_total{code="transaction.expired",row="none"}')).toMatch(/ 1$/);
    expect(lineOf(text, 'jitsuin_job_seconds_count{name="fetch-result",outcome="done"}')).toMatch(/ 1$/);
    expect(lineOf(text, 'jitsuin_webhook_attempts_total{outcome="refused"}')).toMatch(/ 1$/);
    expect(text).not.toContain('MARK');
  });
});

describe('what is asked when metrics are read', () => {
  it('time to the end of certificates', async () => {
    const metrics = createMetrics();
    const clock = new FakeClock();
    const end = (seconds: number) => ({ notAfter: (clock.now() + seconds * 1000) as EpochMillis });
    askExpiry(metrics, clock, async () => trustAnchorEnds([end(60), end(-60)]));
    const text = await metrics.registry.metrics();
    expect(lineOf(text, 'jitsuin_expiry_seconds{use="trust-anchor-1"}')).toMatch(/ 60$/);
    expect(lineOf(text, 'jitsuin_expiry_seconds{use="trust-anchor-2"}')).toMatch(/ -60$/);
  });

  it('time to the end of keys that were replaced, without their ids', () => {
    const end = 5_000 as EpochMillis;
    expect(
      overlapEnds([
        { state: 'active' },
        { state: 'overlap', overlapUntil: end },
        { state: 'expired', overlapUntil: 1 },
      ]),
    ).toEqual({ 'decryption-key-1': end });
    expect(trustAnchorEnds([{ notAfter: end }], 'tsa-anchor')).toEqual({ 'tsa-anchor-1': end });
  });

  it('a question that fails leaves its gauge out, not the others', async () => {
    const metrics = createMetrics();
    metrics.ask('a', 'fails', 'x', async () => Promise.reject(new Error('away')));
    metrics.ask('b', 'answers', 'x', async () => ({ one: 1 }));
    const text = await metrics.registry.metrics();
    expect(lineOf(text, 'a{')).toBeUndefined();
    expect(lineOf(text, 'b{x="one"}')).toMatch(/ 1$/);
  });

  it('the age of revocation data: since the last answer, not since the last failure', async () => {
    const metrics = createMetrics();
    const clock = new FakeClock();
    let away = false;
    const crl = async () => (away ? Promise.reject(new Error('away')) : new Uint8Array(1));
    const source = meteredRevocation({ crl }, metrics, clock);
    expect(lineOf(await metrics.registry.metrics(), 'jitsuin_revocation_age_seconds{')).toBeUndefined();
    await source.crl?.(new Uint8Array());
    clock.advance(5_000);
    away = true;
    await expect(source.crl?.(new Uint8Array())).rejects.toThrow('away');
    expect(lineOf(await metrics.registry.metrics(), 'jitsuin_revocation_age_seconds{method="CRL"}')).toMatch(
      / 5$/,
    );
    expect(source.ocsp).toBeUndefined();
  });
});
