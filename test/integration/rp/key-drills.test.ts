import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLog } from '../../../src/adapters/log/pino-log.ts';
import { Browser } from '../../../src/cli/demo/browser.ts';
import { main } from '../../../src/cli/main.ts';
import { readGovConfig } from '../../../src/config/gov.ts';
import { startGov } from '../../../src/roles/gov/main.ts';
import { driveCitizen } from '../../../src/simulator/citizen.ts';
import type { PublicJwk, SimulatorClient } from '../../../src/simulator/options.ts';
import { ended, type RpWorld, sign, startRpWorld, submitted } from './world.ts';

/** M9: the drills of samples/KEY-DRILLS.md, each rehearsed as it is written there. */
let world: RpWorld;
let own: SimulatorClient;
let env: Record<string, string>;
beforeAll(async () => {
  world = await startRpWorld('gov');
  env = world.env('gov');
  const clients = readFileSync(join(world.dir, 'world', 'simulator', 'clients.json'), 'utf8');
  const client = (JSON.parse(clients) as SimulatorClient[]).find(
    ({ clientId }) => clientId === world.clientId,
  );
  if (client === undefined) throw new Error('not registered');
  own = client;
});
afterAll(() => world.close());

async function jitsuin(line: string) {
  const out: string[] = [];
  const io = { stdout: (text: string) => void out.push(text), stderr: () => undefined, isTty: false, env };
  const status = await main(line.split(' '), { ...io, signal: new AbortController().signal });
  return { status, out: out.join('') };
}

/** Another process of the role, started after the step of the drill. */
async function withFreshNode(act: (url: string) => Promise<void>): Promise<void> {
  const config = readGovConfig({ ...env, JITSUIN_PORT: '0' });
  const node = await startGov(config, { log: silentLog });
  await act(node.url).finally(() => node.close());
}

const clientCheck = async () => {
  const { out } = await jitsuin('doctor --role gov --token --json');
  const { findings } = JSON.parse(out) as { findings: { check: string; state: string }[] };
  return findings.find(({ check }) => check === 'service-client')?.state;
};

async function signs(): Promise<string | undefined> {
  const application = await submitted(world, '<届出>模擬</届出>');
  await sign(new Browser(), application.sign_url ?? '');
  return (await ended(world, application.id)).verdict?.indication;
}

describe('client key', () => {
  it('a new one is registered, activated, and the old one goes; at no time is there none', async () => {
    const { keys } = JSON.parse((await jitsuin('rp keygen --show --json')).out) as {
      keys: { kid: string }[];
    };
    const first = keys[0]?.kid ?? '';
    const added = JSON.parse((await jitsuin('rp keygen --rotate')).out) as PublicJwk & { kid: string };
    expect(await clientCheck()).toBe('passed');
    await jitsuin(`rp keygen --activate=${added.kid}`);
    expect(await clientCheck()).toBe('failed');
    world.simulator.registerClient({ ...own, jwks: { keys: [...own.jwks.keys, added] } });
    expect(await clientCheck()).toBe('passed');
    expect(await signs()).toBe('TOTAL-PASSED');
    await withFreshNode(async (url) => {
      const browser = new Browser();
      const { location = '' } = await browser.open(`${url}/login`);
      expect(await driveCitizen(location)).toContain('/login/callback?');
    });
    world.simulator.registerClient({ ...own, jwks: { keys: [added] } });
    expect((await jitsuin(`rp keygen --retire=${first}`)).status).toBe(0);
    expect(await clientCheck()).toBe('passed');
  });
});

describe('key for data at rest', () => {
  it('rotated, everything sealed again, the old one retired, while the agency works', async () => {
    world.simulator.registerClient(own);
    const list = async () =>
      (
        JSON.parse((await jitsuin('keys list --role gov --json')).out) as {
          keys: { id: string; active: boolean; values: number }[];
        }
      ).keys;
    const [before] = await list();
    await jitsuin('keys rotate --role gov');
    expect((await jitsuin(`keys retire --role gov ${before?.id}`)).status).toBe(2);
    expect(Number(before?.values)).toBeGreaterThan(0);
    expect((await jitsuin('keys reseal --role gov')).status).toBe(0);
    const [old, fresh] = await list();
    expect([old?.id, old?.values, fresh?.active]).toEqual([before?.id, 0, true]);
    expect((await jitsuin(`keys retire --role gov ${before?.id}`)).status).toBe(0);
    await submitted(world, '<届出>模擬</届出>');
    expect(await signs()).toBe('TOTAL-PASSED');
    expect((await list()).map(({ id }) => id)).toEqual([fresh?.id]);
    const checks = JSON.parse((await jitsuin('doctor --role gov --json')).out) as {
      findings: { check: string; state: string }[];
    };
    expect(checks.findings.find(({ check }) => check === 'sealed-values')?.state).toBe('passed');
  });
});

describe('sessions', () => {
  it('all of them end at once', async () => {
    const browser = new Browser();
    const { location = '' } = await browser.open(`${world.url}/login`);
    await browser.open(await driveCitizen(location));
    expect((await browser.open(`${world.url}/account`)).html).toContain('data-state="logged-in"');
    expect((await jitsuin('sessions end --role gov')).status).toBe(2);
    expect((await jitsuin('sessions end --role gov --all')).status).toBe(0);
    expect((await browser.open(`${world.url}/account`)).html).toContain('data-state="logged-out"');
  });
});
