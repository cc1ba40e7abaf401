import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../../src/adapters/clock.ts';
import { silentLog } from '../../../src/adapters/log/pino-log.ts';
import { Browser } from '../../../src/cli/demo/browser.ts';
import { govJudgeAgain } from '../../../src/cli/gov-judge-again.ts';
import { withOpenedStore } from '../../../src/cli/storage-arguments.ts';
import type { ApplicationId } from '../../../src/core/brand.ts';
import { CLOCKS } from '../../../src/core/sign-transaction/machine-table.ts';
import { step } from '../../../src/rp/step.ts';
import { type ConsoleVisit, visitConsole } from '../../support/console-visit.ts';
import { freePorts } from '../../support/ports.ts';
import { applicationOf, ended, type RpWorld, sign, startRpWorld, submitted } from './world.ts';

const DOCUMENT = '<?xml version="1.0" encoding="UTF-8"?>\n<届出><氏名>模擬 𠮷田</氏名></届出>\n';
const MISSING = 'certificate.anchor-missing';

let world: RpWorld;
let staff: ConsoleVisit;
let trustFile: string;
let right: string;

beforeAll(async () => {
  const [port = 0] = await freePorts(1);
  world = await startRpWorld('gov', { env: { JITSUIN_CONSOLE_PORT: String(port) } });
  staff = await visitConsole('gov', `http://localhost:${port}`, world.env('gov'), 'operator');
  trustFile = world.env('gov')['JITSUIN_TRUST_FILE'] ?? '';
  right = readFileSync(trustFile, 'utf8');
});
afterAll(() => world?.close());

/** The agency's own trust file lacks the generation of this card. */
async function held(): Promise<string> {
  await world.stopWorker();
  writeFileSync(trustFile, readFileSync(world.env('gov')['JITSUIN_TSA_TRUST_FILE'] ?? '', 'utf8'));
  await world.startWorker();
  const application = await submitted(world, DOCUMENT);
  await sign(new Browser(), application.sign_url ?? '');
  for (;;) {
    const { state, failure } = await applicationOf(world, application.id);
    if (failure?.code === MISSING) {
      expect(state).toBe('fetched');
      return application.id;
    }
    expect(['authorized', 'fetched']).toContain(state);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** As the sweep does at its deadline, a day later. */
async function end(id: string): Promise<void> {
  await world.stopWorker();
  await withOpenedStore({ env: world.env('gov') }, 'gov', async ({ applications }) => {
    const application = await applications.get(id as ApplicationId);
    if (application === undefined) throw new Error('gone');
    const ports = { applications, clock: systemClock, log: silentLog, settings: { clocks: CLOCKS } };
    await step(ports, application, { kind: 'timed-out' });
  });
}

async function command(...args: string[]): Promise<readonly [number, string]> {
  const said: string[] = [];
  const io = {
    stdout: (text: string) => void said.push(text),
    stderr: (text: string) => void said.push(text),
  };
  const at = { env: world.env('gov'), isTty: false, signal: new AbortController().signal };
  return [await govJudgeAgain.run(args, { ...io, ...at }), said.join('')];
}

it('a held application says so, ends with the reason, and is judged again by the command', async () => {
  const id = await held();
  expect(await staff.page('/console/records?status=held')).toContain(`data-id="${id}"`);
  const page = await staff.page(`/console/records/${id}`);
  expect(page).toContain('data-outcome="held"');
  expect(page).toContain('なぜ保留か');
  expect(page).not.toContain('id="judge-again"');
  await end(id);
  expect(await applicationOf(world, id)).toMatchObject({
    state: 'restart-needed',
    failure: { code: MISSING },
  });
  expect(await staff.page(`/console/records/${id}`)).toContain('id="judge-again"');

  expect(await command('--code', 'clock.off')).toEqual([0, '']);
  writeFileSync(trustFile, right);
  expect(await command('--code', MISSING)).toEqual([0, `${id}  fetched\n`]);
  await world.startWorker();
  expect((await ended(world, id)).verdict?.indication).toBe('TOTAL-PASSED');
  expect(await command(id)).toEqual([1, `${id}  not-changed  transaction.state\n`]);
}, 60_000);

it('and by the console, with who wanted it in the audit chain', async () => {
  const id = await held();
  await end(id);
  writeFileSync(trustFile, right);
  expect((await staff.ask(`/console/records/${id}/judge-again`, {})).status).toBe(303);
  await world.startWorker();
  expect((await ended(world, id)).verdict?.indication).toBe('TOTAL-PASSED');
  expect(await staff.page(`/console/records/${id}`)).toContain('data-event="application.judged-again"');
  const events = await withOpenedStore({ env: world.env('gov') }, 'gov', ({ audit }) =>
    audit.page({ subject: id, limit: 50 }),
  );
  const again = events.find(({ event }) => event === 'application.judged-again');
  expect(again?.facts).toMatchObject({ operator: expect.stringMatching(/./) });
}, 60_000);
