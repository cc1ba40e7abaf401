import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Store } from '../../../src/adapters/store/open-store.ts';
import { createMetrics } from '../../../src/adapters/telemetry/metrics.ts';
import { askSilentGrowth, askUnstamped } from '../../../src/adapters/telemetry/silent-growth.ts';
import { sqliteHarness } from '../store/harness.ts';
import { application } from '../store/records.ts';

const MINUTE = 60_000;
const harness = sqliteHarness();
const { clock } = harness;
let store: Store;
beforeAll(async () => {
  store = await harness.open();
});
afterAll(async () => {
  await store.close();
  await harness.end();
});

/** Value of a gauge by its label's value, as a scrape has it. */
async function values(
  ask: (metrics: ReturnType<typeof createMetrics>) => void,
): Promise<Record<string, number>> {
  const metrics = createMetrics();
  ask(metrics);
  const found: Record<string, number> = {};
  for (const [, name = '', value = ''] of (await metrics.registry.metrics()).matchAll(
    /^(jitsuin_(?:result|audit|evidence)\w+)\{[^}]*\} (\S+)$/gm,
  ))
    found[name] = Number(value);
  return found;
}

it('tells what is left of the hour of the oldest unfetched result, and of nothing that is fetched', async () => {
  const ask = () => values((metrics) => askSilentGrowth(metrics, store, clock));
  expect(await ask()).not.toHaveProperty('jitsuin_result_left_seconds');
  const instant = (millis: number) => (clock.now() + millis) as ReturnType<typeof clock.now>;
  const add = (id: string, state: 'authorized' | 'fetched', left: number) =>
    store.applications.insert(application(id, { state, deadline: instant(left) }), { audit: [] });
  await add('fetched', 'fetched', MINUTE);
  await add('later', 'authorized', 40 * MINUTE);
  await add('first', 'authorized', 20 * MINUTE);
  expect(await ask()).toMatchObject({ jitsuin_result_left_seconds: 1_200 });
  clock.millis += 21 * MINUTE;
  expect(await ask()).toMatchObject({ jitsuin_result_left_seconds: -60 });
});

it('tells how long audit records have waited for a seal', async () => {
  const ask = async () =>
    (await values((metrics) => askSilentGrowth(metrics, store, clock)))['jitsuin_audit_unsealed_seconds'];
  await store.audit.append({ event: 'session.ended', subject: '', tenant: '', at: clock.now() });
  clock.millis += 11 * MINUTE;
  expect(await ask()).toBe(660);
});

it('tells how long evidence has waited for its time-stamp', async () => {
  const ask = (links: readonly number[]) => {
    const archive = { uncovered: async () => links.map((at) => ({ at })) } as unknown as Parameters<
      typeof askUnstamped
    >[1];
    return values((metrics) => askUnstamped(metrics, archive, clock));
  };
  expect(await ask([])).toEqual({ jitsuin_evidence_unstamped_seconds: 0 });
  expect(await ask([clock.now() - MINUTE])).toEqual({ jitsuin_evidence_unstamped_seconds: 60 });
});
