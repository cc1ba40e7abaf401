import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blocksOf } from '../docs/support/blocks.ts';
import { findEngine, root } from './support/engine.ts';
import { until } from './support/stack.ts';
import { Table } from './support/table.ts';

const engine = findEngine();
const IMAGE = 'jitsuin-server-test';
const NAME = 'jitsuin-server';
const GUIDE = 'samples/guides/a-server-of-ones-own.md';
const DECIDED = 'decided TOTAL-PASSED';
const MINUTES = 60_000;
/** Built trees lie there already, of this very source: npm has nothing to do. */
const BUILT = 'npm() { :; }\n';

describe.skipIf(engine === undefined)(
  'a server of one’s own: systemd, PostgreSQL, Redis and nginx of a Debian',
  { timeout: 15 * MINUTES },
  () => {
    if (engine === undefined) return;
    const table = new Table('a server of one’s own');
    const folder = mkdtempSync(join(tmpdir(), 'jitsuin-server-'));
    const guide = (mark: string) => {
      const found = blocksOf(GUIDE).filter((block) => block.mark === `containers=${mark}`);
      if (found.length === 0) throw new Error(`no block ${mark}`);
      return found.map(({ text }) => text).join('');
    };
    const shell = (script: string) =>
      engine.docker('exec', '--workdir', '/root', NAME, 'bash', '-euc', `${BUILT}${script}`);
    /** One application from this machine through nginx to its verdict. */
    const verdict = async () => {
      const key = (await shell('cat /etc/jitsuin/callers/sp-api-key.txt')).trim();
      const load = ['--import', 'tsx', 'test/containers/support/load.ts', 'https://localhost', key, '1'];
      const said = await engine.docker(
        ...[
          'exec',
          '--workdir',
          '/opt/jitsuin-0.1.0',
          '--env',
          'NODE_EXTRA_CA_CERTS=/etc/ssl/jitsuin/fullchain.pem',
        ],
        ...[NAME, 'node', ...load],
      );
      return JSON.parse(said.trim().split('\n').at(-1) ?? '') as { id: string; end: string };
    };
    const started = (unit: string) =>
      shell(`systemctl show ${unit} --property=ActiveState,ActiveEnterTimestampMonotonic`);

    beforeAll(async () => {
      const bases = resolve(root, 'test/containers/bases');
      await engine.docker('build', '--tag', IMAGE, '--file', join(bases, 'server.Dockerfile'), bases);
      await engine.docker('rm', '--force', '--volumes', NAME);
      await engine.docker(
        // what systemd needs for its units' own namespaces, and no more: where this runs, nothing may have every capability
        ...['run', '--detach', '--name', NAME, '--env', 'container=docker', '--cgroupns', 'host'],
        ...['SYS_ADMIN', 'SYS_PTRACE', 'NET_ADMIN'].flatMap((name) => ['--cap-add', name]),
        ...['seccomp', 'apparmor'].flatMap((name) => ['--security-opt', `${name}=unconfined`]),
        ...['--volume', '/sys/fs/cgroup:/sys/fs/cgroup:rw', '--tmpfs', '/run', '--tmpfs', '/tmp'],
        ...['--volume', `${root}:/opt/jitsuin-0.1.0:ro`, '--volume', `${root}:/opt/jitsuin-0.2.0:ro`],
        IMAGE,
      );
      await until('systemd runs', async () =>
        /running|degraded/.test(await shell('systemctl is-system-running || true')),
      );
    }, 10 * MINUTES);
    afterAll(async () => {
      table.print();
      if (process.env['JITSUIN_KEEP_CONTAINERS'] !== '1')
        await engine.docker('rm', '--force', '--volumes', NAME);
      rmSync(folder, { recursive: true, force: true });
    });

    table.row('the guide’s installation, for an sp and, by the same commands, for a pf', async () => {
      await shell(guide('server'));
      await shell(
        guide('server')
          .replaceAll(/(?<![a-z])sp(?![a-z])/g, 'pf')
          .replace('9091', '9093'),
      );
    });

    table.row(
      'a simulated world with accounts of its own at PostgreSQL and Redis, and nginx in front',
      async () => {
        // The simulator and a world to try things with; an operator has files from the agency and from its platform operator.
        await shell(`
        cd /opt/jitsuin
        chmod 755 /etc/jitsuin
        node dist/src/cli/main.js init --apart --dir /etc/jitsuin --sp-url https://localhost --pf-url http://localhost:8083 \\
          --database-url postgres://127.0.0.1:5432/jitsuin --redis-url redis://127.0.0.1:6379
        for role in sp pf; do
          sed -i "s#^JITSUIN_DATA_DIR=.*#JITSUIN_DATA_DIR=/var/lib/jitsuin/$role#" /etc/jitsuin/$role/$role.env
        done
        sed -i 's#^JITSUIN_PORT=.*#JITSUIN_PORT=3000#' /etc/jitsuin/sp/sp.env
        echo JITSUIN_MANAGEMENT_PORT=9090 >>/etc/jitsuin/sp/sp.env
        echo JITSUIN_MANAGEMENT_PORT=9092 >>/etc/jitsuin/pf/pf.env
        chown -R jitsuin-sp: /etc/jitsuin/sp
        chown -R jitsuin-pf: /etc/jitsuin/pf
        runuser -u postgres -- createdb jitsuin
        runuser -u postgres -- psql -v ON_ERROR_STOP=1 -d jitsuin </etc/jitsuin/postgres/roles.sql
        install -m 0644 /etc/jitsuin/redis/users.acl /etc/redis/users.acl
        printf 'appendonly yes\\nmaxmemory-policy noeviction\\naclfile /etc/redis/users.acl\\n' >>/etc/redis/redis.conf
        systemctl restart redis-server
        systemd-run --unit=simulator node /opt/jitsuin/dist/src/cli/main.js serve --role simulator --env-file /etc/jitsuin/simulator/simulator.env
        install -d /etc/ssl/jitsuin
        openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \\
          -keyout /etc/ssl/jitsuin/privkey.pem -out /etc/ssl/jitsuin/fullchain.pem
        sed 's/sp\\.example/localhost/; /listen \\[::\\]/d' samples/server/nginx/jitsuin.conf >/etc/nginx/conf.d/jitsuin.conf
        rm -f /etc/nginx/sites-enabled/default
        systemctl restart nginx`);
      },
    );

    table.row('both roles start by the guide’s commands: migrated, ready, worker too', async () => {
      await shell('systemctl enable --now jitsuin@pf jitsuin-worker@pf');
      await shell(guide('server-start'));
      for (const unit of ['jitsuin@sp', 'jitsuin-worker@sp', 'jitsuin@pf', 'jitsuin-worker@pf'])
        expect(await started(unit)).toContain('ActiveState=active');
    });

    table.row('a role sees its own folder of the configuration and nobody else’s processes', async () => {
      const pid = (await shell('systemctl show jitsuin@sp --property=MainPID --value')).trim();
      expect((await shell(`ls /proc/${pid}/root/etc/jitsuin`)).trim()).toBe('sp');
      const status = await shell(`cat /proc/${pid}/status`);
      expect(status).toMatch(/^CapBnd:\t0+$/m);
      expect(status).toMatch(/^NoNewPrivs:\t1$/m);
      expect((await shell(`stat -c %U /proc/${pid}`)).trim()).toBe('jitsuin-sp');
    });

    let first = '';
    table.row('one application through nginx to its verdict', async () => {
      const { id, end } = await verdict();
      expect(end).toBe(DECIDED);
      first = id;
    });

    it.each(['jitsuin@sp', 'jitsuin-worker@sp', 'jitsuin@pf', 'jitsuin-worker@pf'])(
      '%s comes back after kill -9',
      async (unit) => {
        await table.time(`kill -9 of ${unit}: started again by systemd, applications go on`, async () => {
          const before = await started(unit);
          await shell(`systemctl kill --signal=SIGKILL ${unit}`);
          await until(`${unit} is started again`, async () => {
            const now = await started(unit);
            return now.includes('ActiveState=active') && now !== before;
          });
          await ready();
          expect((await verdict()).end).toBe(DECIDED);
        });
      },
    );

    const ready = () =>
      until('both roles are ready', async () => {
        for (const port of [9090, 9091, 9092, 9093]) await shell(`curl -fsS http://127.0.0.1:${port}/readyz`);
        return true;
      });
    const known = async (id: string) =>
      shell(`curl -sk -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $(cat /etc/jitsuin/callers/sp-api-key.txt)" \\
        https://localhost/v1/applications/${id}`);

    table.row(
      'backup and restore by the guide’s commands: what was there is there, what came later is gone',
      async () => {
        await shell(guide('server-backup'));
        const { id: later } = await verdict();
        expect([await known(first), await known(later)]).toEqual(['200', '200']);
        await shell('rm /etc/jitsuin/sp/seal-key.json');
        await shell(guide('server-restore'));
        await ready();
        expect([await known(first), await known(later)]).toEqual(['200', '404']);
      },
    );

    table.row(
      'after the restore a new application waits for a new Idempotency-Key, and the old ends are kept',
      async () => {
        // for 24 hours keys need the prefix that the command printed: the caller here draws its own
        const said =
          await shell(`curl -sk https://localhost/v1/applications -H 'Idempotency-Key: own' -H 'Content-Type: application/xml' \\
        -H "Authorization: Bearer $(cat /etc/jitsuin/callers/sp-api-key.txt)" --data-binary @/opt/jitsuin/samples/applications/rare-kanji-notification.xml`);
        expect(JSON.parse(said)).toMatchObject({ status: 409, code: 'idempotency.restored' });
      },
    );

    table.row(
      'upgrade by the guide’s commands: the link leads to the new folder, both units are new',
      async () => {
        await shell(guide('server-upgrade'));
        await ready();
        const pid = (await shell('systemctl show jitsuin@sp --property=MainPID --value')).trim();
        expect(await shell(`tr '\\0' ' ' </proc/${pid}/cmdline`)).toContain('jitsuin-sp serve');
        expect((await shell('readlink /opt/jitsuin')).trim()).toBe('jitsuin-0.2.0');
        expect(await known(first)).toBe('200');
      },
    );

    table.row('both units end within their time', async () => {
      await shell('timeout 40 systemctl stop jitsuin@sp jitsuin-worker@sp');
      for (const unit of ['jitsuin@sp', 'jitsuin-worker@sp'])
        expect(await shell(`systemctl show ${unit} --property=Result`)).toContain('Result=success');
    });
  },
);
