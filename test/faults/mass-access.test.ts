import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { submit } from '../integration/rp/world.ts';
import { Walk } from './support/citizen-walk.ts';
import { LONG, report } from './support/fault-settings.ts';
import { type InProcessWorld, startInProcessWorld } from './support/in-process-world.ts';

const RATE = 30;
const CITIZENS = LONG ? 2_000 : 200;
const SIGNING = LONG ? 100 : 12;

/** Q14 and Q11, measured where the service stands: mass access is forbidden (guideline, 注意事項). */
describe('everybody at once', () => {
  let world: InProcessWorld;
  beforeAll(async () => {
    world = await startInProcessWorld({ JITSUIN_SERVICE_RATE: String(RATE) });
  }, 60_000);
  afterAll(() => world.close());

  /** Arrivals at the service by relying party and worker; the citizens' browsers and JPKI are not ours to limit. */
  const arrivals = () =>
    world.serviceTap.seen
      .filter(({ path }) => /\/token$|\/certs$|\/api\/sign-transactions|openid-configuration$/.test(path))
      .map(({ at }) => at);
  const mostInOneSecond = (times: readonly number[]) =>
    Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 1_000).length));

  it(`${CITIZENS} submissions and then signatures never exceed the rate at the service`, {
    timeout: 300_000,
  }, async () => {
    const answers = await Promise.all(Array.from({ length: CITIZENS }, () => submit(world.sp, '<届出/>')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    const submissions = arrivals();
    const walks = Array.from({ length: SIGNING }, () => new Walk(world));
    await Promise.all(walks.map((walk) => walk.signed()));
    const ends = await Promise.all(walks.map((walk) => walk.end(5_000)));
    const times = arrivals();
    const tokens = world.serviceTap.seen.filter(({ body }) => body.includes('client_credentials')).length;
    report(
      `mass access citizens=${CITIZENS} rate=${RATE}/s requests=${times.length} ` +
        `most in one second=${mostInOneSecond(times)} client tokens=${tokens}`,
    );
    expect(submissions.length).toBeGreaterThan(RATE);
    expect(mostInOneSecond(times)).toBeLessThanOrEqual(RATE);
    expect(tokens).toBe(1);
    expect(ends).toEqual(ends.map(() => 'decided'));
  });
});
