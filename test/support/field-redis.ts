import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../integration/queue/harness.ts';
import { makeCertificates } from './certificates.ts';
import { freePorts } from './ports.ts';

/** A redis-server of a test's own. */
export interface FieldRedis {
  readonly port: number;
  readonly child: ChildProcess;
  /** What redis-cli prints, and what it complains of. */
  cli(...words: readonly string[]): string;
}

/** Redis servers as they are in the field, each of one test file alone; `close` ends them all. */
export interface FieldServers {
  server(...settings: readonly string[]): Promise<FieldRedis>;
  /** Speaks TLS alone, with `folder/ca.pem` as its CA. */
  tlsServer(...settings: readonly string[]): Promise<FieldRedis & { readonly folder: string }>;
  /** Masters alone, all slots theirs. */
  cluster(nodes: readonly FieldRedis[], ...words: readonly string[]): Promise<void>;
  /** Sentinels that watch the master under the name `the-queue`, so many must agree. */
  sentinels(master: FieldRedis, count: number, ...lines: readonly string[]): Promise<readonly FieldRedis[]>;
  close(): void;
}

export function fieldRedis(): FieldServers {
  const started: ChildProcess[] = [];
  const folders: string[] = [];
  const folder = () => {
    const made = mkdtempSync(join(tmpdir(), 'jitsuin-redis-'));
    folders.push(made);
    return made;
  };
  const start = async (
    port: number,
    args: readonly string[],
    way: readonly string[],
  ): Promise<FieldRedis> => {
    const child = spawn('redis-server', args, { stdio: 'ignore' });
    started.push(child);
    const cli = (...words: readonly string[]) => {
      const ran = spawnSync('redis-cli', ['-p', `${port}`, ...way, ...words], { encoding: 'utf8' });
      return `${ran.stdout}${ran.stderr}`.trim();
    };
    await until(() => !/Could not connect|^$/.test(cli('PING')));
    return { port, child, cli };
  };
  const own = (dir: string) => ['--bind', '127.0.0.1', '--dir', dir, '--save', '', '--appendonly', 'no'];
  return {
    server: async (...settings) => {
      const [port = 0] = await freePorts(1);
      return start(port, ['--port', `${port}`, ...own(folder()), ...settings], []);
    },
    tlsServer: async (...settings) => {
      const [port = 0] = await freePorts(1);
      const dir = folder();
      makeCertificates(dir);
      const file = (name: string) => join(dir, name);
      const files = ['cert-file', 'server.pem', 'key-file', 'server.key', 'ca-cert-file', 'ca.pem'];
      const tls = files.map((word, n) => (n % 2 === 0 ? `--tls-${word}` : file(word)));
      const args = ['--port', '0', '--tls-port', `${port}`, ...own(dir), ...tls, ...settings];
      const way = [
        '--tls',
        '--cacert',
        file('ca.pem'),
        '--cert',
        file('server.pem'),
        '--key',
        file('server.key'),
      ];
      return { ...(await start(port, args, ['-h', 'localhost', ...way])), folder: dir };
    },
    cluster: async (nodes, ...words) => {
      const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
      const ran = spawnSync('redis-cli', [...words, '--cluster', 'create', ...addresses, '--cluster-yes']);
      if (ran.status !== 0) throw new Error(`${ran.stdout}`);
      await until(() => nodes.every((node) => node.cli(...words, 'CLUSTER', 'INFO').includes('state:ok')));
    },
    sentinels: (master, count, ...lines) =>
      Promise.all(
        Array.from({ length: count }, async () => {
          const [port = 0] = await freePorts(1);
          const file = join(folder(), 'sentinel.conf');
          const watch = [
            `sentinel monitor the-queue 127.0.0.1 ${master.port} ${Math.ceil((count + 1) / 2)}`,
            'sentinel down-after-milliseconds the-queue 1000',
            'sentinel failover-timeout the-queue 5000',
          ];
          writeFileSync(file, [`port ${port}`, 'bind 127.0.0.1', ...watch, ...lines, ''].join('\n'));
          return start(port, [file, '--sentinel'], []);
        }),
      ),
    close: () => {
      for (const child of started) child.kill('SIGKILL');
      for (const dir of folders) rmSync(dir, { recursive: true, force: true });
    },
  };
}
