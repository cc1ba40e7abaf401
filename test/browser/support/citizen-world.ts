import type { Page } from 'playwright-core';
import { createLog } from '../../../src/adapters/log/pino-log.ts';
import { readPfConfig } from '../../../src/config/pf.ts';
import { startPf } from '../../../src/roles/pf/main.ts';
import type { CitizenChoice } from '../../../src/simulator/citizen.ts';
import { startPfWorker } from '../../../workers/pf/main.ts';
import { type RpWorld, startRpWorld } from '../../integration/rp/world.ts';

export interface CitizenWorld extends RpWorld {
  /** Ends the platform operator too. */
  close(): Promise<void>;
}

/** Simulator, sp and platform operator, each with its worker, on loopback. */
export async function startCitizenWorld(
  env: Readonly<Record<string, string>> = {},
  host?: 'localhost',
): Promise<CitizenWorld> {
  const world = await startRpWorld('sp', { env, ...(host === undefined ? {} : { host }) });
  const log = createLog({ role: 'pf', destination: { write: () => undefined } });
  const files = env['JITSUIN_ALLOW_FILES_IN_DIGEST_INFO'];
  const config = readPfConfig({
    ...world.env('pf'),
    ...(files === undefined ? {} : { JITSUIN_ALLOW_FILES_IN_DIGEST_INFO: files }),
  });
  const pf = await startPf(config, { log });
  const worker = await startPfWorker(config, { log });
  const closeRp = world.close;
  const close = async () => {
    await worker.close();
    await closeRp();
    await pf.close();
  };
  return { ...world, close };
}

/** On the page of デジタル認証アプリ (simulated): chooses and goes on. */
export async function chooseInApp(page: Page, choice: CitizenChoice = {}): Promise<void> {
  await page.selectOption('select[name=person]', choice.person ?? 'taro');
  await page.check(`input[name=outcome][value=${choice.outcome ?? 'sign'}]`);
  await page.selectOption('select[name=surface]', choice.surface ?? 'result');
  await page.click('button[type=submit]');
}

/** Waits until the page tells that the application stands in this state. */
export function shows(page: Page, state: string): Promise<unknown> {
  return page.waitForSelector(`[data-state="${state}"]`, { state: 'attached', timeout: 15_000 });
}
