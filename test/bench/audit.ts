import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { createSealKey } from '../../src/adapters/keys/sealer-file.ts';
import type { BenchOptions } from './bench.ts';
import { compiledProgram } from './support/compiled.ts';

/** On the way back alone: a round trip costs this more. */
const WAY_MILLIS = 1;

interface Figure {
  readonly processes: number;
  readonly changesPerSecond: number;
}

/**
 * `npm run bench -- audit`: changes with one row and one audit record each that 1, 2, 4 and 8 processes commit a second, with 1 ms
 * to PostgreSQL (`JITSUIN_TEST_DATABASE_URL`), and whether the log is whole afterwards.
 */
export async function bench({ quick }: BenchOptions): Promise<unknown> {
  const url = process.env['JITSUIN_TEST_DATABASE_URL'];
  if (url === undefined) throw new Error('JITSUIN_TEST_DATABASE_URL must name a PostgreSQL.');
  const seconds = quick ? 3 : 8;
  const far = await farAway(new URL(url));
  const figures: Figure[] = [];
  try {
    for (const processes of [1, 2, 4, 8]) figures.push(await measured(url, far.url, processes, seconds));
  } finally {
    await far.close();
  }
  for (const { processes, changesPerSecond } of figures)
    console.log(`${String(processes).padStart(2)} processes: ${changesPerSecond} audited changes a second`);
  return { wayMillis: WAY_MILLIS, seconds, figures };
}

async function measured(near: string, far: string, processes: number, seconds: number): Promise<Figure> {
  const folder = mkdtempSync(join(tmpdir(), 'jitsuin-bench-audit-'));
  const schema = `bench_${randomBytes(4).toString('hex')}`;
  const keyFile = join(folder, 'seal-key.json');
  createSealKey(keyFile);
  const env = { ...process.env, CHILD_DATABASE_URL: far, CHILD_SCHEMA: schema, CHILD_KEY_FILE: keyFile };
  try {
    await linesOf({ ...env, CHILD_DATABASE_URL: near, CHILD_ACT: 'make' });
    const children = Array.from({ length: processes }, () =>
      childOf({ ...env, CHILD_ACT: 'write', CHILD_SECONDS: String(seconds) }),
    );
    await Promise.all(children.map((child) => child.said(1)));
    for (const child of children) child.go();
    const counts = await Promise.all(children.map(async (child) => Number((await child.ended())[1])));
    const total = counts.reduce((sum, count) => sum + count, 0);
    const [records, brokenAt, chains] = await linesOf({
      ...env,
      CHILD_DATABASE_URL: near,
      CHILD_ACT: 'verify',
    });
    if (brokenAt !== 'undefined' || Number(chains) !== processes || Number(records) < total)
      throw new Error(`The log is not whole: ${records} records, broken at ${brokenAt}, ${chains} chains.`);
    return { processes, changesPerSecond: Math.round(total / seconds) };
  } finally {
    const client = new pg.Client({ connectionString: near });
    await client.connect();
    await client.query(`drop schema if exists ${schema} cascade`);
    await client.end();
    rmSync(folder, { recursive: true });
  }
}

function linesOf(env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  return childOf(env).ended();
}

function childOf(env: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, [compiledProgram('audit-in-node')], {
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const spoken = createInterface({ input: child.stdout });
  spoken.on('line', (line) => lines.push(line));
  const status = new Promise((resolve) => child.once('close', resolve));
  const ended = async () => {
    if ((await status) !== 0) throw new Error(`A process of the benchmark ended with ${await status}.`);
    return lines;
  };
  return {
    go: () => void child.stdin.end('go'),
    said: async (count: number) => {
      while (lines.length < count) await Promise.race([once(spoken, 'line'), ended()]);
    },
    ended,
  };
}

/** The database, further away. */
async function farAway(database: URL): Promise<{ readonly url: string; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((near) => {
    const far = connect(Number(database.port || 5432), database.hostname);
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.on('error', () => {
        near.destroy();
        far.destroy();
      });
      socket.on('close', () => {
        near.destroy();
        far.destroy();
        sockets.delete(socket);
      });
    }
    near.on('data', (octets) => void far.write(octets));
    far.on('data', (octets) => void setTimeout(() => near.destroyed || near.write(octets), WAY_MILLIS));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The way has no port.');
  const url = new URL(database);
  url.hostname = '127.0.0.1';
  url.port = String(address.port);
  return {
    url: url.href,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
