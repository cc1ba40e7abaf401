import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CanaryWorld, startCanaryWorld } from './canary-world.ts';
import { gatherMarks } from './gather.ts';
import { type Mark, type Place, search } from './marks.ts';
import { gatherPlaces } from './places.ts';
import { DOCUMENT_MARK, walkEverything } from './walk.ts';

/** R5, A13: the whole flow with known values, good and bad ways, then a search through every byte that was written. */
describe('nothing protected is written outside the sealed columns (SQLite, SQL queue)', () => {
  let canary: CanaryWorld;
  let marks: readonly Mark[];
  let places: readonly Place[];
  beforeAll(async () => {
    canary = await startCanaryWorld();
    const certificate = await walkEverything(canary);
    marks = gatherMarks(canary, certificate, DOCUMENT_MARK);
    places = await gatherPlaces(canary);
  }, 120_000);
  afterAll(() => canary.close());

  it('the run used a value of every kind, and wrote to every kind of place', () => {
    const kinds = new Set(marks.map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual([
      'assertion',
      'attribute',
      'certificate',
      'code',
      'cookie',
      'document',
      'key',
      'nonce',
      'result',
      'state',
      'subject',
      'token',
      'verifier',
    ]);
    const names = places.map(({ name }) => name);
    for (const name of [
      'log',
      'process arguments',
      'sp file sp.sqlite3',
      'sp file sp.sqlite3-wal',
      'gov file gov.sqlite3',
      'pf file pf.sqlite3',
    ]) {
      expect(names).toContain(name);
    }
    expect(places.find(({ name }) => name === 'log')?.octets.length).toBeGreaterThan(2_000);
    expect(places.find(({ name }) => name === 'metrics')?.octets.length).toBeGreaterThan(2_000);
    expect(names.filter((name) => / answered .* (?:4|5)\d\d$/.test(name)).length).toBeGreaterThan(20);
    expect(names.some((name) => name.startsWith('pf answered'))).toBe(true);
  });

  it('and none of them stands anywhere', () => {
    expect(search(places, marks)).toEqual([]);
  });
});
