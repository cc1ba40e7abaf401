import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiRole } from '../../src/contracts/operations/operation.ts';
import { openApiDocument } from '../../src/http/openapi/document.ts';
import { simulatorDocument } from '../../src/simulator/openapi.ts';
import type { Console } from '../../src/web/console/console.ts';
import { consoleDocument } from '../../src/web/console/document.ts';
import { consoleTable } from '../../src/web/console/routes.ts';
import { notRunUnless } from '../support/not-run.ts';

export const root = join(import.meta.dirname, '../..');
const tools = join(root, '.ci/generators');
export const tool = (path: string) => join(tools, path);
export const JAR = tool('openapi-generator-cli-7.25.0.jar');
export const PYTHON = tool('venv/bin/python');

/** True where the file is. Otherwise one loud line, or a failure where CI promised it. */
export function have(what: string, ...files: readonly string[]): boolean {
  if (files.every((file) => existsSync(file) || onPath(file))) return true;
  notRunUnless('JITSUIN_REQUIRE_GENERATORS', what, 'node scripts/get-generators.mjs; JDK, Maven, Go, Python');
  return false;
}

function onPath(program: string): boolean {
  return !program.includes('/') && spawnSync('which', [program]).status === 0;
}

export interface Workshop {
  readonly folder: string;
  /** The document of a role as a file. */
  document(role: ApiRole | 'simulator' | 'console'): string;
  /** Runs to the end; throws with everything that it said unless it ended with 0. Gives the output. */
  run(command: string, args: readonly string[], cwd?: string, env?: Readonly<Record<string, string>>): string;
  close(): void;
}

/** A folder in which clients are generated and compiled. */
export function openWorkshop(): Workshop {
  const folder = mkdtempSync(join(tmpdir(), 'jitsuin-generators-'));
  return {
    folder,
    document: (role) => {
      const file = join(folder, `${role}.json`);
      if (!existsSync(file)) writeFileSync(file, JSON.stringify(documentOf(role)));
      return file;
    },
    run: (command, args, cwd = folder, env = {}) => {
      mkdirSync(cwd, { recursive: true });
      const options = { cwd, env: { ...process.env, ...env }, encoding: 'utf8', maxBuffer: 1 << 28 } as const;
      const { status, stdout, stderr, error } = spawnSync(command, args, options);
      const said = `${stdout ?? ''}${stderr ?? ''}`;
      if (status !== 0)
        throw new Error(`${command} ${args.join(' ')}: ${status ?? error?.message}\n${said.slice(-4000)}`);
      return said;
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function documentOf(role: ApiRole | 'simulator' | 'console'): object {
  if (role === 'simulator') return simulatorDocument('http://127.0.0.1:8090');
  if (role !== 'console') return openApiDocument(role, 'http://127.0.0.1:8080');
  // every port of every role: the console with all the pages that there are
  const everything = new Proxy(
    { role: 'pf' },
    { get: (known, name) => Reflect.get(known, name) ?? { any: {} } },
  );
  const console = everything as object as Console;
  return consoleDocument(console, consoleTable(console));
}
