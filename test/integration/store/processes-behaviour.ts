import { describe, expect, it } from 'vitest';
import { startChild } from '../../support/child.ts';
import type { StoreHarness } from './harness.ts';
import { applicationId } from './records.ts';

const WRITER = new URL('./writer-child.ts', import.meta.url);
/** More for the long form. */
const ROUNDS = Number(process.env['JITSUIN_TEST_KILLS'] ?? '1');

/** What holds when processes die and when they share the data. */
export function processesBehaviour(name: string, makeHarness: () => StoreHarness): void {
  describe(`store on ${name}: processes`, () => {
    it('loses no acknowledged record when two writers at once are killed, and keeps state, job and audit together in one chain', async () => {
      const harness = makeHarness();
      const store = await harness.open();
      const acknowledged: string[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const children = ['one', 'two'].map((child) =>
          startChild(WRITER, { ...harness.childEnv, CHILD_NAME: `${child}-${round}` }),
        );
        await Promise.all(children.map((child) => child.said(30 + round * 7)));
        for (const child of children) await child.kill();
        acknowledged.push(...children.flatMap(({ lines }) => lines));
      }
      for (const id of acknowledged) {
        expect((await store.applications.get(applicationId(id)))?.revision).toBe(1);
      }
      const rows = async (table: 'applications' | 'application_documents' | 'jobs') =>
        (await store.kysely.selectFrom(table).selectAll().execute()).length;
      const records = await rows('applications');
      expect(records).toBeGreaterThanOrEqual(acknowledged.length);
      expect(await rows('application_documents')).toBe(records);
      expect(await rows('jobs')).toBe(records);
      const { records: audited, brokenAt } = await store.audit.verify();
      expect([audited, brokenAt]).toEqual([records, undefined]);
      await store.close();
      await harness.end();
    }, 60_000);
  });
}
