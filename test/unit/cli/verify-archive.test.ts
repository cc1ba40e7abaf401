import { mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { main } from '../../../src/cli/main.ts';
import { progressLine } from '../../../src/cli/progress.ts';
import { writeSignedArchive } from '../../support/signed-archive.ts';

// Threads compile the sources when they start: on a busy machine that alone takes a while.
vi.setConfig({ testTimeout: 240_000 });

/** More than one batch, so that threads judge. */
const COUNT = 70;
const place = mkdtempSync(join(tmpdir(), 'jitsuin-documents-'));
let made: ReturnType<typeof writeSignedArchive>;
let rules: readonly string[];
const files = () => Array.from({ length: COUNT }, (_, index) => nameOf(index + 1));
const nameOf = (number: number) => join(made.documents, `${String(number).padStart(6, '0')}.xml`);

beforeAll(() => {
  made = writeSignedArchive(place, COUNT);
  rules = ['--trust', made.trust, '--crl', made.crl, '--at', made.at];
});

async function verify(args: readonly string[], isTty = false, signal = new AbortController().signal) {
  let out = '';
  let err = '';
  const status = await main(['verify', ...args], {
    stdout: (text) => {
      out += text;
    },
    stderr: (text) => {
      err += text;
    },
    ...{ isTty, env: {}, signal },
  });
  return { status, err, rows: out.split('\n').filter((line) => line !== '') };
}
const json = (rows: readonly string[]) => rows.map((row) => JSON.parse(row));

it('a folder on every processor: one line a document in the order of the names', async () => {
  const { status, rows, err } = await verify([made.documents, ...rules], true);
  expect(json(rows).map(({ file }) => file)).toEqual(files());
  expect(new Set(json(rows).map(({ indication }) => indication))).toEqual(new Set(['TOTAL-PASSED']));
  expect([status, err]).toEqual([0, expect.stringContaining(`TOTAL-PASSED ${COUNT}`)]);
  const [first] = json(rows);
  const alone = JSON.parse((await verify([nameOf(1), ...rules, '--json'])).rows.join(''));
  expect(first).toMatchObject({
    signed_octets_sha256: alone.signed_octets_sha256,
    validation_time: alone.validation_time,
  });
});

describe('the worst decides', () => {
  const put = (name: string, change: (text: string) => string) => {
    writeFileSync(join(place, name), change(readFileSync(nameOf(1), 'utf8')));
    return join(place, name);
  };

  it('altered before unreadable before open', async () => {
    const good = nameOf(2);
    const altered = put('altered.xml', (text) => text.replace('申請の理由 3', '申請の理由 4'));
    const none = join(place, 'none.xml');
    const noList = rules.filter((rule) => rule !== '--crl' && rule !== made.crl);
    const open = await verify([good, nameOf(3), ...noList]);
    expect([open.status, json(open.rows)[0].code]).toEqual([3, 'revocation.unavailable']);
    const missing = await verify([good, none, ...rules]);
    expect([missing.status, json(missing.rows)[1]]).toEqual([
      2,
      { file: none, indication: 'unreadable', code: 'ENOENT' },
    ]);
    const all = await verify([good, none, altered, '--format', 'csv', ...rules]);
    expect(all.status).toBe(1);
    expect(all.rows[0]).toMatch(/^file,indication,sub_indication,class,/);
    expect(all.rows[3]).toContain('altered.xml,TOTAL-FAILED,HASH_FAILURE,final,false,xmldsig.digest');
    expect(all.err).toContain('TOTAL-FAILED 1, unreadable 1, TOTAL-PASSED 1');
  });

  it('goes on with what its --out does not have, whatever came in between; never judges what it writes', async () => {
    const out = join(made.documents, 'zz.csv');
    const list = join(place, 'list');
    writeFileSync(list, `${nameOf(1)}\n${nameOf(3)}\n`);
    await verify(['--list', list, '--out', out, '--format', 'csv', ...rules]);
    const before = readFileSync(out, 'utf8');
    const { status, err } = await verify([made.documents, '--out', out, '--format', 'csv', ...rules]);
    expect([status, err]).toEqual([
      0,
      expect.stringMatching(`(?:^|\n)${COUNT - 2} judged now, 2 before.*TOTAL-PASSED ${COUNT}\n$`),
    ]);
    const lines = readFileSync(out, 'utf8').split('\r\n');
    expect(lines.join('\r\n').startsWith(before)).toBe(true);
    expect(lines.map((line) => line.split(',')[0]).sort()).toEqual(['', ...files(), 'file'].sort());
  });

  it('does not follow a link to a folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'jitsuin-links-'));
    symlinkSync(folder, join(folder, 'again'));
    symlinkSync(nameOf(1), join(folder, 'one.xml'));
    expect((await verify([folder, ...rules])).rows).toHaveLength(1);
  });

  it('nothing to judge, and stopped by a signal', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'jitsuin-empty-'));
    expect((await verify([folder, ...rules])).status).toBe(2);
    const stopped = new AbortController();
    stopped.abort();
    const { status, err } = await verify([made.documents, ...rules], false, stopped.signal);
    expect([status, err]).toEqual([3, expect.stringContaining('stopped before the end')]);
  });
});

it.each([
  ['--json'],
  ['--explain'],
  ['--signed-octets', 'x'],
  ['--detached'],
  ['--profile', 'detached'],
  ['--result', 'x'],
  ['--format', 'xml'],
])('wrong use: %s %s', async (...option) => {
  expect((await verify([made.documents, ...rules, ...option])).status).toBe(2);
});

it('--out and --format are for archives', async () => {
  expect((await verify([nameOf(1), ...rules, '--out', 'x'])).status).toBe(2);
  expect((await verify([nameOf(1), ...rules, '--format', 'csv'])).status).toBe(2);
});

it('says count, rate and time left', () => {
  expect(progressLine(500, 100, 10_600, 10_000)).toBe('600 of 10600 judged, 50/s, 3 min 20 s left');
  expect(progressLine(500, 0, undefined, 1_000)).toBe('500 judged, 500/s');
  expect(progressLine(10, 0, 100_000, 1_000)).toBe('10 of 100000 judged, 10/s, 2 h 46 min left');
});
