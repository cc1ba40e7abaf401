import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, connect as dial, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SILENCE_MILLIS } from '../../../src/adapters/queue/redis-client.ts';
import { NEEDED_RIGHTS } from '../../../src/adapters/queue/redis-fault.ts';
import { openRateLimit } from '../../../src/adapters/rate-limit/open-rate-limit.ts';
import { canRunRedis } from '../../faults/support/servers.ts';
import { notRun } from '../../support/not-run.ts';
import { freePorts } from '../../support/ports.ts';
import { sqliteHarness } from '../store/harness.ts';
import { type QueueHarness, queueHarness, recorder, settled, until } from './harness.ts';

const there = canRunRedis();
if (!there) notRun('Redis servers as they are', 'no redis-server to start');

const started: { readonly child: ChildProcess; readonly dir: string }[] = [];

/** A redis-server of this file alone, with these settings; gives its port. */
async function server(...settings: readonly string[]): Promise<number> {
  const [port = 0] = await freePorts(1);
  const dir = mkdtempSync(join(tmpdir(), 'jitsuin-redis-'));
  const own = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', dir, '--save', '', '--appendonly', 'no'];
  started.push({ child: spawn('redis-server', [...own, ...settings], { stdio: 'ignore' }), dir });
  await until(() => cli(port, 'PING') !== '');
  return port;
}

function cli(port: number, ...words: readonly string[]): string {
  return spawnSync('redis-cli', ['-p', `${port}`, ...words], { encoding: 'utf8' }).stdout.trim();
}

const codeIs = (message: RegExp) =>
  expect.objectContaining({ code: 'queue.unavailable', message: expect.stringMatching(message) });

describe.skipIf(!there)('Redis as it is in the field', () => {
  let harness: QueueHarness;
  beforeAll(async () => {
    harness = await queueHarness(sqliteHarness, false);
  });
  afterAll(async () => {
    await harness.end();
    for (const { child, dir } of started) {
      child.kill('SIGKILL');
      rmSync(dir, { recursive: true, force: true });
    }
  });

  /** A queue at this URL carries a job from the outbox to its handler. */
  async function carries(redisUrl: string, subject: string): Promise<void> {
    const queue = await harness.open({ redisUrl, republishMillis: 300 });
    const { handler, subjects } = recorder();
    const worker = queue.work({ verify: handler, 'fetch-result': handler }, { concurrency: 2 });
    await harness.publish({ subject }, { subject: `${subject} 2`, name: 'fetch-result' });
    await until(() => subjects().length === 2);
    await until(() => settled(queue));
    await worker.close(1_000);
    await queue.close();
  }

  const refused = (redisUrl: string, message: RegExp) =>
    expect(harness.open({ redisUrl })).rejects.toEqual(codeIs(message));

  it('another database number', async () => {
    const port = await server();
    await carries(`redis://127.0.0.1:${port}/3`, 'number three');
    expect(cli(port, '-n', '0', 'DBSIZE')).toBe('0');
    await refused(`redis://127.0.0.1:${port}/99`, /database number/);
  });

  it('a user with the rights that the documentation names, and one without each', async () => {
    const port = await server('--requirepass', 'right');
    const admin = ['-a', 'right', '--no-auth-warning'];
    const rights = NEEDED_RIGHTS.replace('PREFIX', harness.prefix).split(' ');
    const user = (name: string, ...rules: readonly string[]) =>
      cli(port, ...admin, 'ACL', 'SETUSER', name, 'reset', 'on', '>secret', ...rules);
    expect(user('queue', ...rights)).toBe('OK');
    await carries(`redis://queue:secret@127.0.0.1:${port}`, 'by a user');
    await refused(`redis://queue:wrong@127.0.0.1:${port}`, /user or the password/);
    await refused(`redis://127.0.0.1:${port}`, /password/);
    expect(user('no-eval', ...rights, '-eval', '-evalsha')).toBe('OK');
    await refused(`redis://no-eval:secret@127.0.0.1:${port}`, /lacks a right/);
    expect(user('other-keys', ...rights.map((right) => (right.startsWith('~') ? '~other:*' : right)))).toBe(
      'OK',
    );
    await refused(`redis://other-keys:secret@127.0.0.1:${port}`, /lacks a right/);
    expect(user('no-info', ...rights, '-info')).toBe('OK');
    await refused(`redis://no-info:secret@127.0.0.1:${port}`, /lacks a right/);
  });

  it('a server that evicts, a replica, a full disk, no server, no such name', async () => {
    await refused(
      `redis://127.0.0.1:${await server('--maxmemory-policy', 'allkeys-lru')}`,
      /throw jobs away/,
    );
    const master = await server();
    const replica = await server('--replicaof', `127.0.0.1 ${master}`);
    await refused(`redis://127.0.0.1:${replica}`, /read-only replica/);
    const full = await server('--maxmemory', '1mb', '--maxmemory-policy', 'noeviction');
    await refused(`redis://127.0.0.1:${full}`, /no memory left/);
    const [nobody = 0] = await freePorts(1);
    await refused(`redis://127.0.0.1:${nobody}`, /Nothing listens/);
    await refused('redis://no-such-host.invalid:6379', /host name/);
    await refused(`rediss://127.0.0.1:${master}`, /TLS/);
  });

  describe('in cluster mode, three nodes', () => {
    let ports: readonly number[];
    beforeAll(async () => {
      const node = () => server('--cluster-enabled', 'yes', '--cluster-node-timeout', '3000');
      ports = [await node(), await node(), await node()];
      const nodes = ports.map((port) => `127.0.0.1:${port}`);
      spawnSync('redis-cli', ['--cluster', 'create', ...nodes, '--cluster-yes']);
      await until(() => ports.every((port) => cli(port, 'CLUSTER', 'INFO').includes('cluster_state:ok')));
    }, 60_000);

    it('carries jobs of every name, whichever node the URL names', async () => {
      for (const [n, port] of ports.entries()) await carries(`redis://127.0.0.1:${port}`, `node ${n}`);
    });

    it('counts a tenant over all processes', async () => {
      const options = { perSecond: 2, prefix: harness.prefix, onError: () => undefined };
      const url = `redis://127.0.0.1:${ports[0]}`;
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

    it('has database 0 alone', () => refused(`redis://127.0.0.1:${ports[0]}/2`, /a cluster has 0 alone/));

    it('that is not whole is refused by name', async () => {
      const port = await server('--cluster-enabled', 'yes');
      await refused(`redis://127.0.0.1:${port}`, /not whole/);
    });
  });

  it(`a connection that is forgotten without a word is given up within ${SILENCE_MILLIS / 1000} s and jobs go on`, {
    timeout: 120_000,
  }, async () => {
    const port = await server();
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
