import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openStore } from '../../../src/adapters/store/open-store.ts';
import type { Command, CommandIo } from '../../../src/cli/command.ts';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { longWork } from '../../../src/cli/long-work.ts';
import { showProgress } from '../../../src/cli/progress.ts';
import { CLOSED } from '../../../src/cli/storage-arguments.ts';
import { FakeClock } from '../../support/fakes.ts';

/** What a command may have to do for longer than two seconds, and the file in which it shows it. */
const LONG: Readonly<Record<string, string>> = {
  'applications submit': 'applications/submit.ts',
  'applications wait': 'applications/wait.ts',
  'applications fetch': 'applications/fetch.ts',
  'audit verify': 'audit.ts',
  'evidence export': 'archive/run-archive.ts',
  'evidence verify': 'archive/run-archive.ts',
  'keys reseal': 'keys.ts',
  migrate: 'migrate.ts',
  'store move': 'store/move.ts',
  verify: 'archive/run-archive.ts',
};
/** They run until they are ended, tell of each step as they do it, or do one thing that another program times. */
const OTHERS: readonly string[] = [
  ...[
    'capacity',
    'rehearse',
    'demo',
    'simulator',
    'rp-test',
    'serve',
    'worker',
    'listen',
    'witness',
    'doctor',
    'health',
  ],
  ...['c14n', 'prepare', 'assemble', 'inspect', 'forms', 'openapi', 'init', 'log keygen', 'log verify'],
  ...['applications list', 'store backup', 'store restored', 'jobs list', 'jobs retry', 'jobs drop'],
  ...['operator invite', 'operator list', 'operator disable', 'rp keygen', 'sessions end'],
  ...[
    'keys api new',
    'keys api list',
    'keys api revoke',
    'keys list',
    'keys rotate',
    'keys retire',
    'keys wrap',
  ],
  ...['pf keygen', 'pf keys', 'pf key-protocol', 'pf receipt-keys', 'pf statement', 'pf consents'],
  ...['pf link-subject', 'pf judge-again', 'gov judge-again', 'evidence ageing'],
];

const folder = mkdtempSync(join(tmpdir(), 'jitsuin-long-work-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.useRealTimers());

function watched(isTty: boolean, signal = new AbortController().signal) {
  const said = { out: '', err: '' };
  const io: CommandIo = {
    stdout: (text) => {
      said.out += text;
    },
    stderr: (text) => {
      said.err += text;
    },
    ...{ isTty, signal, env: { JITSUIN_DATA_DIR: folder } },
  };
  return { io, said };
}

const stoppedNow = () => {
  const abort = new AbortController();
  abort.abort();
  return abort.signal;
};

describe('the commands that take long', () => {
  it('each command is one of them or not, and each of them shows how far it is', () => {
    const names = COMMANDS.map(({ name }) => name);
    const unsaid = names.filter((name) => LONG[name] === undefined && !OTHERS.includes(name));
    expect(OTHERS.filter((name) => !names.includes(name) && name !== 'forms')).toEqual([]);
    expect(unsaid).toEqual([]);
    for (const [name, file] of Object.entries(LONG)) {
      expect(names).toContain(name);
      const source = readFileSync(join(import.meta.dirname, '../../../src/cli', file), 'utf8');
      expect(source, name).toMatch(/\b(longWork|showProgress)\(\s*io,/);
    }
  });
});

describe('progress', () => {
  it('on a terminal it is one line, written over; it is gone at the end', () => {
    vi.useFakeTimers();
    const { io, said } = watched(true);
    const progress = showProgress(io, { word: 'walked' });
    progress.step(10, 0);
    vi.advanceTimersByTime(1_000);
    expect(
      said.err
        .split('\r')
        .slice(1)
        .map((line) => line.trim()),
    ).toEqual(['10 walked, 10000/s', '10 walked, 20/s', '10 walked, 10/s']);
    expect(said.err).not.toContain('\n');
    progress.end();
    expect(said.err.endsWith('\r')).toBe(true);
    vi.advanceTimersByTime(60_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('elsewhere it is a line every ten seconds, also while one part takes long', () => {
    vi.useFakeTimers();
    const { io, said } = watched(false);
    const progress = showProgress(io, { word: 'walked' });
    progress.step(100, 0);
    vi.advanceTimersByTime(9_999);
    expect(said.err).toBe('');
    vi.advanceTimersByTime(1);
    expect(said.err).toBe('100 walked, 10/s\n');
    vi.advanceTimersByTime(10_000);
    expect(said.err).toBe('100 walked, 10/s\n100 walked, 5/s\n');
    progress.end();
  });

  it.each([true, false])('a program that asked for JSON is shown none (terminal: %s)', (isTty) => {
    vi.useFakeTimers();
    const { io, said } = watched(isTty);
    const progress = showProgress(io, { word: 'walked', json: true });
    progress.step(1, 0);
    vi.advanceTimersByTime(60_000);
    progress.end();
    expect(said.err).toBe('');
  });
});

describe('Ctrl-C', () => {
  it('ends long work at its next step, with what was done and how to go on', async () => {
    const abort = new AbortController();
    const { io, said } = watched(false, abort.signal);
    const steps: number[] = [];
    const work = { word: 'rows moved', json: false, stopped: 'Run it again.' };
    const result = await longWork(io, work, async (step) => {
      for (let n = 1; n < 10; n += 1) {
        if (n === 3) abort.abort();
        steps.push(n);
        await step(5);
      }
      return 'all';
    });
    expect([result, steps, said.err]).toEqual([
      undefined,
      [1, 2, 3],
      'Stopped after 15 rows moved. Run it again.\n',
    ]);
  });

  it('a failure of the work is that failure, and what never lets go is let through', async () => {
    const { io } = watched(false);
    const work = { word: 'done', json: false, stopped: '' };
    await expect(longWork(io, work, () => Promise.reject(new Error('of its own')))).rejects.toThrow(
      'of its own',
    );
    const turns = { now: 0 };
    const timer = setInterval(() => {
      turns.now += 1;
    }, 1);
    await longWork(io, work, async (step) => {
      const end = Date.now() + 500;
      // no turn of the event loop by itself, as a synchronous database
      while (Date.now() < end) await step(1);
    });
    clearInterval(timer);
    expect(turns.now).toBeGreaterThan(1);
  });

  describe('on a store', () => {
    beforeAll(async () => {
      const parts = { role: 'sp', sealer: CLOSED, clock: new FakeClock(), poolSize: 2 } as const;
      const store = await openStore({ ...parts, dataDir: folder, migrations: 'migrate' });
      const at = parts.clock.now();
      for (let n = 0; n < 3; n += 1)
        await store.audit.append({
          event: 'session.all-ended',
          subject: '',
          tenant: '',
          at,
          facts: { count: n },
        });
      await store.close();
    });
    const command = async (name: string): Promise<Command> => {
      const entry = COMMANDS.find((one) => one.name === name);
      if (entry === undefined) throw new Error(name);
      return entry.load();
    };

    it('audit verify says what it walked; it is whole when it is let', async () => {
      const stopped = watched(false, stoppedNow());
      const verify = await command('audit verify');
      expect(await verify.run(['--role', 'sp', '--json'], stopped.io)).toBe(3);
      expect([stopped.said.out, stopped.said.err]).toEqual([
        '',
        expect.stringMatching(/^Stopped after \d+ records walked\. What was walked was whole; run it again/),
      ]);
      const whole = watched(false);
      expect(await verify.run(['--role', 'sp'], whole.io)).toBe(0);
      expect([whole.said.out, whole.said.err]).toEqual([expect.stringContaining('is whole: 3 records'), '']);
    });

    it('migrate changes nothing, and runs all the next time', async () => {
      const place = join(folder, 'new');
      const env = { JITSUIN_DATA_DIR: place };
      const migrate = await command('migrate');
      const stopped = watched(false, stoppedNow());
      expect(await migrate.run(['--role', 'sp'], { ...stopped.io, env })).toBe(3);
      expect(stopped.said.err).toBe(
        'Stopped after 0 migrations ran. Nothing was changed, for all of them are one transaction; run it again.\n',
      );
      const whole = watched(false);
      expect(await migrate.run(['--role', 'sp'], { ...whole.io, env })).toBe(0);
      expect(whole.said.out.match(/^ran /gm)?.length).toBeGreaterThan(20);
    });
  });
});
