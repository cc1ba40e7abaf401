import { afterAll, beforeAll, expect, test } from 'vitest';
import { Walk } from '../../faults/support/citizen-walk.ts';
import { type InProcessWorld, startInProcessWorld } from '../../faults/support/in-process-world.ts';
import { countSqlite } from '../../support/counted-sqlite.ts';

/**
 * What one application takes from SQLite, sp and pf together, from its submission to its verdict. Lower them when they
 * fall; a change that needs more says why in its commit. Times are no part of it (`npm run bench -- pipeline`).
 */
const MOST = { statements: 168, durable: 15 };
/** What runs by the clock, however long an application takes: looks for work and for lost jobs, time-stamps of evidence. */
const BY_THE_CLOCK =
  /as name where exists|as found where exists|"evidence_(?:periods|tokens|token_revocation)"|"evidence_chain" where "seq" >/;
/** What else does (sweeps, beats) falls into some of them: the least of several is what an application needs. */
const APPLICATIONS = 3;

const counting = countSqlite();
let world: InProcessWorld;

beforeAll(async () => {
  world = await startInProcessWorld();
  await oneApplication();
});

afterAll(async () => {
  await world.close();
  counting.stop();
});

async function oneApplication() {
  const before = { ...counting.counts };
  const texts = new Map(before.texts);
  const walk = new Walk({ sp: world.sp, advance: world.advance, pause: 400 });
  await walk.signed();
  expect(await walk.end()).toBe('decided');
  const used = [...counting.counts.texts].map(([text, times]): [string, number] => [
    text,
    times - (texts.get(text) ?? 0),
  ]);
  const asked = used.filter(([text]) => !BY_THE_CLOCK.test(text));
  return {
    statements: asked.reduce((sum, [, times]) => sum + times, 0),
    durable: counting.counts.durable - before.durable,
    texts: used.filter(([, times]) => times > 0),
  };
}

test('an application takes no more statements and no more durable commits than it did', async () => {
  const seen = [];
  for (let n = 0; n < APPLICATIONS; n += 1) seen.push(await oneApplication());
  const [least] = [...seen].sort((a, b) => a.statements - b.statements);
  const most = [...(least?.texts ?? [])].sort(([, a], [, b]) => b - a).slice(0, 12);
  const told = most
    .map(([text, times]) => `${times} x ${text.replace(/\s+/g, ' ').slice(0, 110)}`)
    .join('\n');
  expect(least?.statements, `statements; most often:\n${told}`).toBeLessThanOrEqual(MOST.statements);
  expect(Math.min(...seen.map(({ durable }) => durable)), 'durable commits').toBeLessThanOrEqual(
    MOST.durable,
  );
  // the counter counts: without it everything would be allowed
  expect(least?.statements).toBeGreaterThan(20);
});
