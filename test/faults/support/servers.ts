import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePorts } from '../../support/ports.ts';

/** True when a Redis of our own can be started, to be killed at will. */
export function canRunRedis(): boolean {
  return spawnSync('redis-server', ['--version']).status === 0;
}

/** A redis-server of this test alone, without persistence: what it knew is gone when it dies. */
export interface OwnRedis {
  readonly url: string;
  start(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  flush(): Promise<void>;
  /** It is there and says nothing. */
  freeze(): void;
  thaw(): void;
  /** `CONFIG SET` while it runs. */
  configure(name: string, value: string): Promise<void>;
  command(name: string, ...values: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export async function makeOwnRedis(): Promise<OwnRedis> {
  const [port = 0] = await freePorts(1);
  const dir = mkdtempSync(join(tmpdir(), 'jitsuin-redis-'));
  const url = `redis://127.0.0.1:${port}`;
  let server: ChildProcess | undefined;
  const kill = async () => {
    const running = server;
    if (running === undefined) return;
    server = undefined;
    const gone = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGKILL');
    await gone;
  };
  const start = async () => {
    if (server !== undefined) return;
    const args = [
      '--port',
      `${port}`,
      '--bind',
      '127.0.0.1',
      '--dir',
      dir,
      '--save',
      '',
      '--appendonly',
      'no',
    ];
    server = spawn('redis-server', args, { stdio: 'ignore' });
    for (let tries = 0; tries < 200; tries += 1) {
      if (await listens(port)) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error('redis-server did not start');
  };
  const command = async (name: string, ...values: readonly string[]) => {
    const client = new Redis(url);
    await client.call(name, ...values);
    client.disconnect();
  };
  await start();
  return {
    ...{ url, start, kill },
    freeze: () => void server?.kill('SIGSTOP'),
    thaw: () => void server?.kill('SIGCONT'),
    configure: (name, value) => command('CONFIG', 'SET', name, value),
    command,
    flush: async () => {
      const client = new Redis(url);
      await client.flushall();
      client.disconnect();
    },
    close: async () => {
      await kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A PostgreSQL of this test alone, to be restarted at will. */
export interface OwnPostgres {
  readonly url: string;
  /** Process id of the server, whose children serve connections. */
  pid(): number;
  /** `immediate`: as a crash; `fast`: as an upgrade of the server does it. */
  restart(mode: 'immediate' | 'fast'): Promise<void>;
  close(): Promise<void>;
}

/** Where initdb and pg_ctl are; undefined where no PostgreSQL of our own can be run. */
export function ownPostgresPrograms(): string | undefined {
  const folders = existsSync(DEBIAN)
    ? readdirSync(DEBIAN).map((version) => join(DEBIAN, version, 'bin'))
    : (process.env['PATH'] ?? '').split(':');
  const found = folders.find((folder) => existsSync(join(folder, 'pg_ctl')));
  const user = process.getuid?.() !== 0 || spawnSync('id', ['postgres']).status === 0;
  return user ? found : undefined;
}

const DEBIAN = '/usr/lib/postgresql';

/** `durable`: commits wait for the disk, as they do where data are kept. */
export async function makeOwnPostgres(
  programs: string,
  { durable = false }: { readonly durable?: boolean } = {},
): Promise<OwnPostgres> {
  const [port = 0] = await freePorts(1);
  const dir = mkdtempSync(join(tmpdir(), 'jitsuin-postgres-'));
  const data = join(dir, 'data');
  const asRoot = process.getuid?.() === 0;
  const run = (program: string, ...args: readonly string[]) => {
    const path = join(programs, program);
    const [command, all] = asRoot ? ['runuser', ['-u', 'postgres', '--', path, ...args]] : [path, [...args]];
    return ranWell(command, all, dir);
  };
  if (asRoot) spawnSync('chown', ['postgres', dir]);
  await run('initdb', '--pgdata', data, '--username', 'postgres', '--auth', 'trust', '--no-sync');
  // what dies in a test is a process, never the machine: nothing needs to reach the disk
  const sync = durable ? '' : ' -c fsync=off';
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${dir}${sync}`;
  const start = ['--pgdata', data, '--wait', '--log', join(dir, 'log'), '--options', options];
  await run('pg_ctl', 'start', ...start);
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    pid: () => Number.parseInt(readFileSync(join(data, 'postmaster.pid'), 'utf8'), 10),
    restart: (mode) => run('pg_ctl', 'restart', '--mode', mode, ...start),
    close: async () => {
      await run('pg_ctl', 'stop', '--pgdata', data, '--mode', 'immediate');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Beside this process: what the test looks at lives in it, and must see the server go and come back. */
async function ranWell(command: string, args: readonly string[], cwd: string): Promise<void> {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += String(chunk);
  });
  const status = await new Promise((resolve, reject) => child.once('error', reject).once('exit', resolve));
  if (status !== 0) throw new Error(`${args.join(' ')}: ${said}`);
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

/** A way to a server that can be cut: as a restart, a failover or a broken network looks from here. */
export interface CuttableWay {
  readonly port: number;
  /** Ends all connections at once. */
  cut(): void;
  /** From now on nothing gets through. */
  block(): void;
  open(): void;
  close(): Promise<void>;
}

export async function cuttableWay(host: string, targetPort: number): Promise<CuttableWay> {
  const sockets = new Set<Socket>();
  let blocked = false;
  const server = createServer((incoming) => {
    if (blocked) return void incoming.destroy();
    const onward = connect(targetPort, host);
    for (const socket of [incoming, onward]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        incoming.destroy();
        onward.destroy();
      });
    }
    incoming.pipe(onward);
    onward.pipe(incoming);
  });
  const [port = 0] = await freePorts(1);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    ...{ port, cut },
    block: () => {
      blocked = true;
      cut();
    },
    open: () => {
      blocked = false;
    },
    close: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
