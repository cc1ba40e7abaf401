import { afterEach, beforeEach, expect, it } from 'vitest';
import { JobTable } from '../../../src/adapters/queue/job-table.ts';
import { Slots } from '../../../src/adapters/queue/slots.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { NOTHING, verification } from '../../integration/store/records.ts';
import { type ConsoleKit, consoleKit } from '../../support/console-kit.ts';

let kit: ConsoleKit;
beforeEach(async () => {
  kit = await consoleKit();
});
afterEach(() => kit.close());

const shown = async () => (await kit.get('/console/work', await kit.visitor('viewer'))).text();
const within = (page: string, id: string) =>
  new RegExp(`<table id="${id}"[\\s\\S]*?</table>`).exec(page)?.[0] ?? '';

/** Two jobs that a proxy refused: one waits for its next run, one has failed for good. */
async function refused(): Promise<void> {
  for (const [subject, purgeAt] of [
    ['again', 1],
    ['never', 2],
  ] as const) {
    const jobs = [{ name: 'verify' as const, subject, key: subject }];
    await kit.store.verifications.insert(verification(subject, { purgeAt: purgeAt as EpochMillis }), {
      ...NOTHING,
      jobs,
    });
  }
  const table = new JobTable(kit.store);
  const now = kit.clock.now();
  const { rows } = await table.claimDue({
    names: [{ name: 'verify', slots: new Slots({ concurrency: 2 }, () => undefined) }],
    owner: 'test',
    now,
    leaseUntil: now + 1_000,
  });
  for (const row of rows) {
    if (row.subject === 'again')
      await table.retryLater(row, now + 1_000, { reason: 'upstream.operator', status: 413, octets: 20_481 });
    else await table.dead(row, now, { reason: 'upstream.temporary', status: 502 });
  }
}

it('what a proxy answered is shown with status and size', async () => {
  await refused();
  const page = await shown();
  const failing = within(page, 'failing');
  expect(failing).toContain('<code>upstream.operator</code>');
  expect(failing).toContain('HTTP 413');
  expect(failing).toContain('送信20481バイト<span lang="en">20481 octets sent</span>');
  const dead = within(page, 'dead-letters');
  expect(dead).toContain('<code>upstream.temporary</code> <span class="extra">HTTP 502</span></td>');
});
