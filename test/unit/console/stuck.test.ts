import { afterEach, beforeEach, expect, it } from 'vitest';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { CLOCKS, MACHINE } from '../../../src/core/sign-transaction/machine-table.ts';
import { stuckVerifications } from '../../../src/roles/pf/console/stuck.ts';
import { stuckApplications } from '../../../src/roles/relying-party/console/stuck.ts';
import { application, NOTHING, verification } from '../../integration/store/records.ts';
import { type ConsoleKit, consoleKit, FAKE_RECORDS } from '../../support/console-kit.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let kit: ConsoleKit;
let standing: 'pf' | 'gov';
beforeEach(async () => {
  kit = await consoleKit({
    records: {
      ...FAKE_RECORDS,
      stuck: (limit) =>
        standing === 'pf'
          ? stuckVerifications({ ...kit.store, clock: kit.clock, deadline: DAY }, limit)
          : stuckApplications({ ...kit.store, clock: kit.clock }, limit),
    },
  });
});
afterEach(() => kit.close());

const shown = async () => (await kit.get('/console/work', await kit.visitor('viewer'))).text();
const rowOf = (page: string, id: string) =>
  new RegExp(`<tr data-stuck="${id}">[\\s\\S]*?</tr>`).exec(page)?.[0] ?? '';
const after = (millis: number) => (kit.clock.now() + millis) as EpochMillis;
const iso = (at: EpochMillis) => new Date(at).toISOString();

it('pf: a verification that no worker has judged, with its next job and its end', async () => {
  standing = 'pf';
  const createdAt = kit.clock.now();
  const deadline = after(DAY);
  await kit.store.verifications.insert(
    verification('waits', { createdAt, updatedAt: createdAt, deadline, purgeAt: deadline }),
    NOTHING,
  );
  kit.clock.advance(15 * MINUTE - 1);
  expect(await shown()).toContain('id="no-stuck"');
  kit.clock.advance(1);
  const row = rowOf(await shown(), 'waits');
  expect(row).toContain('<code>received</code>');
  expect(row).toContain('15分<span lang="en">15 min</span>');
  expect(row).toMatch(/data-exit="job-renewed">仕事を出し直す.*→ received/);
  expect(row).toMatch(/次の定期処理<span lang="en">next sweep/);
  expect(row).toMatch(/data-exit="timed-out">期限で終わる<span lang="en">ends by its clock/);
  expect(row).toContain('→ expired');
  expect(row).toContain(iso(deadline));
});

it('gov: an application counts from its entry into the state, however often its job was renewed', async () => {
  standing = 'gov';
  const deadline = after(CLOCKS.authorized);
  kit.clock.advance(7 * MINUTE);
  const updatedAt = after(-MINUTE);
  await kit.store.applications.insert(
    application('renewed', { state: 'authorized', deadline, updatedAt, purgeAt: deadline }),
    NOTHING,
  );
  const row = rowOf(await shown(), 'renewed');
  expect(row).toContain('7分<span lang="en">7 min</span>');
  expect(row).toContain(iso((updatedAt + 5 * MINUTE) as EpochMillis));
  expect(row).not.toContain('next sweep');
  expect(row).toContain('→ restart-needed');
});

const OPEN = Object.entries(MACHINE).filter(([, { actor }]) => actor !== 'nobody');

it.each(OPEN.map(([state]) => state as keyof typeof MACHINE))(
  'gov: "%s" is looked at when its time is over, not before',
  async (state) => {
    standing = 'gov';
    const life = CLOCKS[MACHINE[state].clock];
    const [now, deadline] = [kit.clock.now(), after(life)];
    await kit.store.applications.insert(
      application('one', { state, deadline, updatedAt: now, purgeAt: after(9 * DAY) }),
      NOTHING,
    );
    const expected =
      state === 'authorized'
        ? 5 * MINUTE
        : ['fetched', 'submitted'].includes(state)
          ? 60 * MINUTE
          : life + MINUTE;
    kit.clock.advance(expected - 1);
    expect(await stuckApplications({ ...kit.store, clock: kit.clock }, 9)).toEqual([]);
    kit.clock.advance(1);
    const [found] = await stuckApplications({ ...kit.store, clock: kit.clock }, 9);
    expect(found).toMatchObject({ id: 'one', status: state, since: now });
    expect(found?.exits.at(-1)).toEqual({
      event: 'timed-out',
      at: deadline,
      into: MACHINE[state].on['timed-out'],
    });
  },
);
