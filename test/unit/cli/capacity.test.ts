import { describe, expect, it } from 'vitest';
import { type Capacity, capacityFor, costOf, type MeasuredSize } from '../../../src/cli/capacity/estimate.ts';
import { MEASURED } from '../../../src/cli/capacity/measured.ts';
import { capacity } from '../../../src/cli/capacity.ts';

const WITHIN = 0.2;
const WISH = { peak: 10, month: 1_000, octets: 0, store: 'postgres', busy: 0.6, least: 2, kept: 12 } as const;

async function run(...args: string[]) {
  let out = '';
  const stdout = (text: string) => {
    out += text;
  };
  const io = { stdout, stderr: stdout, isTty: false, env: {}, signal: new AbortController().signal };
  return { status: await capacity.run(args, io), out };
}

const total = (millis: Readonly<Record<string, number>>) =>
  Object.values(millis).reduce((sum, each) => sum + each, 0);
const off = (computed: number, measured: number) => Math.abs(computed - measured) / Math.max(measured, 1e-9);

const MEASURED_SIZES = (['sqlite', 'postgres'] as const).flatMap((store) =>
  MEASURED[store].map((size) => ({ store, octets: size.octets, size, sizes: MEASURED[store] })),
);

describe('jitsuin capacity computes what was measured', () => {
  it('has three measured sizes of each store', () => {
    expect([MEASURED.sqlite.length, MEASURED.postgres.length]).toEqual([3, 3]);
  });

  it.each(MEASURED_SIZES)('$store, $octets octets: each figure within 20 %', ({ octets, size, sizes }) => {
    const cost = costOf(sizes, octets);
    for (const [name, millis] of Object.entries(size.processMillis))
      expect(off(cost.processMillis[name] ?? 0, millis), name).toBeLessThan(WITHIN);
    for (const name of ['databaseMillis', 'storedOctets', 'statements', 'residentOctets'] as const)
      expect(off(cost[name], size[name]), name).toBeLessThan(WITHIN);
  });

  it.each(['sqlite', 'postgres'] as const)('%s: the middle size from the two others alone', (store) => {
    const [small, middle, large] = MEASURED[store] as [MeasuredSize, MeasuredSize, MeasuredSize];
    const cost = costOf([small, large], middle.octets);
    expect(off(total(cost.processMillis), total(middle.processMillis))).toBeLessThan(WITHIN);
    expect(off(cost.storedOctets, middle.storedOctets)).toBeLessThan(WITHIN);
  });

  it.each(MEASURED_SIZES)(
    '$store, $octets octets: the rate that the measured machine reached',
    ({ store, octets, size, sizes }) => {
      const { cores } = MEASURED.machine;
      const busyAt = (
        one: MeasuredSize,
        cost: { processMillis: Readonly<Record<string, number>>; databaseMillis: number },
      ) => total(cost.processMillis) + one.driverMillis + (store === 'postgres' ? cost.databaseMillis : 0);
      // how busy a loaded machine is depends on the store, not on the size
      const busy = sizes.reduce((sum, one) => sum + one.perSecond * busyAt(one, one), 0) / sizes.length;
      expect(busy).toBeLessThan(cores * 1_000);
      expect(off(busy / busyAt(size, costOf(sizes, octets)), size.perSecond)).toBeLessThan(WITHIN);
    },
  );
});

describe('jitsuin capacity', () => {
  const of = (wish: Partial<typeof WISH> | Record<string, unknown> = {}) =>
    capacityFor(MEASURED.postgres, { ...WISH, ...wish });

  it('ten times the peak needs ten times the cores, and no less than the least processes', () => {
    const [small, large] = [of({ peak: 1 }), of({ peak: 1_000 })];
    expect(small.processes.map(({ processes }) => processes)).toEqual([2, 2, 2, 2]);
    expect(large.cores / small.cores).toBeCloseTo(1_000);
    for (const { cores, processes } of large.processes) expect(processes).toBe(Math.ceil(cores));
    expect(large.carries).toBeGreaterThanOrEqual(1_000);
    expect(small.carries).toBeGreaterThanOrEqual(1);
  });

  it('the rate at the service leaves room for how calls are spaced', () => {
    expect(of({ peak: 10 }).service).toEqual({ calls: 30, rate: 33 });
  });

  it('storage goes by the month and by the months kept; connections by processes', () => {
    const { storage, database, processes } = of({ month: 1_000_000, kept: 3 });
    expect(storage.month / 1e9).toBeCloseTo((MEASURED.postgres[0]?.storedOctets ?? 0) / 1_000, 0);
    expect(storage.kept).toBeCloseTo(3 * storage.month);
    expect(database.connections).toBe(10 * processes.reduce((sum, one) => sum + one.processes, 0));
  });

  it('prints sources and margin; --json the same figures', async () => {
    const { status, out } = await run('--peak', '10/s', '--month', '100000');
    expect(status).toBe(0);
    expect(out).toContain('JITSUIN_SERVICE_RATE=33');
    expect(out).toContain('samples/BENCHMARKS.md');
    expect(out).toContain('processors at 60 % at the peak');
    const json = JSON.parse((await run('--peak', '10', '--month', '100000', '--json')).out) as Capacity;
    expect(json.service.rate).toBe(33);
    expect(json.wish).toMatchObject({ peak: 10, month: 100_000, busy: 0.6, store: 'postgres' });
  });

  it('a slower processor needs more', async () => {
    const cores = async (...args: string[]) =>
      (JSON.parse((await run('--peak', '10', '--month', '1', '--json', ...args)).out) as Capacity).cores;
    expect((await cores('--slower', '2')) / (await cores())).toBeCloseTo(2);
  });

  it.each([
    ['--peak', '0'],
    ['--peak', '-1'],
    ['--month', 'many'],
    ['--busy', '101'],
    ['--least', '1.5'],
  ])('refuses %s %s', async (option, value) => {
    const given = { '--peak': '10', '--month': '1', [option]: value };
    await expect(run(...Object.entries(given).map(([name, one]) => `${name}=${one}`))).rejects.toThrow(
      option,
    );
  });
});
