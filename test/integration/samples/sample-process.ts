import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Browser } from '../../../src/cli/demo/browser.ts';
import type { CitizenChoice } from '../../../src/simulator/citizen.ts';
import { notRunUnless } from '../../support/not-run.ts';
import { sign } from '../rp/world.ts';

export const root = resolve(import.meta.dirname, '../../..');
const LIMIT = 60_000;

export interface SampleProcess {
  /** Resolves with the first group as soon as the output matches; rejects when it ends before, or after a minute. */
  says(pattern: RegExp): Promise<string>;
  /** Exit status and everything that it wrote. */
  ended(): Promise<{ readonly status: number | null; readonly output: string }>;
  stop(): Promise<void>;
}

/** Starts a sample as a person would; only what `env` names and PATH reach it. */
export function startSample(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd = root,
): SampleProcess {
  const { PATH = '', HOME = '/tmp' } = process.env;
  const child = spawn(command, args, { cwd, env: { PATH, HOME, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const looks = new Set<() => void>();
  const take = (chunk: Buffer) => {
    output += chunk.toString('utf8');
    for (const look of looks) look();
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const exit = exitOf(child);
  return {
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const failed = (what: string) => () => reject(new Error(`${what}: ${output}`));
        const limit = setTimeout(failed(`never said ${pattern}`), LIMIT);
        const look = () => {
          const found = pattern.exec(output);
          if (found === null) return;
          clearTimeout(limit);
          looks.delete(look);
          resolve(found[1] ?? found[0]);
        };
        looks.add(look);
        look();
        void exit.then(look).then(failed(`ended without ${pattern}`));
      }),
    ended: async () => ({ status: await exit, output }),
    stop: async () => {
      child.kill('SIGKILL');
      await exit;
    },
  };
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve(status));
  });
}

/** A TypeScript sample; `jitsuin/client` is the built package. */
export function startTypeScript(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): SampleProcess {
  if (!existsSync(join(root, 'dist/src/client/index.js'))) throw new Error('run "npm run build" first');
  return startSample(process.execPath, ['--import', 'tsx', file, ...args], env);
}

/** Waits for the address that the sample prints, and signs there as a simulated citizen. */
export async function signWhereItSays(sample: SampleProcess, choice: CitizenChoice = {}): Promise<void> {
  await sign(new Browser(), await sample.says(/open in a browser: (\S+)\n/), choice);
}

/** True where the program is. Otherwise one loud line, or a failure where CI promised it. */
export function toolAvailable(path: string, name: string, install: string): boolean {
  if (existsSync(path)) return true;
  notRunUnless(`JITSUIN_REQUIRE_${name.toUpperCase()}`, `the ${name} sample`, `no ${path}; ${install}`);
  return false;
}
