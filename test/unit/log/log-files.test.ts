import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type LogFiles, type LogFilesOptions, openLogFiles } from '../../../src/adapters/log/log-files.ts';
import { openLog } from '../../../src/adapters/log/open-log.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';

const PROCESS = `${hostname()
  .replace(/[^0-9A-Za-z-]/g, '-')
  .slice(0, 63)}-${process.pid}`;
const FULL = '/dev/full';
const CHILD = new URL('./log-files-child.ts', import.meta.url).pathname;

let root: string;
let directory: string;
let now: string;
let instead: string[];
let left: number[];
let opened: LogFiles[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'jitsuin-log-'));
  directory = join(root, 'made', 'logs');
  now = '2026-11-22T23:59:59.999Z';
  instead = [];
  left = [];
  opened = [];
});

afterEach(() => {
  for (const files of opened) files.close();
  rmSync(root, { recursive: true, force: true });
});

const clock = { now: () => Date.parse(now) as EpochMillis };

function open(options: Partial<LogFilesOptions> = {}): LogFiles {
  const files = openLogFiles({
    ...{ part: 'sp', directory, days: 2, clock, lookMillis: 3_600_000 },
    instead: { write: (text: string) => void instead.push(text) },
    notDeleted: (count) => void left.push(count),
    ...options,
  });
  opened.push(files);
  return files;
}

const file = (day: string, part = 'sp') => `${part}-${day}.${PROCESS}.log`;
const read = (name: string) => readFileSync(join(directory, name), 'utf8');
const names = () => readdirSync(directory).sort();

function plant(...planted: readonly string[]): void {
  mkdirSync(directory, { recursive: true });
  for (const name of planted) writeFileSync(join(directory, name), 'old\n');
}

const refused = expect.objectContaining({ code: 'config.invalid', at: 'JITSUIN_LOG_DIR' });

describe('log files', () => {
  it('begins a new file when the UTC day changes, by the injected clock, and appends to one that is there', () => {
    const files = open();
    files.write('a\n');
    now = '2026-11-23T00:00:00.000Z';
    files.write('b\n');
    files.close();
    open().write('c\n');
    expect(names()).toEqual([file('2026-11-22'), file('2026-11-23')]);
    expect([read(file('2026-11-22')), read(file('2026-11-23'))]).toEqual(['a\n', 'b\nc\n']);
    expect(instead).toEqual([]);
  });

  it('gives the folder to its owner alone, and the files', () => {
    open();
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(statSync(join(directory, file('2026-11-22'))).mode & 0o777).toBe(0o600);
  });

  it('deletes what is older than the days, of its own part alone, at the start and at a change of day', () => {
    const foreign = [
      'sp-worker-2026-01-01.host-1.log',
      'pf-2026-01-01.host-1.log',
      'pf-2026-01-01.sp-1.log',
      'sp-2026-01-01.log',
      'sp-2026-01-01.host-1.log.gz',
      'sp-old.host-1.log',
      'sp.sqlite3',
      'xsp-2026-01-01.host-1.log',
    ];
    const own = ['sp-2026-11-19.host-1.log', 'sp-2026-11-20.other-7.log', 'sp-2026-11-21.host-1.log'];
    plant(...foreign, ...own);
    mkdirSync(join(directory, 'sp-2026-01-01.folder-1.log'));
    symlinkSync(join(directory, 'sp.sqlite3'), join(directory, 'sp-2026-01-01.link-1.log'));
    const untouched = [...foreign, 'sp-2026-01-01.folder-1.log', 'sp-2026-01-01.link-1.log'];
    const files = open();
    expect(names()).toEqual([...untouched, ...own.slice(1), file('2026-11-22')].sort());
    now = '2026-11-23T00:00:00.000Z';
    files.write('b\n');
    expect(names()).toEqual([...untouched, ...own.slice(2), file('2026-11-22'), file('2026-11-23')].sort());
  });

  it('deletes at a change of day when nothing is written', async () => {
    plant('sp-2026-11-20.host-1.log');
    open({ lookMillis: 5 });
    expect(names()).toContain('sp-2026-11-20.host-1.log');
    now = '2026-11-23T00:00:00.000Z';
    await vi.waitFor(() => expect(names()).toEqual([file('2026-11-22'), file('2026-11-23')]), 20_000);
  });

  it('stops the start where the folder cannot be made', () => {
    writeFileSync(join(root, 'made'), 'a file in the way');
    expect(() => open()).toThrow(refused);
  });

  it.skipIf(process.getuid?.() === 0)(
    'stops the start where the folder may not be written, or not be searched for what is due',
    () => {
      plant();
      chmodSync(directory, 0o500);
      expect(() => open()).toThrow(refused);
      chmodSync(directory, 0o300);
      expect(() => open()).toThrow(refused);
      chmodSync(directory, 0o700);
    },
  );

  it.skipIf(!existsSync(FULL))('stops the start where the disk is full', () => {
    plant();
    symlinkSync(FULL, join(directory, `${file('2026-11-22')}.trial`));
    expect(() => open()).toThrow(/ENOSPC/);
    expect(names()).toEqual([]);
  });

  it.skipIf(!existsSync(FULL))(
    'writes to standard output what a disk that fills up later does not take',
    () => {
      const files = open();
      symlinkSync(FULL, join(directory, file('2026-11-23')));
      now = '2026-11-23T00:00:00.000Z';
      files.write('lost?\n');
      expect(instead).toEqual(['lost?\n']);
      now = '2026-11-24T00:00:00.000Z';
      files.write('kept\n');
      expect(read(file('2026-11-24'))).toBe('kept\n');
    },
  );

  it('goes on where the folder goes away, and comes back to it', async () => {
    const files = open({ lookMillis: 5 });
    rmSync(directory, { recursive: true });
    writeFileSync(directory, 'a file in the way');
    now = '2026-11-23T00:00:00.000Z';
    files.write('a\n');
    expect(instead).toEqual(['a\n']);
    expect(left).toEqual([1]);
    rmSync(directory);
    await vi.waitFor(() => expect(names()).toEqual([file('2026-11-23')]), 20_000);
    files.write('b\n');
    expect(read(file('2026-11-23'))).toBe('b\n');
    expect(statSync(directory).mode & 0o777).toBe(0o700);
  });

  it('writes to standard output after its end', () => {
    const files = open();
    files.close();
    files.close();
    now = '2026-11-23T00:00:00.000Z';
    files.write('late\n');
    expect(instead).toEqual(['late\n']);
    expect(names()).toEqual([file('2026-11-22')]);
  });
});

describe('log in files', () => {
  it('has the allow-list and the level of the log elsewhere', () => {
    const { log, close } = openLog('gov', { level: 'warn', directory, days: 1 }, clock);
    log.info('quiet');
    const smuggled: Record<string, unknown> = { code: 'jwe.decrypt', sub: 'CANARY', msg: 'CANARY' };
    log.warn('event', smuggled);
    close();
    const line: unknown = JSON.parse(read(file('2026-11-22', 'gov')));
    expect(line).toEqual({
      level: 'warn',
      time: expect.any(String),
      role: 'gov',
      event: 'event',
      code: 'jwe.decrypt',
    });
  });

  it('keeps two processes of one part apart', { timeout: 60_000 }, async () => {
    const go = join(root, 'go');
    const start = (name: string) =>
      spawn(process.execPath, ['--import', 'tsx', CHILD, directory, name, go], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
    const children = [start('one'), start('two')];
    const ends = children.map((each) => once(each, 'exit'));
    await Promise.all(children.map(({ stdout }) => once(stdout, 'data')));
    writeFileSync(go, '');
    expect((await Promise.all(ends)).map(([status]) => status)).toEqual([0, 0]);
    const seen = names().map((name) =>
      read(name)
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).tenant),
    );
    expect(seen.map((tenants) => tenants.length)).toEqual([200, 200]);
    expect(seen.map((tenants) => new Set(tenants).size)).toEqual([1, 1]);
  });

  it.skipIf(process.platform === 'win32')(
    'a file that can grow no more: no line is lost, none is half',
    { timeout: 60_000 },
    async () => {
      const go = join(root, 'go');
      writeFileSync(go, '');
      const limited = 'ulimit -f 128; trap "" XFSZ; exec "$@"';
      const command = [process.execPath, '--import', 'tsx', CHILD, directory, 'x'.repeat(1_000), go];
      const child = spawn('bash', ['-c', limited, 'bash', ...command], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let elsewhere = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        elsewhere += text;
      });
      expect((await once(child, 'close'))[0]).toBe(0);
      const inFile = read(names()[0] ?? '');
      const lines = `${inFile}${elsewhere.replace('open\n', '')}`.trim().split('\n');
      expect(lines.map((line) => JSON.parse(line).count)).toEqual(
        Array.from({ length: 200 }, (_, count) => count),
      );
      expect(inFile.length).toBeGreaterThan(60_000);
      expect(inFile.endsWith('}\n')).toBe(true);
    },
  );
});
