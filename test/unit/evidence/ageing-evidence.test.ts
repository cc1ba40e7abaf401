import { expect, it } from 'vitest';
import type { EpochMillis } from '../../../src/core/brand.ts';
import type { AgeingAlgorithm } from '../../../src/core/digest/algorithm-ends.ts';
import type { StampedPeriod } from '../../../src/ports/evidence-archive.ts';
import { ageingEvidence } from '../../../src/verification/evidence/ageing-evidence.ts';
import { NOW } from '../../support/pf-signing.ts';
import { tokenOver } from '../timestamp/tsa-kit.ts';

const YEAR = 365 * 86_400_000;
const FOREVER = Number.MAX_SAFE_INTEGER as EpochMillis;
const token = tokenOver(new Uint8Array(1));

function period(number: number, years: number, algorithms: readonly AgeingAlgorithm[]): StampedPeriod {
  return {
    ...{ period: number, firstSeq: number * 10, lastSeq: number * 10 + 2, root: '', head: '' },
    ...{ tokens: [token], revocation: [], trees: [], algorithms },
    validUntil: (NOW + years * YEAR) as EpochMillis,
  };
}

const archive = {
  lastPeriod: async () => 3,
  ageing: async () => [
    period(1, 9, ['sha256', 'p-256']),
    period(2, 10, ['sha256', 'rsa-2048']),
    period(3, 8, ['sha384']),
  ],
};
const ends = { 'rsa-2048': NOW + 4 * YEAR };
const asked = async (algorithmEnds = {}, before = FOREVER) =>
  (await ageingEvidence(archive, algorithmEnds, before)).map((one) => [
    one.period,
    one.endsBy,
    one.provableUntil - NOW,
  ]);

it('the first to end first, by its certificate or by an algorithm under it, its tree among them', async () => {
  expect(await asked(ends)).toEqual([
    [2, 'rsa-2048', 4 * YEAR],
    [3, 'certificate', 8 * YEAR],
    [1, 'certificate', 9 * YEAR],
  ]);
  expect(await asked({ sha256: NOW + YEAR })).toEqual([
    [1, 'sha256', YEAR],
    [2, 'sha256', YEAR],
    [3, 'sha256', YEAR],
  ]);
});

it('before an instant only; with how many records and by whom', async () => {
  expect(await asked(ends, (NOW + 5 * YEAR) as EpochMillis)).toEqual([[2, 'rsa-2048', 4 * YEAR]]);
  const [first] = await ageingEvidence(archive, ends, FOREVER);
  expect(first).toMatchObject({ records: 3, tree: 'sha256', authority: expect.stringContaining('CN=') });
});
