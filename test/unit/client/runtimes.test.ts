import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CLIENT_SAYS,
  clientImports,
  clientProgram,
  startClientServer,
} from '../../support/client-program.ts';
import { notRunUnless } from '../../support/not-run.ts';

const root = resolve(import.meta.dirname, '../../..');
const client = join(root, 'dist/src/client');
const runtimes = join(root, '.ci/runtimes/node_modules');
const WORKERD = join(runtimes, '@cloudflare/workerd-linux-64/bin/workerd');
const RUNTIMES: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ['Node', process.execPath, '--input-type=module', '-e'],
  ['Bun', join(runtimes, '@oven/bun-linux-x64/bin/bun'), '-e'],
  ['Deno', join(runtimes, '@deno/linux-x64-glibc/deno'), 'eval', '--no-config'],
];

/** A worker that runs the program as its only test, and may call this machine. */
const CONFIG = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "worker", esModule = embed "worker.js")],
      compatibilityDate = "2026-01-01",
      globalOutbound = "here",
    )),
    (name = "here", network = (allow = ["local"])),
  ],
);
`;

function isThere(name: string, command: string): boolean {
  if (existsSync(command)) return true;
  notRunUnless('JITSUIN_REQUIRE_RUNTIMES', `jitsuin/client in ${name}`, 'node scripts/get-runtimes.mjs');
  return false;
}

async function saidBy(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { env: { PATH: '/usr/bin' } });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (piece: Buffer) => said.push(piece.toString()));
  await new Promise((closed) => child.once('close', closed));
  return said.join('').trim();
}

describe('jitsuin/client in the runtimes of its users', { timeout: 60_000 }, () => {
  let server: Awaited<ReturnType<typeof startClientServer>>;
  const folder = mkdtempSync(join(tmpdir(), 'jitsuin-workerd-'));
  beforeAll(async () => {
    server = await startClientServer();
  });
  afterAll(() => {
    server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const there = RUNTIMES.filter(([name, command]) => isThere(name, command));
  it.each(there)(
    '%s: calls, is refused, judges webhooks, signs assertions',
    async (_name, command, ...args) => {
      server.restart();
      const program = await clientProgram(server.url);
      const source = `${clientImports(`file://${client}`)}
console.log(await (async () => {${program}})());`;
      expect(await saidBy(command, [...args, source])).toBe(CLIENT_SAYS);
    },
  );

  it.skipIf(!isThere('workerd', WORKERD))('workerd: the same, as one file', async () => {
    server.restart();
    const contents = `${clientImports(client)}
export default { async test() { console.log(await (async () => {${await clientProgram(server.url)}})()); } };`;
    const options = {
      bundle: true,
      format: 'esm',
      logLevel: 'silent',
      outfile: join(folder, 'worker.js'),
    } as const;
    await build({ ...options, stdin: { contents, resolveDir: root } });
    writeFileSync(join(folder, 'config.capnp'), CONFIG);
    expect(await saidBy(WORKERD, ['test', join(folder, 'config.capnp')])).toContain(CLIENT_SAYS);
  });
});
