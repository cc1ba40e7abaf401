import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { submit } from '../integration/rp/world.ts';
import { Walk } from './support/citizen-walk.ts';
import { LONG, report } from './support/fault-settings.ts';
import { type InProcessWorld, startInProcessWorld } from './support/in-process-world.ts';

const RATE = 10;
/** Connections that one process can hold open and answer in their time, being the server too; the others come as these are answered. */
const AT_ONCE = 500;
/** Of submissions that go on while the first citizens sign. */
const CROWD = 100;
const CITIZENS = Number(process.env['JITSUIN_FAULTS_CITIZENS'] ?? (LONG ? 10_000 : 200));
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
  const mostIn = (millis: number, times: readonly number[]) =>
    Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + millis).length));

  it(`${CITIZENS} submissions and then signatures never exceed the rate at the service`, {
    timeout: 900_000,
  }, async () => {
    const statuses = new Set<number>();
    let left = CITIZENS;
    const come = async () => {
      while (left > 0) {
        left -= 1;
        statuses.add((await submit(world.sp, '<届出/>')).status);
      }
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, CITIZENS) }, come));
    expect(statuses).toEqual(new Set([201]));
    const submissions = arrivals();
    // nobody moves the clock here: the rate is one of real seconds
    const still = { sp: world.sp, advance: async () => undefined };
    const walks = Array.from({ length: SIGNING }, () => new Walk(still));
    const signing = Promise.all(walks.map((walk) => walk.signed()));
    const crowd = await Promise.all(Array.from({ length: CROWD }, () => submit(world.sp, '<届出/>')));
    expect(new Set(crowd.map(({ status }) => status))).toEqual(new Set([201]));
    await signing;
    const ends = await Promise.all(walks.map((walk) => walk.end()));
    const times = arrivals();
    const tokens = world.serviceTap.seen.filter(({ body }) => body.includes('client_credentials')).length;
    const [second, five] = [mostIn(1_000, times), mostIn(5_000, times)];
    report(
      `mass access citizens=${CITIZENS + CROWD} rate=${RATE}/s requests=${times.length} ` +
        `most in one second=${second} in five=${five} client tokens=${tokens}`,
    );
    expect(submissions.length).toBeGreaterThan(RATE);
    expect(five).toBeLessThanOrEqual(5 * RATE);
    // arrivals are seen by the process that sends them: what a full machine heaps up in one of its pauses is no heap at the service
    expect(second).toBeLessThanOrEqual(LONG ? RATE : 2 * RATE);
    expect(tokens).toBe(1);
    expect(ends).toEqual(ends.map(() => 'decided'));
  });
});
