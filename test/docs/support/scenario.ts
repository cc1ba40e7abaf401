import { spawn } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { freePorts } from '../../support/ports.ts';
import { root } from './blocks.ts';

const PORTS = { simulator: 8090, sp: 8081, gov: 8082, pf: 8083 } as const;
const LIMIT = 150_000;

/** `npx jitsuin` and `npx tsx` without a registry; `init` gets the ports that are free here. */
function npxScript(ports: readonly number[]): string {
  const urls = Object.keys(PORTS).map((role, index) => `--${role}-url http://localhost:${ports[index]}`);
  return `#!/bin/sh
umask 000
case "$1 $2" in
  "jitsuin init") shift 2; exec node ${root}/dist/src/cli/main.js init "$@" ${urls.join(' ')} ;;
  "jitsuin "*) shift; exec node ${root}/dist/src/cli/main.js "$@" ;;
  "jitsuin-sp "*) shift; exec node ${root}/dist/sp/src/cli/sp-main.js "$@" ;;
  tsx*) shift; exec node --import ${root}/node_modules/tsx/dist/loader.mjs "$@" ;;
  *) echo "npx $1: not in the documents’ world" >&2; exit 127 ;;
esac
`;
}

/**
 * Runs commands of a document one after the other in an empty folder with the samples in it, as a person would type them;
 * the ports that the document names are replaced by free ones. What they started in the background is ended. Our
 * programs run under the loosest umask that there is: `loose` are the files that others may read all the same.
 */
export async function runScenario(
  commands: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number | null; readonly output: string; readonly loose: readonly string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'jitsuin-docs-'));
  try {
    const ports = await freePorts(4);
    mkdirSync(join(folder, 'bin'));
    writeFileSync(join(folder, 'bin/npx'), npxScript(ports), { mode: 0o755 });
    mkdirSync(join(folder, 'work'));
    symlinkSync(join(root, 'samples'), join(folder, 'work/samples'));
    const text = Object.values(PORTS).reduce(
      (script, port, index) => script.replaceAll(`localhost:${port}`, `localhost:${ports[index]}`),
      commands,
    );
    const path = `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`;
    const work = join(folder, 'work');
    const done = await bash(`umask 077\n${text}`, work, { HOME: folder, PATH: path, ...env });
    return { ...done, loose: looseFiles(work) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** PostgreSQL and Redis run under users of their own; these hold verifiers and hashes, no password. */
const FOR_SERVERS = /(?:^|\/)(?:postgres\/roles\.sql|redis\/users\.acl)$/;

function looseFiles(work: string): readonly string[] {
  return readdirSync(work, { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.startsWith('samples'))
    .map((name) => join(work, name))
    .filter((path) => lstatSync(path).isFile() && (lstatSync(path).mode & 0o077) !== 0)
    .map((path) => relative(work, path))
    .filter((name) => !FOR_SERVERS.test(name));
}

function bash(script: string, cwd: string, env: Readonly<Record<string, string>>) {
  return new Promise<{ status: number | null; output: string }>((resolve, reject) => {
    const args = ['-e', '-u', '-o', 'pipefail', '-x', '-c', script];
    // A process group of its own, so that its background jobs can be ended with it.
    const child = spawn('bash', args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const take = (chunk: Buffer) => {
      output += chunk.toString('utf8');
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    const endAll = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // they have ended by themselves
      }
    };
    const limit = setTimeout(endAll, LIMIT);
    child.once('error', reject);
    child.once('exit', endAll);
    child.once('close', (status) => {
      clearTimeout(limit);
      resolve({ status, output });
    });
  });
}
