import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
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
  await start();
  return {
    ...{ url, start, kill },
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
