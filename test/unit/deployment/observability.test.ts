import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { askExpiry, askQueue } from '../../../src/adapters/telemetry/management.ts';
import { meteredRevocation } from '../../../src/adapters/telemetry/metered-revocation.ts';
import { createMetrics } from '../../../src/adapters/telemetry/metrics.ts';
import { ERROR_CODES } from '../../../src/core/errors.ts';
import { FakeClock } from '../../support/fakes.ts';

const file = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../../samples/observability/${name}`, import.meta.url)), 'utf8');

/** Every metric that a process can have. */
function knownMetrics(): readonly string[] {
  const metrics = createMetrics();
  const clock = new FakeClock();
  askQueue(metrics, {} as Parameters<typeof askQueue>[1], {} as Parameters<typeof askQueue>[2], clock);
  askExpiry(metrics, clock, async () => ({}));
  meteredRevocation({}, metrics, clock);
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
