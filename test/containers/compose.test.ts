import { afterAll, describe, expect } from 'vitest';
import { blocksOf } from '../docs/support/blocks.ts';
import { findEngine, PROJECT } from './support/engine.ts';
import { PORTS, RUNNING, Stack, until } from './support/stack.ts';
import { Table } from './support/table.ts';

const engine = findEngine();
const MINUTES = 60_000;
const TOTAL = 'decided TOTAL-PASSED';

describe.skipIf(engine === undefined)(
  'docker-compose.yml as it is shipped',
  { timeout: 15 * MINUTES },
  () => {
    if (engine === undefined) return;
    const stack = new Stack(engine);
    const table = new Table('docker compose');
    const keys = { sp: '', gov: '' };
    let first = '';
    const guide = (mark: string) =>
      blocksOf('samples/guides/a-server-of-ones-own.md')
        .filter((block) => block.mark === `containers=${mark}`)
        .map(({ text }) => text)
        .join('');
    const verdicts = async () => {
      for (const role of ['sp', 'gov'] as const)
        expect(await stack.verdict(role, keys[role]), role).toBe(TOTAL);
    };

    afterAll(async () => {
      table.print();
      if (process.env['JITSUIN_KEEP_CONTAINERS'] !== '1')
        await stack.compose('down', '-v', '--remove-orphans');
    });

    table.row('images are built, from nothing or from the cache', async () => {
      await stack.compose('down', '-v', '--remove-orphans');
      await stack.compose('build');
    });

    table.row('up on an empty machine: every service can do its work', async () => {
      await stack.up();
      await stack.healthy();
      expect(RUNNING).toEqual(
        expect.arrayContaining(['sp', 'sp-worker', 'pf', 'pf-worker', 'gov', 'gov-worker']),
      );
      keys.sp = await stack.apiKey('sp');
      keys.gov = await stack.apiKey('gov');
    });

    table.row('one application from the host to its verdict: sp', async () => {
      const { id, state, verdict } = await stack.application('sp', keys.sp);
      first = id;
      expect([state, verdict?.indication]).toEqual(['decided', 'TOTAL-PASSED']);
    });

    table.row('one application from the host to its verdict: gov', async () => {
      expect(await stack.verdict('gov', keys.gov)).toBe(TOTAL);
    });

    table.row('people, clock and faults answer the host', async () => {
      for (const path of ['people', 'faults']) {
        const { status } = await fetch(`http://localhost:8090/simulator/${path}`);
        expect([path, status]).toEqual([path, 200]);
      }
    });

    table.row('up again: nothing is made twice, everything goes on', async () => {
      await stack.up();
      await stack.healthy();
      await verdicts();
    });

    table.row('no role reaches another at PostgreSQL, and nobody comes in as superuser', async () => {
      // A client inside the network: the sp's own program, with what Node's pg answers.
      const ask = async (url: string, sql: string) => {
        const script = `import('/app/node_modules/pg/lib/index.js').then(async ({default: pg}) => {
        const own = /^DATABASE_URL=(.*)$/m.exec(require('fs').readFileSync('/world/sp/sp.env', 'utf8'))[1];
        const client = new pg.Client(${JSON.stringify(url)} || own);
        await client.connect();
        await client.query(${JSON.stringify(sql)});
        console.log('done');
      }).catch((error) => console.log(error.code)).finally(() => process.exit(0))`;
        return (await stack.compose('exec', '-T', 'sp', 'node', '-e', script)).trim();
      };
      expect(await ask('', 'select count(*) from jitsuin_sp.applications')).toBe('done');
      expect(await ask('', 'select count(*) from jitsuin_pf.verifications')).toBe('42501');
      expect(await ask('', 'create schema mine')).toBe('42501');
      expect(await ask('', 'create table public.mine (a int)')).toMatch(/^(42501|3F000)$/);
      const database = 'postgres:5432/jitsuin';
      expect(await ask(`postgres://postgres@${database}`, 'select 1')).not.toBe('done');
      const shipped = 'taken-away-when-the-database-is-made';
      expect(await ask(`postgres://postgres:${shipped}@${database}`, 'select 1')).toBe('28P01');
    });

    table.row('no role reaches another at Redis, and who names nobody may only PING', async () => {
      const ask = async (own: boolean, command: readonly string[]) => {
        const script = `const { Redis } = require('/app/node_modules/ioredis');
        const url = /^REDIS_URL=(.*)$/m.exec(require('fs').readFileSync('/world/sp/sp.env', 'utf8'))[1];
        const client = new Redis(${own} ? url : 'redis://redis:6379', { enableReadyCheck: false });
        client.call(...${JSON.stringify(command)}).then(() => console.log('done'), (error) => console.log(error.message.split(' ')[0])).finally(() => process.exit(0))`;
        return (await stack.compose('exec', '-T', 'sp', 'node', '-e', script)).trim();
      };
      expect(await ask(true, ['SET', 'jitsuin:sp:x', '1'])).toBe('done');
      expect(await ask(true, ['GET', 'jitsuin:pf:x'])).toBe('NOPERM');
      expect(await ask(true, ['FLUSHALL'])).toBe('NOPERM');
      expect(await ask(true, ['CONFIG', 'GET', 'dir'])).toBe('NOPERM');
      expect(await ask(false, ['PING'])).toBe('done');
      expect(await ask(false, ['GET', 'jitsuin:sp:x'])).toBe('NOPERM');
    });

    for (const service of RUNNING) {
      table.row(`kill -9 of ${service}: healthy again by itself, applications go on`, async () => {
        await stack.kill(service);
        await stack.healthy();
        await verdicts();
      });
    }

    for (const server of ['postgres', 'redis']) {
      table.row(`${server} restarted`, async () => {
        await stack.compose('restart', server);
        await stack.healthy();
        await verdicts();
      });
    }

    table.row('the database comes 60 s after everything else', async () => {
      await stack.compose('stop');
      const others = RUNNING.filter((name) => name !== 'postgres');
      for (const name of others) await stack.docker('start', await stack.container(name));
      await new Promise((late) => setTimeout(late, 60_000));
      await stack.compose('start', 'postgres');
      await stack.healthy();
      await verdicts();
    });

    table.row(
      'a name resolves late: the simulator joins the network 20 s after an application was submitted',
      async () => {
        const network = `${PROJECT}_default`;
        const simulator = await stack.container('simulator');
        await stack.docker('network', 'disconnect', network, simulator);
        await stack.compose('restart', 'sp', 'sp-worker');
        await stack.healthy(['sp', 'sp-worker']);
        await new Promise((late) => setTimeout(late, 20_000));
        await stack.docker('network', 'connect', '--alias', 'simulator', network, simulator);
        await stack.compose('restart', 'simulator');
        await stack.healthy();
        await verdicts();
      },
    );

    table.row('down and up with data kept', async () => {
      await stack.compose('down');
      await stack.up();
      await stack.healthy();
      const kept = await fetch(`http://localhost:${PORTS.sp}/v1/applications/${first}`, {
        headers: { Authorization: `Bearer ${keys.sp}` },
      });
      expect([kept.status, await kept.json()]).toMatchObject([200, { id: first, state: 'decided' }]);
      await verdicts();
    });

    table.row(
      'backup and restore by the guide’s commands: what came later is gone, the rest is there',
      async () => {
        const known = async (id: string) => {
          const headers = { Authorization: `Bearer ${keys.sp}` };
          return (await fetch(`http://localhost:${PORTS.sp}/v1/applications/${id}`, { headers })).status;
        };
        await stack.script(guide('compose-backup'));
        const { id: later } = await stack.application('sp', keys.sp);
        expect([await known(first), await known(later)]).toEqual([200, 200]);
        await stack.script(guide('compose-restore'));
        await stack.healthy();
        expect([await known(first), await known(later)]).toEqual([200, 404]);
      },
    );

    table.row('images rebuilt by the guide’s commands: containers are made anew, data is kept', async () => {
      const before = await stack.inspect('sp', '{{.Image}}');
      await stack.script(
        guide('compose-upgrade').replace(/build$/m, `build --build-arg REVISION=${Date.now()}`),
      );
      await until(
        'the sp runs the new image',
        async () => (await stack.inspect('sp', '{{.Image}}')) !== before,
      );
      await stack.healthy();
      expect(await stack.verdict('gov', keys.gov)).toBe(TOTAL);
    });

    table.row('a world that differs is refused and named', async () => {
      const other = ['--apart', '--if-missing', '--dir=/world', '--sp-url=http://localhost:9999'];
      await expect(stack.compose('run', '--rm', '-T', 'init', 'init', ...other)).rejects.toThrow('--sp-url');
    });
  },
);
