import type { Browser, BrowserContext, Page } from 'playwright-core';
import { systemClock } from '../../../src/adapters/clock.ts';
import { openFileSealer } from '../../../src/adapters/keys/sealer-file.ts';
import { systemRandom } from '../../../src/adapters/random.ts';
import { openStore, type Store } from '../../../src/adapters/store/open-store.ts';
import type { StaffRole } from '../../../src/ports/staff-store.ts';
import { inviteStaff } from '../../../src/staff/invite.ts';
import { type PfWorld, startPfWorld } from '../../support/pf-world.ts';
import { freePorts } from '../../support/ports.ts';
import { type Watch, watchedContext } from './open-browser.ts';

export interface ConsoleWorld {
  readonly pf: PfWorld;
  /** Origin of the console. */
  readonly origin: string;
  /** The very store of the platform operator, opened beside it. */
  readonly store: Store;
  /** The code of an invitation. */
  invite(role: StaffRole, name?: string): Promise<{ readonly id: string; readonly code: string }>;
  close(): Promise<void>;
}

/** A platform operator with its console on loopback; people are simulated. */
export async function startConsoleWorld(env: Readonly<Record<string, string>> = {}): Promise<ConsoleWorld> {
  const [port = 0] = await freePorts(1);
  const pf = await startPfWorld(
    { JITSUIN_CONSOLE_PORT: String(port), ...env },
    { alpha: ['basic-attributes'] },
  );
  const store = await openStore({
    ...{ dataDir: pf.config.dataDir, role: 'pf', clock: pf.clock },
    sealer: openFileSealer(pf.config.sealKeyFile),
  });
  const ports = { operators: store.operators, clock: pf.clock, random: systemRandom(systemClock) };
  return {
    ...{ pf, store, origin: `http://localhost:${port}` },
    invite: async (role, name = `模擬 ${role}`) => {
      const { operator, code } = await inviteStaff(ports, { name, role, life: 3_600_000 });
      return { id: operator.id, code };
    },
    close: async () => {
      await store.close();
      await pf.close();
    },
  };
}

/** One operator's browser with an authenticator of its own. */
export interface OperatorBrowser {
  readonly id: string;
  readonly context: BrowserContext;
  readonly page: Page;
  readonly watch: Watch;
  /** Goes to a page of the console. */
  open(path: string): Promise<number>;
}

/** Adds a virtual CTAP2 authenticator that verifies its user to the pages of this page's target. */
export async function withAuthenticator(context: BrowserContext, page: Page): Promise<void> {
  const session = await context.newCDPSession(page);
  await session.send('WebAuthn.enable', { enableUI: false });
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

/** Invites, enrols with a passkey, and so logs in. */
export async function enrolledOperator(
  world: ConsoleWorld,
  browser: Browser,
  role: StaffRole,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<OperatorBrowser> {
  const { id, code } = await world.invite(role);
  const { context, watch } = await watchedContext(browser, options);
  const page = await context.newPage();
  await withAuthenticator(context, page);
  await page.goto(`${world.origin}/console/enrol#${code}`);
  await page.click('form[data-code-from-fragment] button');
  await page.click('form[data-passkey=create] button');
  await page.waitForSelector('#operator');
  const open = async (path: string) => (await page.goto(`${world.origin}${path}`))?.status() ?? 0;
  return { id, context, page, watch, open };
}
