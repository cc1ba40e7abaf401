import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLog } from '../../../src/adapters/log/pino-log.ts';
import type { Signing } from '../../../src/cli/rp-test/bench.ts';
import { storedIn } from '../../../src/cli/rp-test/hooks.ts';
import { runPlans } from '../../../src/cli/rp-test/plans/all.ts';
import { type ModuleResult, PLANS, type PlanName } from '../../../src/cli/rp-test/verdict.ts';
import { readPfConfig } from '../../../src/config/pf.ts';
import { startPf } from '../../../src/roles/pf/main.ts';
import type { ObservedRequest } from '../../../src/simulator/options.ts';
import { startPfWorker } from '../../../workers/pf/main.ts';
import { applicationOf, type RpWorld, startRpWorld, submit } from '../rp/world.ts';

// The tester over our own sp and gov: it has no false alarm, and what it says of them is true.
/** They refresh of their own accord alone, and have no UserInfo in a signature. */
const NOT_EXERCISED: Partial<Readonly<Record<PlanName, readonly string[]>>> = {
  signature: ['signature-userinfo-sub-is-compared'],
  logout: ['unlinking-is-final'],
};
const ENDS = ['decided', 'refused', 'failed', 'restart-needed', 'expired', 'cancelled'];

function signing(world: RpWorld): Signing {
  return {
    async start() {
      const file = `a file ${crypto.randomUUID()}`;
      const query = '?profile=detached&mode=digest';
      const response = await submit(world, file, { query, type: 'application/octet-stream' });
      if (response.status !== 201) return undefined;
      const { id, sign_url: url = '' } = (await response.json()) as { id: string; sign_url?: string };
      if (url === '') return undefined;
      return { url, note: id, sha256: createHash('sha256').update(file).digest('hex') };
    },
    async done({ note }) {
      const { state, verdict } = await applicationOf(world, note);
      if (!ENDS.includes(state)) return 'waiting';
      return verdict?.indication === 'TOTAL-PASSED' ? 'taken' : 'refused';
    },
  };
}

async function results(
  world: RpWorld,
  variant: 'private' | 'government',
  observed: ObservedRequest[],
  plans: readonly PlanName[],
): Promise<readonly ModuleResult[]> {
  const party = {
    clientId: world.clientId,
    variant,
    start: `${world.url}/login`,
    home: `${world.url}/account`,
    says: 'data-state="logged-in"',
    backchannelLogoutUri: `${world.url}/backchannel-logout`,
    signing: signing(world),
    press: ['このブラウザーで開く', 'マイナンバーカードで署名する'],
    patience: 20_000,
    stored: async () => (await storedIn([join(world.dir, 'world')])) + world.logLines.join('\n'),
  };
  return runPlans({ simulator: world.simulator, observed, party }, plans);
}

const of = (all: readonly ModuleResult[], verdict: string) =>
  all.filter((one) => one.verdict === verdict).map(({ name, came, sent }) => `${name}: ${sent}: ${came}`);

/** A file of its own for each role, so that both run at once. */
export function judgesOwn(role: 'sp' | 'gov', variant: 'private' | 'government'): void {
  describe(`our own ${role}`, { timeout: 900_000 }, () => {
    const observed: ObservedRequest[] = [];
    let world: RpWorld;
    const closers: (() => Promise<unknown>)[] = [];
    beforeAll(async () => {
      world = await startRpWorld(role, {
        observed: (request) => void observed.push(request),
        env: { JITSUIN_SERVICE_RATE: '1000' },
      });
      closers.push(() => world.close());
      if (role === 'gov') return;
      const config = readPfConfig(world.env('pf'));
      const server = await startPf(config, { log: silentLog });
      closers.push(() => server.close());
      const worker = await startPfWorker(config, { log: silentLog });
      closers.push(() => worker.close());
    });
    afterAll(async () => {
      for (const close of closers.reverse()) await close();
    });

    it.each(PLANS.filter((plan) => plan !== 'refresh'))(
      'has nothing to hear from the plan "%s"',
      async (plan) => {
        const all = await results(world, variant, observed, [plan]);
        expect(of(all, 'failed')).toEqual([]);
        expect(of(all, 'warning')).toEqual([]);
        const left = all.filter(({ verdict }) => verdict === 'not-exercised').map(({ name }) => name);
        expect(left).toEqual(NOT_EXERCISED[plan] ?? []);
      },
    );
  });
}
