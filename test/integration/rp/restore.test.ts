import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import Database from 'libsql';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Command } from '../../../src/cli/command.ts';
import { Browser } from '../../../src/cli/demo/browser.ts';
import { storeBackup } from '../../../src/cli/store/backup.ts';
import { storeRestored } from '../../../src/cli/store/restored.ts';
import { SP_CLIENT_ID } from '../../../src/cli/world/world-options.ts';
import type { ApplicationView } from '../../../src/contracts/public-api.ts';
import type { SimulatorClient } from '../../../src/simulator/options.ts';
import { notRun } from '../../support/not-run.ts';
import { serverReachable, TEST_DATABASE_URL, TEST_REDIS_URL } from '../../support/servers.ts';
import { makeOutgrownWorld, type OutgrownWorld } from './outgrown-world.ts';
import { api, applicationOf, ended, goToService, sign, submit, submitted } from './world.ts';

const DOCUMENT = '<届出><氏名>模擬 太郎</氏名></届出>';
const half = 'the restore drill on PostgreSQL';
const servers =
  spawnSync('pg_dump', ['--version']).status === 0 &&
  (await serverReachable(TEST_DATABASE_URL, half)) &&
  (await serverReachable(TEST_REDIS_URL, half));
if (!servers) notRun(half, 'no pg_dump, or no server');

/** How one engine is backed up and put back, and how its audit records are read. */
interface Engine {
  backUp(world: OutgrownWorld): Promise<void>;
  putBack(world: OutgrownWorld): Promise<void>;
  audit(world: OutgrownWorld): Promise<readonly Audited[]>;
}

interface Audited {
  readonly chain: number;
  readonly seq: number;
  readonly event: string;
  readonly subject: string;
}

const AUDIT = 'select chain, seq, event, subject from';

const embedded: Engine = {
  backUp: async (world) => {
    const env = world.env('sp');
    await command(storeBackup, ['--role', 'sp', '--out', `${env['JITSUIN_DATA_DIR']}/../backup`], env);
  },
  putBack: async (world) => {
    const folder = world.env('sp')['JITSUIN_DATA_DIR'] ?? '';
    for (const end of ['', '-wal', '-shm']) rmSync(join(folder, `sp.sqlite3${end}`), { force: true });
    copyFileSync(join(folder, '..', 'backup'), join(folder, 'sp.sqlite3'));
  },
  audit: async (world) => {
    const database = new Database(join(world.env('sp')['JITSUIN_DATA_DIR'] ?? '', 'sp.sqlite3'), {
      readonly: true,
    });
    const rows = database.prepare(`${AUDIT} audit_records order by at, chain, seq`).all();
    database.close();
    return rows as Audited[];
  },
};

const dumps = new WeakMap<OutgrownWorld, string>();
const postgres: Engine = {
  backUp: async (world) => {
    const { stdout, status, stderr } = run('pg_dump', ['--schema', world.schemaOf('sp'), TEST_DATABASE_URL]);
    if (status !== 0) throw new Error(stderr);
    dumps.set(world, stdout);
  },
  putBack: async (world) => {
    const drop = `drop schema "${world.schemaOf('sp')}" cascade;\n`;
    const args = ['--quiet', '--set', 'ON_ERROR_STOP=1', '--dbname', TEST_DATABASE_URL];
    const { status, stderr } = run('psql', args, `${drop}${dumps.get(world)}`);
    if (status !== 0) throw new Error(stderr);
  },
  audit: async (world) => {
    const client = new pg.Client({ connectionString: TEST_DATABASE_URL });
    await client.connect();
    const { rows } = await client.query(
      `${AUDIT} "${world.schemaOf('sp')}".audit_records order by at, chain, seq`,
    );
    await client.end();
    return rows.map((row) => ({ ...row, chain: Number(row.chain), seq: Number(row.seq) }));
  },
};

function run(program: string, args: readonly string[], input = '') {
  return spawnSync(program, [...args], { encoding: 'utf8', input, maxBuffer: 1 << 28 });
}

async function command(what: Command, args: readonly string[], env: Record<string, string>): Promise<string> {
  const said: string[] = [];
  const stdout = (text: string) => void said.push(text);
  const io = { stdout, stderr: stdout, isTty: false, env, signal: new AbortController().signal };
  expect(await what.run(args, io)).toBe(0);
  return said.join('');
}

/** A good logout token for the person, caught on its way to the sp. */
async function logoutToken(world: OutgrownWorld, person: string): Promise<string> {
  const caught: string[] = [];
  const catcher = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    caught.push(body);
    response.end();
  });
  await new Promise<void>((resolve) => catcher.listen(0, '127.0.0.1', resolve));
  const clients = JSON.parse(
    readFileSync(join(world.dir, 'simulator', 'clients.json'), 'utf8'),
  ) as SimulatorClient[];
  const own = clients.find(({ clientId }) => clientId === SP_CLIENT_ID);
  if (own === undefined) throw new Error('not registered');
  const { port } = catcher.address() as AddressInfo;
  world.simulator.registerClient({ ...own, backchannelLogoutUri: `http://127.0.0.1:${port}/` });
  await world.simulator.logout({ clientId: SP_CLIENT_ID, person });
  world.simulator.registerClient(own);
  catcher.closeAllConnections();
  await new Promise((resolve) => catcher.close(resolve));
  return new URLSearchParams(caught[0]).get('logout_token') ?? '';
}

function logOut(world: OutgrownWorld, token: string): Promise<Response> {
  return fetch(`${world.sp.url}/backchannel-logout`, {
    method: 'POST',
    body: new URLSearchParams({ logout_token: token }),
  });
}

const engines: readonly (readonly [string, Engine, boolean])[] = [
  ['the embedded store', embedded, true],
  ['PostgreSQL', postgres, servers],
];

/** Q18: a backup put back. What was used after it was taken works no second time; citizens are told to sign again. */
describe.each(engines)('restore of %s', (name, engine, there) => {
  describe.skipIf(!there)('in the middle of everything', () => {
    let world: OutgrownWorld;
    const citizens = { sent: new Browser(), signed: new Browser(), late: new Browser() };
    const apps: Record<'opened' | 'sent' | 'signed' | 'done' | 'late', ApplicationView | undefined> = {
      ...{ opened: undefined, sent: undefined, signed: undefined, done: undefined, late: undefined },
    };
    const at = (which: keyof typeof apps) => {
      const found = apps[which];
      if (found === undefined) throw new Error(`${which} is not there`);
      return found;
    };
    const parts = ['pf', 'pf-worker', 'sp', 'sp-worker'] as const;
    let callback = '';
    let token = '';
    let keyPrefix = '';

    beforeAll(async () => {
      world = await makeOutgrownWorld(name === 'PostgreSQL' ? {} : { servers: 'none' });
      await world.start(...parts);
    });
    afterAll(() => world?.close());

    it('a backup is taken while applications are everywhere on their way; then everything goes on', async () => {
      apps.done = await submitted(world.sp, DOCUMENT, { key: 'answered-before' });
      await sign(new Browser(), at('done').sign_url ?? '');
      expect((await ended(world.sp, at('done').id)).state).toBe('decided');
      await world.stop('sp-worker');
      apps.opened = await submitted(world.sp, DOCUMENT);
      apps.sent = await submitted(world.sp, DOCUMENT);
      callback = await goToService(citizens.sent, at('sent').sign_url ?? '');
      apps.signed = await submitted(world.sp, DOCUMENT);
      await sign(citizens.signed, at('signed').sign_url ?? '');
      expect((await applicationOf(world.sp, at('signed').id)).state).toBe('authorized');

      await engine.backUp(world);

      await world.start('sp-worker');
      await citizens.sent.open(callback);
      for (const which of ['sent', 'signed'] as const)
        expect((await ended(world.sp, at(which).id)).state).toBe('decided');
      apps.late = await submitted(world.sp, DOCUMENT, { key: 'used-after' });
      await goToService(citizens.late, at('late').sign_url ?? '');
      token = await logoutToken(world, 'taro');
      expect((await logOut(world, token)).status).toBe(200);
      await world.stop(...parts);
    });

    it('put back, it is refused until it is declared restored', async () => {
      await engine.putBack(world);
      for (const part of ['sp', 'sp-worker'] as const)
        await expect(world.start(part)).rejects.toMatchObject({ code: 'store.put-back' });
      const said = await command(storeRestored, ['--role', 'sp', '--json'], world.env('sp'));
      const result = JSON.parse(said) as { ended: number; keyPrefix: string };
      expect(result.ended).toBe(3);
      keyPrefix = result.keyPrefix;
      await world.start(...parts);
    });

    it('what hung on a state, a code or a token is to be signed again; a verdict stays', async () => {
      for (const which of ['opened', 'sent', 'signed'] as const) {
        const { state, failure } = await applicationOf(world.sp, at(which).id);
        expect([which, state, failure?.code]).toEqual([which, 'restart-needed', 'transaction.restored']);
        expect(failure?.message_ja).toContain('もう一度署名');
      }
      expect((await applicationOf(world.sp, at('done').id)).state).toBe('decided');
      expect((await api(world.sp, `/v1/applications/${at('late').id}`)).status).toBe(404);
    });

    it('the callback of before starts no exchange, and the page tells the citizen', async () => {
      let page = await citizens.sent.open(callback);
      if (page.location !== undefined) page = await citizens.sent.open(page.location);
      expect(page.html).toContain('もう一度署名');
      const records = await engine.audit(world);
      const restored = records.findIndex(({ event }) => event === 'store.restored');
      expect(restored).toBeGreaterThanOrEqual(0);
      const later = records.slice(restored + 1).map(({ event }) => event);
      expect(later).not.toContain('application.code-received');
      expect(later).not.toContain('application.tokens-verified');
    });

    it('the logout token of before is refused', async () => {
      await logOut(world, token);
      const records = await engine.audit(world);
      expect(records.map(({ event }) => event)).not.toContain('session.logged-out');
    });

    it('an idempotency key works no second time: a kept answer is given again, everything else is refused', async () => {
      const kept = await submit(world.sp, DOCUMENT, { key: 'answered-before' });
      expect([kept.status, ((await kept.json()) as ApplicationView).id]).toEqual([201, at('done').id]);
      for (const key of ['used-after', 'never-seen']) {
        const refused = await submit(world.sp, DOCUMENT, { key });
        const problem = (await refused.json()) as { code: string; detail: string };
        expect([refused.status, problem.code]).toEqual([409, 'idempotency.restored']);
        expect(problem.detail).toContain(keyPrefix);
      }
    });

    it('with a new key, and by the button of the ended page, everything goes its way again', async () => {
      const again = await submitted(world.sp, DOCUMENT, { key: `${keyPrefix}${crypto.randomUUID()}` });
      await sign(new Browser(), again.sign_url ?? '');
      expect((await ended(world.sp, again.id)).state).toBe('decided');
    });

    it('the audit chain is whole over the restore', async () => {
      const records = await engine.audit(world);
      const lengths = new Map<number, number>();
      for (const { chain, seq } of [...records].sort((a, b) => a.seq - b.seq)) {
        expect(seq).toBe((lengths.get(chain) ?? 0) + 1);
        lengths.set(chain, seq);
      }
      expect(lengths.size).toBeGreaterThan(1);
    });
  });
});
