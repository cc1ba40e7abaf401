import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../../support/ports.ts';

const MAIN = resolve(import.meta.dirname, '../../../dist/src/cli/main.js');
if (!existsSync(MAIN)) throw new Error('run "npm run build" first');

const folder = mkdtempSync(join(tmpdir(), 'jitsuin-npx-'));
const children: ChildProcess[] = [];
beforeAll(() => {
  mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"name":"somebody","version":"1.0.0"}');
  symlinkSync(MAIN, join(folder, 'node_modules/.bin/jitsuin'));
});
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    (response) => response.ok,
    () => false,
  );
}

describe('a server that npx started', { timeout: 90_000 }, () => {
  it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
    'ends with npx: %s leaves nothing on its port',
    async (signal) => {
      const [port = 0] = await freePorts(1);
      const url = `http://127.0.0.1:${port}/simulator/people`;
      // a session of its own, as a service manager gives it: no terminal sends a signal to all of them
      const child = spawn('npx', ['--offline', 'jitsuin', 'simulator', '--port', String(port)], {
        cwd: folder,
        env: { PATH: process.env['PATH'] ?? '', HOME: folder },
        ...{ stdio: 'ignore', detached: true },
      });
      children.push(child);
      const wait = { timeout: 60_000, interval: 100 };
      await expect.poll(() => answers(url), wait).toBe(true);
      // Ctrl-C goes to everything in the foreground of a terminal; npm takes no notice of its own
      if (signal === 'SIGINT') process.kill(-(child.pid ?? 0), signal);
      else child.kill(signal);
      await expect.poll(() => answers(url), { timeout: 15_000, interval: 100 }).toBe(false);
    },
  );
});
