import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../../../src/cli/demo/browser.ts';
import { readGovConfig } from '../../../src/config/gov.ts';
import { readSpConfig } from '../../../src/config/sp.ts';
import type { ApplicationId } from '../../../src/core/brand.ts';
import type { Log } from '../../../src/ports/log.ts';
import { wireGov } from '../../../src/roles/gov/wiring.ts';
import type { RelyingPartyWiring } from '../../../src/roles/relying-party/wiring.ts';
import { wireSp } from '../../../src/roles/sp/wiring.ts';
import { fetchResult } from '../../../src/rp/fetch-result.ts';
import { sweep } from '../../../src/rp/sweep.ts';
import { registerEndpoint } from '../../support/api-worlds.ts';
import { type ConsoleVisit, visitConsole } from '../../support/console-visit.ts';
import { FakeLog } from '../../support/fakes.ts';
import { freePorts } from '../../support/ports.ts';
import {
  clearColumns,
  dropTriggers,
  othersOf,
  type RawRow,
  rowsOf,
  TAMPERED_TABLES,
  writeRow,
} from '../../support/tampering.ts';
import { api, ended, type RpWorld, sign, startRpWorld, submitted } from './world.ts';

const DOCUMENT = '<?xml version="1.0" encoding="UTF-8"?>\n<届出><氏名>模擬 𠮷田</氏名></届出>\n';
const OTHER_TENANT = 'other';

/** Values that somebody would want, by column. */
const WANTED: Readonly<Record<string, readonly unknown[]>> = {
  state: ['decided', 'received', 'failed', 'active'],
  indication: ['TOTAL-PASSED'],
  verdict: ['{"indication":"TOTAL-PASSED","signedOctetsSha256":"00","decidedAt":1,"reference":"x"}', null],
  failure: ['{"code":"signer.name"}', null],
  tenant: [OTHER_TENANT],
  role: ['administrator'],
  disabled_at: [1, null],
  deadline: [1],
  purge_at: [1],
  mode: ['digest'],
  profile: ['detached'],
  url: ['http://127.0.0.1:9/thief'],
  return_to: ['https://thief.example/'],
};

/** A place where somebody looks: what it said when nobody had written the database. */
interface Face {
  readonly name: string;
  look(): Promise<string>;
}

/** What changes with each look: the form's token, the nonce of a policy, how long something has stood. */
function settled(text: string): string {
  return text
    .replaceAll(/name="csrf" value="[^"]*"/g, '')
    .replaceAll(/nonce="[^"]*"/g, '')
    .replaceAll(/hand_over=[\w-]+/g, '')
    .replaceAll(/\d+ ?(?:ミリ秒|秒|分|時間|日|ms|s|min|h|d)(?![\w])/g, '');
}

/** Nothing is there that was not there before: a refusal, or fewer lines, rows and members. */
function isLess(before: string, now: string): boolean {
  if (!now.startsWith('200 ')) return true;
  const parts = (text: string) =>
    text.split(/\n|(?=<tr)|(?<=<\/tr>)|(?=\{"id")/).map((one) => one.replace(/[,\]}]+$/, ''));
  const were = new Set(parts(before));
  return parts(now).every((part) => were.has(part));
}

describe.each(['sp', 'gov'] as const)('a writer of the database of %s', (role) => {
  let world: RpWorld;
  let wiring: RelyingPartyWiring;
  let faces: readonly Face[];
  let waiting: string;
  const honest = new Map<string, string>();
  const table = (name: string) => rowsOf(wiring.adapters.store, name);

  beforeAll(async () => {
    const [port = 0] = await freePorts(1);
    const env = {
      JITSUIN_CONSOLE_PORT: String(port),
      JITSUIN_WEBHOOK_LOOPBACK: '1',
      JITSUIN_TENANT_RATE: '0',
    };
    world = await startRpWorld(role, { env });
    const origin = `http://localhost:${port}`;
    const staff = await visitConsole(role, origin, world.env(role), 'operator');
    const administrator = await visitConsole(role, origin, world.env(role), 'administrator');
    await registerEndpoint(world.url, `Bearer ${world.apiKey}`, 'http://127.0.0.1:9/');
    const finished = await submitted(world, DOCUMENT);
    const browser = new Browser();
    await sign(browser, finished.sign_url ?? '', role === 'gov' ? {} : { outcome: 'refuse' });
    await ended(world, finished.id);
    const open = await submitted(world, DOCUMENT);
    await browser.visit(open.sign_url ?? '');
    await world.stopWorker();
    const signed = await submitted(world, DOCUMENT);
    await sign(browser, signed.sign_url ?? '');
    waiting = signed.id;
    const log: Log = new FakeLog();
    wiring =
      role === 'gov'
        ? await wireGov(readGovConfig(world.env('gov')), 'thief', { log })
        : await wireSp(readSpConfig(world.env('sp')), 'thief', { log });
    await dropTriggers(wiring.adapters.store);
    const ids = [finished.id, open.id, waiting];
    faces = [
      ...['/v1/applications', ...ids.map((id) => `/v1/applications/${id}`), '/v1/webhook-endpoints'].map(
        ofApi,
      ),
      ...ids.map((id) => ofPage(browser, `/applications/${id}/sign`)),
      ofPage(browser, `/applications/${open.id}/document`),
      ...['/console/records', ...ids.map((id) => `/console/records/${id}`), '/console/webhooks'].map((path) =>
        ofConsole(staff, path),
      ),
      ...['/console/operators', '/console/api-keys', '/console/settings'].map((path) =>
        ofConsole(administrator, path),
      ),
    ];
    for (const { name, look } of faces) honest.set(name, await look());
    for (const { name, look } of faces)
      expect(await look(), `${name} is the same twice`).toBe(honest.get(name));
    const seen = [...honest].filter(([, text]) => text.startsWith('200 '));
    expect(seen.length, JSON.stringify([...honest].map(([name, text]) => [name, text.slice(0, 3)]))).toBe(
      faces.length,
    );
  }, 120_000);
  afterAll(async () => {
    await wiring?.adapters.close();
    await world?.close();
  });

  function ofApi(path: string): Face {
    return { name: path, look: async () => said(await api(world, path)) };
  }

  function ofPage(browser: Browser, path: string): Face {
    const look = async () => {
      const first = await browser.open(`${world.url}${path}`);
      // the page of an end, or of the wait for one
      const { location } = first;
      const within = location?.startsWith(`${world.url}/applications/`) === true ? location : undefined;
      const { status, html } = within === undefined ? first : await browser.open(within);
      return `${status} ${settled(html)}`;
    };
    return { name: `page ${path}`, look };
  }

  function ofConsole(staff: ConsoleVisit, path: string): Face {
    return { name: path, look: async () => said(await staff.ask(path)) };
  }

  async function said(answer: Response): Promise<string> {
    return `${answer.status} ${settled(await answer.text())}`;
  }

  async function strangeFaces(): Promise<readonly string[]> {
    const strange: string[] = [];
    for (const { name, look } of faces) {
      const before = honest.get(name) ?? '';
      const now = await look();
      if (now !== before && !isLess(before, now)) strange.push(`${name}: ${differing(before, now)}`);
    }
    return strange;
  }

  function differing(before: string, now: string): string {
    const at = [...now].findIndex((one, index) => one !== before[index]);
    return now.slice(Math.max(0, at - 80), at + 120);
  }

  it.each(TAMPERED_TABLES)(
    '%s: a changed clear column is nowhere believed, by API, page or console',
    async (name) => {
      const strange: string[] = [];
      for (const row of (await table(name)).slice(0, 3)) {
        for (const column of clearColumns(name, row))
          for (const value of othersOf(WANTED[column], row[column])) {
            await writeRow(wiring.adapters.store, name, row, { [column]: value }).catch(() => undefined);
            for (const face of await strangeFaces())
              strange.push(`${name}.${column}=${String(value)} ${face}`);
            await writeRow(wiring.adapters.store, name, row, row);
          }
      }
      expect(strange).toEqual([]);
      expect(await strangeFaces()).toEqual([]);
    },
    300_000,
  );

  it('there was something to change', async () => {
    const filled: string[] = [];
    for (const name of TAMPERED_TABLES) if ((await table(name)).length > 0) filled.push(name);
    const both = [
      'applications',
      'audit_chains',
      'jobs',
      'operators',
      'operator_sessions',
      'webhook_endpoints',
    ];
    expect(filled).toEqual(expect.arrayContaining(role === 'gov' ? [...both, 'evidence_chain'] : both));
  });

  it('the worker goes on with nothing of a row that was changed, and the sweep ends none by it', async () => {
    const { adapters, rp } = wiring;
    const found = async () => (await table('applications')).find(({ id }) => id === waiting) as RawRow;
    const row = await found();
    expect(row['state']).toBe('authorized');
    const strange: string[] = [];
    for (const column of clearColumns('applications', row))
      for (const value of othersOf(WANTED[column], row[column])) {
        await writeRow(adapters.store, 'applications', row, { [column]: value });
        const changed = JSON.stringify(await found());
        await fetchResult(rp, waiting as ApplicationId).catch(() => undefined);
        await sweep(rp).catch(() => undefined);
        const after = JSON.stringify(await found());
        if (after !== changed) strange.push(`${column}=${String(value)}: ${after}`);
        await writeRow(adapters.store, 'applications', row, row);
      }
    expect(strange).toEqual([]);
    expect(await fetchResult(rp, waiting as ApplicationId)).toEqual({ kind: 'done' });
    expect((await found())['state']).toBe('fetched');
  }, 120_000);
});
