import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { askDroppedLines, askExpiry, askQueue } from '../../../src/adapters/telemetry/management.ts';
import { meteredLog } from '../../../src/adapters/telemetry/metered-log.ts';
import { meteredRevocation } from '../../../src/adapters/telemetry/metered-revocation.ts';
import { createMetrics } from '../../../src/adapters/telemetry/metrics.ts';
import { askSilentGrowth, askUnstamped } from '../../../src/adapters/telemetry/silent-growth.ts';
import { ALARMING_EVENTS, type AlarmingEvent } from '../../../src/core/alarms.ts';
import { ERROR_CODES } from '../../../src/core/errors.ts';
import { FakeClock, FakeLog } from '../../support/fakes.ts';

const file = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../../samples/observability/${name}`, import.meta.url)), 'utf8');

const rules = (
  parse(file('alerts.yaml')) as { groups: { rules: { alert: string; expr: string }[] }[] }
).groups.flatMap((group) => group.rules);

/** Every metric that a process can have. */
function knownMetrics(): readonly string[] {
  const metrics = createMetrics();
  const clock = new FakeClock();
  askQueue(metrics, {} as Parameters<typeof askQueue>[1], {} as Parameters<typeof askQueue>[2], clock);
  askExpiry(metrics, clock, async () => ({}));
  meteredRevocation({}, metrics, clock);
  askSilentGrowth(metrics, {} as Parameters<typeof askSilentGrowth>[1], clock);
  askDroppedLines(metrics, { dropped: () => 0 });
  askUnstamped(metrics, {} as Parameters<typeof askUnstamped>[1], clock);
  return metrics.registry.getMetricsAsArray().map(({ name }) => name);
}

const expressions = {
  'alerts.yaml': (
    parse(file('alerts.yaml')) as {
      groups: { rules: { alert: string; expr: string; annotations: { summary: string } }[] }[];
    }
  ).groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)),
  'grafana-dashboard.json': (
    JSON.parse(file('grafana-dashboard.json')) as { panels: { targets: { expr: string }[] }[] }
  ).panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
};

describe.each(Object.entries(expressions))('%s', (_name, all) => {
  it('asks only for metrics that there are', () => {
    const known = knownMetrics();
    expect(all.length).toBeGreaterThan(5);
    for (const expr of all) {
      for (const [name] of expr.matchAll(/jitsuin_\w+/g)) {
        expect(known).toContain(name.replace(/_(?:bucket|count|sum)$/, ''));
      }
    }
  });

  it('names only codes that there are', () => {
    const codes = Object.keys(ERROR_CODES);
    for (const expr of all) {
      for (const [, list = ''] of expr.matchAll(/code=~"([^"]+)"/g)) {
        for (const pattern of list.split('|')) {
          expect(codes.some((code) => new RegExp(`^${pattern}$`).test(code))).toBe(true);
        }
      }
    }
  });
});

/** Events as the source writes them: `log.error('…'`, and those that a repeated round fails with. */
function errorEventsOfTheSource(): ReadonlySet<string> {
  const events = new Set<string>();
  for (const folder of ['src', 'workers']) {
    const base = fileURLToPath(new URL(`../../../${folder}/`, import.meta.url));
    for (const name of readdirSync(base, { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts') || name.startsWith('simulator')) continue;
      const text = readFileSync(`${base}${name}`, 'utf8');
      for (const [, event = ''] of text.matchAll(/\.?error\(\s*'([a-z-]+\.[a-z-]+)'/g)) events.add(event);
      for (const [, event = ''] of text.matchAll(/'([a-z-]+\.failed)'/g))
        if (Object.hasOwn(ALARMING_EVENTS, event)) events.add(event);
    }
  }
  return events;
}

describe('what somebody must look at', () => {
  const events = Object.keys(ALARMING_EVENTS) as AlarmingEvent[];

  it('is in the table, whatever room of the source logs it', () => {
    const logged = [...errorEventsOfTheSource()];
    expect(logged.length).toBeGreaterThan(15);
    expect(logged.filter((event) => !Object.hasOwn(ALARMING_EVENTS, event))).toEqual([]);
  });

  it.each(events)('%s moves a metric of its own name, and its rule asks for that', async (event) => {
    const metrics = createMetrics();
    const log = meteredLog(new FakeLog(), metrics);
    const value = async () => {
      const metric = await metrics.registry.getSingleMetric('jitsuin_alarming_events_total')?.get();
      return metric?.values.find(({ labels }) => labels['event'] === event)?.value;
    };
    expect(await value()).toBe(0);
    log.info(event as string);
    expect(await value()).toBe(0);
    log.error(event);
    expect(await value()).toBe(1);
    const rule = rules.find(({ alert }) => alert === ALARMING_EVENTS[event]);
    const asked = [...(rule?.expr ?? '').matchAll(/jitsuin_alarming_events_total\{event=~?"([^"]+)"\}/g)];
    expect(asked.flatMap(([, list = '']) => list.split('|'))).toContain(event);
  });

  it('a refusal that is the other side’s alone raises none', async () => {
    const metrics = createMetrics();
    const log = meteredLog(new FakeLog(), metrics);
    log.warn('verification.refused');
    log.warn('login.refused');
    log.warn('queue.redis-error');
    const values = (await metrics.registry.getSingleMetric('jitsuin_alarming_events_total')?.get())?.values;
    expect(values?.filter(({ value }) => value > 0).map(({ labels }) => labels['event'])).toEqual([
      'queue.redis-error',
    ]);
  });

  it('has one row in the page of alarms, in both languages', () => {
    const page = readFileSync(
      fileURLToPath(new URL('../../../samples/guides/alarms.md', import.meta.url)),
      'utf8',
    );
    const rows = [...page.matchAll(/^\| <a id="[a-z]+"><\/a>`(\w+)` \| ([^|]+) \| ([^|]+) \|$/gm)];
    expect(rows.map(([, alert]) => alert)).toEqual(rules.map(({ alert }) => alert));
    for (const [, alert, japanese = '', english = ''] of rows) {
      expect(japanese, alert).toMatch(/[ぁ-ん]/);
      expect(english.length, alert).toBeGreaterThan(20);
    }
  });
});
