import { describe, expect, it } from 'vitest';
import type { CompactJwe } from '../../src/core/brand.ts';
import { openResult } from '../../src/verifier/jwe/open-result.ts';
import {
  codeOf,
  encrypt,
  held,
  keptElsewhere,
  testKey,
  withHeader,
  withPart,
} from '../unit/jwe/bundle-kit.ts';

const key = await testKey('k1');
const other = await testKey('k2');
const good = await encrypt(key, { header: { kid: 'k1' } });

/** Median of 1,000 runs each, taken in turns, after the engine has compiled what runs. */
async function medianTimes(runs: readonly (() => Promise<unknown>)[]): Promise<readonly number[]> {
  const times = runs.map((): number[] => []);
  for (let round = -200; round < 1000; round += 1) {
    for (const [index, run] of runs.entries()) {
      const started = performance.now();
      await run();
      if (round >= 0) times[index]?.push(performance.now() - started);
    }
  }
  return times.map(median);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

describe.each([
  ['a key at hand, through jose', held],
  ['a key kept elsewhere, through its shared secret', keptElsewhere],
])('%s', (_form, form) => {
  const open = (jwe: CompactJwe) => codeOf(() => openResult(jwe, [form(key)]));

  it('R3: every failure of the decryption takes the same time, ±10 % of the median over 1,000 tries', async () => {
    const flip = (part: Buffer) => Buffer.concat([part.subarray(0, -1), Buffer.of((part.at(-1) ?? 0) ^ 1)]);
    const cases = [
      withPart(good, 2, flip),
      withPart(good, 3, flip),
      withPart(good, 4, flip),
      withPart(good, 4, (tag) => tag.subarray(0, 12)),
      withPart(good, 2, (iv) => iv.subarray(0, 8)),
      withHeader(good, (header) => ({ ...header, apu: 'QUJD' })),
      await encrypt(other, { header: { kid: 'k1' } }),
    ];
    for (const jwe of cases) expect(await open(jwe)).toBe('jwe.decrypt');
    // Somebody else on the machine may disturb one series, not three.
    let spread = Number.POSITIVE_INFINITY;
    for (let series = 0; series < 3 && spread > 0.1; series += 1) {
      const medians = await medianTimes(cases.map((jwe) => () => open(jwe)));
      const middle = median(medians);
      spread = Math.max(...medians.map((time) => Math.abs(time - middle) / middle));
    }
    expect(spread).toBeLessThanOrEqual(0.1);
  });
});
