import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { GOV_PROGRAM } from '../../../src/cli/gov-program.ts';
import { PF_PROGRAM } from '../../../src/cli/pf-program.ts';
import { SP_PROGRAM } from '../../../src/cli/sp-program.ts';
import { notRunUnless } from '../../support/not-run.ts';

const folder = resolve(import.meta.dirname, '../../../samples/server/systemd');
const UNITS = ['jitsuin@.service', 'jitsuin-worker@.service'];
const PROGRAMS = [SP_PROGRAM, GOV_PROGRAM, PF_PROGRAM];
/** systemd's own measure, 0 (closed) to 10 (open). */
const MOST_EXPOSED = 2;

const top = mkdtempSync(join(tmpdir(), 'jitsuin-systemd-'));
afterAll(() => rmSync(top, { recursive: true, force: true }));
const text = (unit: string) => readFileSync(join(folder, unit), 'utf8');
const analyze = (...args: readonly string[]) => spawnSync('systemd-analyze', args, { encoding: 'utf8' });
const available = analyze('--version').status === 0;
if (!available)
  notRunUnless(
    'JITSUIN_REQUIRE_SYSTEMD',
    'systemd-analyze on samples/server/systemd',
    'apt-get install systemd',
  );

describe('samples/server/systemd', () => {
  it.each(UNITS)('%s runs commands that the program of each role has', (unit) => {
    const commands = [
      ...text(unit).matchAll(/^ExecStart(?:Pre)?=\/usr\/local\/bin\/jitsuin-%i (\S+) --env-file/gm),
    ];
    expect(commands.length).toBeGreaterThan(0);
    for (const { commands: known } of PROGRAMS)
      expect(known.map(({ name }) => name)).toEqual(expect.arrayContaining(commands.map(([, name]) => name)));
  });

  /** Every path is there in this stand-in: what is judged is the unit. */
  const inPlace = (unit: string) => {
    const file = join(top, unit.replace('@', '@sp'));
    writeFileSync(
      file,
      text(unit)
        .replaceAll('/usr/local/bin/jitsuin-%i', '/bin/true')
        .replace(/^Documentation=.*$/m, ''),
    );
    return file;
  };

  it.skipIf(!available).each(UNITS)('systemd knows every line of %s', (unit) => {
    const { stderr } = analyze('verify', '--man=no', '--generators=no', inPlace(unit));
    expect(stderr.split('\n').filter((line) => line.includes(unit.replace('@', '@sp')))).toEqual([]);
  });

  it.skipIf(!available)('is really judged: a line that systemd does not know is named', () => {
    const file = join(top, 'wrong.service');
    writeFileSync(file, '[Service]\nExecStart=/bin/true\nProtectEverything=yes\n');
    expect(analyze('verify', '--man=no', '--generators=no', file).stderr).toContain('ProtectEverything');
  });

  it.skipIf(!available).each(UNITS)('%s leaves little open', (unit) => {
    const { stdout, status } = analyze(
      'security',
      '--offline=true',
      `--threshold=${MOST_EXPOSED * 10}`,
      inPlace(unit),
    );
    expect([status, stdout.split('\n').at(-2)]).toEqual([
      0,
      expect.stringContaining('Overall exposure level'),
    ]);
  });

  it.each(['LoadCredentialEncrypted', 'Environment'])(
    'credentials.conf: %s names each key file once',
    (line) => {
      const names = text('credentials.conf').match(new RegExp(`^${line}=.*$`, 'gm')) ?? [];
      expect(names).toHaveLength(4);
      for (const file of ['client-key.json', 'pf-client-key.json', 'seal-key.json', 'subject-key'])
        expect(names.filter((name) => name.includes(`/${file}`) || name.includes(`=${file}:`))).toHaveLength(
          1,
        );
    },
  );
});
