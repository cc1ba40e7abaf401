import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { writeSignedArchive } from '../support/signed-archive.ts';

const COUNT = 250;
const place = mkdtempSync(join(tmpdir(), 'jitsuin-archive-kill-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));

const PROGRAM = new URL('../../src/cli/main.ts', import.meta.url).pathname;
const THREADS = new URL('../support/threads-from-source.mjs', import.meta.url).href;
const linesOf = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 0);

it.each(['ndjson', 'csv'])(
  'an archive killed in the midst goes on: each document has one line, as %s',
  async (format) => {
    const { documents, trust, crl, at } = writeSignedArchive(join(place, format), COUNT);
    const out = join(place, `${format}.out`);
    const asked = [documents, '--trust', trust, '--crl', crl, '--at', at, '--out', out, '--format', format];
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', '--import', THREADS, PROGRAM, 'verify', ...asked],
      { stdio: 'ignore' },
    );
    const ended = once(child, 'exit');
    while (linesOf(out) < 100 && child.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill('SIGKILL');
    await ended;
    const [killed, before] = [linesOf(out), readFileSync(out, 'utf8')];
    expect(killed).toBeLessThan(COUNT);
    let said = '';
    const status = await main(['verify', ...asked], {
      stdout: () => {},
      stderr: (text) => {
        said += text;
      },
      ...{ isTty: false, env: {}, signal: new AbortController().signal },
    });
    const header = format === 'csv' ? 1 : 0;
    const done = killed - header;
    expect([status, said]).toEqual([
      0,
      expect.stringMatching(`^${COUNT - done} judged now, ${done} before.*TOTAL-PASSED ${COUNT}\n$`),
    ]);
    const after = readFileSync(out, 'utf8');
    expect(after.startsWith(before.slice(0, before.lastIndexOf('\n') + 1))).toBe(true);
    const files = after.match(/[0-9]{6}\.xml/g) ?? [];
    expect([files.length, new Set(files).size]).toEqual([COUNT, COUNT]);
  },
  300_000,
);
