import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRehearsal } from '../../../src/cli/rehearse/plan.ts';
import type { RehearsalReport } from '../../../src/cli/rehearse/report.ts';

const root = resolve(import.meta.dirname, '../../..');
const MAIN = join(root, 'dist/src/cli/main.js');
const folder = mkdtempSync(join(tmpdir(), 'jitsuin-rehearsal-'));
/** Half an hour in forty seconds. */
const FASTER = 45;

function jitsuin(...args: readonly string[]) {
  const done = spawnSync(process.execPath, [MAIN, 'rehearse', ...args], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 280_000,
  });
  return {
    ...done,
    report: done.stdout.startsWith('{') ? (JSON.parse(done.stdout) as RehearsalReport) : undefined,
  };
}

beforeAll(() => {
  if (!existsSync(MAIN)) throw new Error('dist is not built: run "npm run build" first.');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('jitsuin rehearse', () => {
  it('the sample plan, shortened: outages of service and pf, and nothing is lost', {
    timeout: 300_000,
  }, () => {
    const sample = readRehearsal(join(root, 'samples/rehearsals/thirty-minutes.json'));
    const plan = {
      ...sample,
      times_faster: FASTER,
      curve: sample.curve.map(({ minute, per_second }) => ({ minute, per_second: per_second / 12 })),
      citizens: { ...sample.citizens, thinks_seconds: [0.1, 1] },
      ends_within_seconds: 150,
      allow: { late: 1, turned_away: 0 },
    };
    const file = join(folder, 'plan.json');
    writeFileSync(file, JSON.stringify(plan));
    const { status, stderr, report } = jitsuin(file, '--json', '--report', join(folder, 'report.json'));
    expect([status, stderr]).toEqual([0, '']);
    expect(report).toMatchObject({ lost: [], turned_away: { submission: 0, page: 0 }, passed: true });
    expect(report?.came).toBeGreaterThan(40);
    expect(report?.decided).toBe((report?.came ?? 0) - (report?.refused ?? 0) - (report?.abandoned ?? 0));
    expect(report?.refused).toBeGreaterThan(0);
    expect(report?.abandoned).toBeGreaterThan(0);
    // the outages were real: citizens met the first, and verdicts waited for the end of the second
    expect(Object.values(report?.asked_to_wait ?? {}).reduce((sum, n) => sum + n, 0)).toBeGreaterThan(0);
    expect(report?.outages.map(({ of }) => of)).toEqual(['service', 'pf']);
    expect(JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'))).toEqual(report);
  });

  it('refuses what is no simulator, and an address that is not its own', () => {
    const file = join(folder, 'elsewhere.json');
    const plan = { minutes: 1, curve: [{ minute: 0, per_second: 1 }] };
    writeFileSync(join(folder, 'key'), 'k\n');
    for (const [service, why] of [
      ['http://127.0.0.1:9', 'no simulator'],
      ['https://auth-and-sign.go.jp', 'real service'],
    ]) {
      const target = { url: 'http://127.0.0.1:9', key_file: 'key', service };
      writeFileSync(file, JSON.stringify({ ...plan, target }));
      const { status, stderr } = jitsuin(file);
      expect([status, stderr.includes(why ?? '')]).toEqual([2, true]);
    }
  });

  it('prints the schema of a plan', () => {
    const { status, stdout } = jitsuin('--schema');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ type: 'object', properties: { outages: {} } });
  });
});
