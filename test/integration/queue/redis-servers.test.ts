import { readFileSync } from 'node:fs';
import { createServer, connect as dial, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/adapters/clock.ts';
import { SILENCE_MILLIS } from '../../../src/adapters/queue/redis-client.ts';
import { COMMANDS, NEEDED_RIGHTS } from '../../../src/adapters/queue/redis-rights.ts';
import { openRateLimit } from '../../../src/adapters/rate-limit/open-rate-limit.ts';
import { examineStorage } from '../../../src/cli/doctor/storage.ts';
import { JitsuinError } from '../../../src/core/errors.ts';
import { canRunRedis } from '../../faults/support/servers.ts';
import { type FieldRedis, fieldRedis } from '../../support/field-redis.ts';
import { notRun } from '../../support/not-run.ts';
import { freePorts } from '../../support/ports.ts';
import { sqliteHarness } from '../store/harness.ts';
import { type QueueHarness, queueHarness, recorder, settled, until } from './harness.ts';

const there = canRunRedis();
if (!there) notRun('Redis servers as they are', 'no redis-server to start');

const servers = fieldRedis();
/** What a connection itself sends. */
const CONNECTION_COMMANDS = [
  'hello',
  'info',
  'ping',
  'client|setname',

  'command',
  'select',
];

const codeIs = (message: RegExp) =>
  expect.objectContaining({ code: 'queue.unavailable', message: expect.stringMatching(message) });

describe.skipIf(!there)('Redis as it is in the field', () => {
  let harness: QueueHarness;
  beforeAll(async () => {
    harness = await queueHarness(sqliteHarness, false);
  });
  afterAll(async () => {
    await harness.end();
    servers.close();
  });

  /** A queue at this URL carries a job from the outbox to its handler. */
  async function carries(redisUrl: string, subject: string, fails = 0): Promise<void> {
    const queue = await harness.open({ redisUrl, republishMillis: 300 });
    const { handler, subjects } = recorder(async (_job, run) => {
      if (run <= fails) throw new JitsuinError('queue.unavailable', 'once more');
      return { kind: 'done' };
    });
    const worker = queue.work({ verify: handler, 'fetch-result': handler }, { concurrency: 2 });
    await harness.publish({ subject }, { subject: `${subject} 2`, name: 'fetch-result' });
    await until(() => subjects().length === 2 + fails);
    await until(() => settled(queue));
    await worker.close(1_000);
    await queue.close();
  }

  const refused = (redisUrl: string, message: RegExp) =>
    expect(harness.open({ redisUrl })).rejects.toEqual(codeIs(message));
  const at = ({ port }: FieldRedis) => `redis://127.0.0.1:${port}`;

  it('another database number', async () => {
    const redis = await servers.server();
    await carries(`${at(redis)}/3`, 'number three');
    expect(redis.cli('-n', '0', 'DBSIZE')).toBe('0');
    await refused(`${at(redis)}/99`, /database number/);
  });

  describe('a user of its own', () => {
    let redis: FieldRedis;
    let rights: readonly string[];
    const secret = 'right#?';
    beforeAll(async () => {
      redis = await servers.server('--requirepass', secret);
      rights = NEEDED_RIGHTS.replaceAll('PREFIX', harness.prefix).split(' ');
    });
    const user = (name: string, ...rules: readonly string[]) =>
      redis.cli(
        '-a',
        secret,
        '--no-auth-warning',
        'ACL',
        'SETUSER',
        name,
        'reset',
        'on',
        `>${secret}`,
        ...rules,
      );
    const as = (name: string, password = secret) =>
      `redis://${name}:${encodeURIComponent(password)}@127.0.0.1:${redis.port}`;

    it('with the rights that the documentation names works, and counts tenants', async () => {
      expect(user('queue', ...rights)).toBe('OK');
      await carries(as('queue'), 'by a user');
      await refused(as('queue', 'wrong'), /user or the password/);
      await refused(at(redis), /password/);
      const said: string[] = [];
      const limit = await openRateLimit({
        ...{ perSecond: 1, prefix: harness.prefix, redisUrl: as('queue') },
        onError: () => void said.push('error'),
      });
      await until(async () => {
        await limit.take('tenant');
        return redis.cli('-a', secret, '--no-auth-warning', 'KEYS', `${harness.prefix}:rate:*`) !== '';
      });
      await limit.close();
      expect(said).toEqual([]);
      const guide = readFileSync('samples/guides/postgresql-and-redis.md', 'utf8');
      expect(guide).toContain(`ACL SETUSER jitsuin on >PASSWORD ${NEEDED_RIGHTS}`);
    });

    it('with the commands alone that the trial sends works too: none is missing there', async () => {
      const all = [...COMMANDS.map(([name]) => name), ...CONNECTION_COMMANDS];
      expect(
        user('narrow', ...rights.filter((right) => right.startsWith('~')), ...all.map((name) => `+${name}`)),
      ).toBe('OK');
      await carries(as('narrow'), 'by a narrow user', 1);
    });

    it.each(COMMANDS.map(([name]) => name))('without %s is refused by its name', async (name) => {
      expect(user('lacking', ...rights, `-${name}`)).toBe('OK');
      await refused(as('lacking'), new RegExp(`lacks the right to: ${name}\\. .*ACL SETUSER`));
    });

    it('without INFO, with other keys, with some rights only: each is named', async () => {
      user('no-info', ...rights, '-info');
      await refused(as('no-info'), /lacks the right to: info\./);
      user('other-keys', ...rights.filter((right) => !right.startsWith('~')), '~other:*');
      await refused(as('other-keys'), new RegExp(`right to: keys that begin with "${harness.prefix}:"`));
      user('read-only', ...rights, '-@write', '-@scripting');
      await refused(as('read-only'), /lacks the right to: del, .*zpopmin, .*eval/);
    });

    it('doctor says the same', async () => {
      user('no-scripts', ...rights, '-@scripting');
      const place = sqliteHarness();
      const store = await place.open({ clock: systemClock });
      await store.close();
      const findings = await examineStorage(store.role, {
        ...{ dataDir: place.folder, sealKeyFile: place.keyFile },
        ...{ redisUrl: as('no-scripts'), queuePrefix: harness.prefix },
      });
      expect(findings.find(({ check }) => check === 'queue')).toMatchObject({
        ...{ state: 'failed', code: 'queue.unavailable' },
        says: expect.stringMatching(/lacks the right to: evalsha, eval\./),
      });
      expect(JSON.stringify(findings)).not.toContain(secret);
      await place.end();
    });
  });

  it('TLS with a CA of its own, and with a client certificate where the server wants one', async () => {
    const redis = await servers.tlsServer('--tls-auth-clients', 'no');
    const url = `rediss://localhost:${redis.port}`;
    await refused(url, /not trusted.*ssl_ca_certs/);
    await carries(`${url}?ssl_ca_certs=${redis.folder}/ca.pem`, 'over TLS');
    await refused(
      `${url.replace('localhost', '127.0.0.1')}?ssl_ca_certs=${redis.folder}/ca.pem`,
      /another host/,
    );
    await refused(url.replace('rediss', 'redis'), /wants TLS/);
    await expect(harness.open({ redisUrl: `${url}?ssl_ca_certs=/no/such` })).rejects.toMatchObject({
      ...{ code: 'config.invalid', at: 'REDIS_URL' },
    });
    const strict = await servers.tlsServer();
    const files = `ssl_ca_certs=${strict.folder}/ca.pem&ssl_certfile=${strict.folder}/server.pem`;
    await carries(
      `rediss://localhost:${strict.port}?${files}&ssl_keyfile=${strict.folder}/server.key`,
      'by certificate',
    );
    await refused(
      `rediss://localhost:${strict.port}?ssl_ca_certs=${strict.folder}/ca.pem`,
      /certificate|closes the conn/,
    );
  });

  it('a server that evicts, a replica, a full disk, no server, no such name', async () => {
    await refused(at(await servers.server('--maxmemory-policy', 'allkeys-lru')), /throw jobs away/);
    const master = await servers.server();
    const replica = await servers.server('--replicaof', `127.0.0.1 ${master.port}`);
    await refused(at(replica), /read-only replica/);
    const full = await servers.server('--maxmemory', '1mb', '--maxmemory-policy', 'noeviction');
    await refused(at(full), /no memory left/);
    const [nobody = 0] = await freePorts(1);
    await refused(`redis://127.0.0.1:${nobody}`, /Nothing listens/);
    await refused('redis://no-such-host.invalid:6379', /host name/);
    await refused(`rediss://127.0.0.1:${master.port}`, /TLS/);
    await refused(`redis://127.0.0.1:${master.port},127.0.0.1:${master.port}`, /several hosts are nodes/);
  });

  describe('in cluster mode, three nodes', () => {
    let nodes: readonly FieldRedis[];
    beforeAll(async () => {
      const node = () => servers.server('--cluster-enabled', 'yes', '--cluster-node-timeout', '3000');
      nodes = [await node(), await node(), await node()];
      await servers.cluster(nodes);
    }, 60_000);

    it('carries jobs of every name, whichever node the URL names', async () => {
      for (const [n, node] of nodes.entries()) await carries(at(node), `node ${n}`);
    });

    it('and where the first of several is gone', async () => {
      const [nobody = 0] = await freePorts(1);
      const rest = nodes.map(({ port }) => `127.0.0.1:${port}`);
      await carries(`redis://127.0.0.1:${nobody},${rest.join(',')}`, 'the second');
    });

    it('a user of its own needs no more than the same line', async () => {
      const rights = NEEDED_RIGHTS.replaceAll('PREFIX', harness.prefix).split(' ');
      for (const node of nodes) {
        expect(node.cli('ACL', 'SETUSER', 'queue', 'on', '>secret', ...rights)).toBe('OK');
      }
      await carries(`redis://queue:secret@127.0.0.1:${nodes[0]?.port}`, 'a user in a cluster');
    });

    it('counts a tenant over all processes', async () => {
      const options = { perSecond: 2, prefix: harness.prefix, onError: () => undefined };
      const url = `redis://127.0.0.1:${nodes[0]?.port}`;
      const [one, two] = [
        await openRateLimit({ ...options, redisUrl: url }),
        await openRateLimit({ ...options, redisUrl: url }),
      ];
      let tenant = 0;
      // each for itself they would let all four pass
      await until(async () => {
        tenant += 1;
        const waits: (number | undefined)[] = [];
        for (const limit of [one, two, one, two]) waits.push(await limit.take(`tenant ${tenant}`));
        return waits.filter((wait) => wait !== undefined).length === 2;
      });
      await Promise.all([one.close(), two.close()]);
    });

    it('has database 0 alone', () =>
      refused(`redis://127.0.0.1:${nodes[0]?.port}/2`, /a cluster has 0 alone/));

    it('that is not whole is refused by name', async () => {
      await refused(at(await servers.server('--cluster-enabled', 'yes')), /not whole/);
    });
  });

  describe('behind Sentinel', () => {
    let master: FieldRedis;
    let replica: FieldRedis;
    let sentinels: readonly FieldRedis[];
    const password = 'w@rd:/';
    const account = `:${encodeURIComponent(password)}@`;
    beforeAll(async () => {
      const secrets = ['--requirepass', password, '--masterauth', password];
      master = await servers.server(...secrets);
      replica = await servers.server(...secrets, '--replicaof', `127.0.0.1 ${master.port}`);
      const lines = [`sentinel auth-pass the-queue ${password}`, 'requirepass watch'];
      sentinels = await servers.sentinels(master, 3, ...lines, 'sentinel sentinel-pass watch');
      const knows = (one: FieldRedis) =>
        one.cli('-a', 'watch', '--no-auth-warning', 'SENTINEL', 'MASTER', 'the-queue');
      await until(() => sentinels.every((one) => /num-slaves\n1\nnum-other-sentinels\n2/.test(knows(one))));
    }, 60_000);
    const hosts = () => sentinels.map(({ port }) => `127.0.0.1:${port}`);
    const url = (list: readonly string[], name = 'the-queue', query = 'sentinel_password=watch') =>
      `redis+sentinel://${account}${list.join(',')}/${name}?${query}`;

    it('the master is found by its name, by any sentinel, at another database number', async () => {
      await carries(url(hosts()), 'by its name');
      const [nobody = 0] = await freePorts(1);
      await carries(url([`127.0.0.1:${nobody}`, ...hosts()], 'the-queue/2'), 'number two');
    });

    it('what is wrong there is named', async () => {
      const [nobody = 0] = await freePorts(1);
      await refused(url(hosts(), 'another'), /know no master of the name/);
      await refused(url([`127.0.0.1:${nobody}`]), /Nothing listens/);
      await refused(url(['no-such-host.invalid']), /host name/);
      await refused(url([`127.0.0.1:${(await servers.server()).port}`], 'the-queue', ''), /is no sentinel/);
      await refused(url(hosts(), 'the-queue', 'sentinel_password=wrong'), /refuses the user or the password/);
      await refused(url(hosts(), 'the-queue', ''), /wants a password/);
      await refused(url(hosts()).replace(account, ':wrong@'), /refuses the user or the password/);
      await refused(`redis://:watch@${hosts()[0]}`, /is a sentinel/);
    });

    it('a failover: what waits and what comes goes on at the promoted one', { timeout: 90_000 }, async () => {
      const queue = await harness.open({ redisUrl: url(hosts()), republishMillis: 300 });
      const { handler, subjects } = recorder();
      queue.work({ verify: handler }, { concurrency: 2 });
      await harness.publish({ subject: 'before the failover' });
      await until(() => subjects().includes('before the failover'));
      master.child.kill('SIGKILL');
      await harness.publish({ subject: 'meanwhile' });
      await until(() => subjects().includes('meanwhile'), 60_000);
      await until(() => settled(queue));
      await queue.ready();
      expect(replica.cli('-a', password, '--no-auth-warning', 'ROLE')).toMatch(/^master/);
      await queue.close();
    });
  });

  it(`a connection that is forgotten without a word is given up within ${SILENCE_MILLIS / 1000} s and jobs go on`, {
    timeout: 120_000,
  }, async () => {
    const { port } = await servers.server();
    const hole = await forgetful(port);
    const queue = await harness.open({ redisUrl: `redis://127.0.0.1:${hole.port}`, republishMillis: 300 });
    const { handler, subjects } = recorder();
    queue.work({ verify: handler }, { concurrency: 2 });
    await harness.publish({ subject: 'before' });
    await until(() => subjects().includes('before'));
    hole.forget();
    await harness.publish({ subject: 'after' });
    await until(() => subjects().includes('after'), 60_000);
    await queue.close();
    await hole.close();
  });
});

/** A way to a server whose connections can all be forgotten: nothing passes any more, and neither end is told. */
async function forgetful(target: number) {
  const all = new Set<Socket>();
  let pairs: (readonly [Socket, Socket])[] = [];
  const gate = createServer((socket) => {
    const far = dial(target, '127.0.0.1');
    pairs.push([socket, far]);
    for (const one of [socket, far]) {
      all.add(one);
      one.on('error', () => undefined);
    }
    socket.on('data', (chunk) => far.write(chunk));
    far.on('data', (chunk) => socket.write(chunk));
    socket.on('close', () => far.destroy());
  });
  await new Promise<void>((resolve) => gate.listen(0, '127.0.0.1', resolve));
  const address = gate.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    forget: () => {
      for (const [near, far] of pairs) {
        near.removeAllListeners('data').resume();
        far.removeAllListeners('data').resume();
      }
      pairs = [];
    },
    close: async () => {
      for (const socket of all) socket.destroy();
      await new Promise((resolve) => gate.close(resolve));
    },
  };
}
