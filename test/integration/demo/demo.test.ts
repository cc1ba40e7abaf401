import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FILES, KOUSEI } from '../../support/egov-application.ts';

const root = resolve(import.meta.dirname, '../../..');
const MAIN = join(root, 'dist/src/cli/main.js');
const folder = mkdtempSync(join(tmpdir(), 'jitsuin-demo-'));

interface Line {
  readonly step?: string;
  readonly wire?: readonly string[];
}

function jitsuin(...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [MAIN, ...args], { cwd: folder, encoding: 'utf8', timeout: 150_000 });
}

function linesOf(stdout: string): readonly Line[] {
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line);
}

beforeAll(() => {
  if (!existsSync(MAIN)) throw new Error('dist is not built: run "npm run build" first.');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('jitsuin demo', () => {
  it('signs the samples at an sp and leaves to each party what it may hold', () => {
    const out = join(folder, 'sp');
    const done = jitsuin('demo', '--out', out, '--json');
    expect(done.stderr).toBe('');
    expect(done.status).toBe(0);
    const lines = linesOf(done.stdout);
    const first = lines.filter((line) => line.step !== undefined).map((line) => line.step);
    const once = first.slice(0, first.indexOf('20') + 1);
    expect(once).toEqual([
      ...['02', '03', '04', '05', '06', '07', '08', '09', '10', '11', '12', '13', '14', '15', '16', '17'],
      ...['PF1', 'PF2', 'PF3', '20'],
    ]);
    for (const token of done.stdout.match(/eyJ[A-Za-z0-9_-]*/g) ?? []) expect(token.length).toBeLessThan(20);

    const signed = join(out, 'rare-kanji-notification.enveloped', 'signed.xml');
    const trust = join(out, 'world', 'trust-anchors.pem');
    const verified = jitsuin('verify', signed, '--trust', trust, '--no-revocation', '--json');
    expect(JSON.parse(verified.stdout)).toMatchObject({ indication: 'TOTAL-PASSED' });
    expect(jitsuin('verify', signed, '--trust', trust).status).toBe(3);
    const noTrust = jitsuin('verify', signed, '--trust', signed);
    expect([noTrust.status, noTrust.stderr.includes('holds no certificate')]).toEqual([2, true]);
    const altered = join(folder, 'altered.xml');
    writeFileSync(altered, readFileSync(signed, 'utf8').replace('𠮷', '吉'));
    expect(jitsuin('verify', altered, '--trust', trust, '--no-revocation').status).toBe(1);

    const guideline = join(out, 'xx-city-zz-application.guideline');
    expect(jitsuin('evidence', 'verify', join(guideline, 'evidence.json'), '--trust', trust).status).toBe(3);
    const believed = [
      'evidence',
      'verify',
      join(guideline, 'evidence.json'),
      '--trust',
      trust,
      '--believe-instant',
    ];
    expect(jitsuin(...believed).status).toBe(0);
    const certificate = /<X509Certificate>([^<]+)</.exec(
      readFileSync(join(guideline, 'signed.xml'), 'utf8'),
    )?.[1];
    expect(certificate?.length).toBeGreaterThan(1000);
    expect(readFileSync(join(guideline, 'receipt.json'), 'utf8')).not.toContain(certificate);
  }, 200_000);

  it('lets an agency verify for itself, in the mode where the service hashes again', () => {
    const file = join(folder, 'any-file.bin');
    writeFileSync(file, Buffer.from([0, 1, 2, 0xff]));
    const done = jitsuin(
      'demo',
      file,
      '--role',
      'gov',
      '--mode',
      'digest',
      '--out',
      join(folder, 'gov'),
      '--json',
    );
    expect(done.status).toBe(0);
    expect(done.stdout).toContain('TOTAL-PASSED');
  }, 200_000);

  it('signs a receiver’s form with its files', () => {
    const document = join(folder, 'kousei.xml');
    writeFileSync(document, KOUSEI);
    const files = FILES.flatMap(([name, content], index) => {
      const path = join(folder, `beside-${index}`);
      writeFileSync(path, content);
      return ['--file', `${name}=${path}`];
    });
    const out = ['--role', 'gov', '--out', join(folder, 'form')];
    const done = jitsuin('demo', document, '--form', 'egov-standard', ...files, ...out);
    expect(done.stderr).toBe('');
    expect(done.status).toBe(0);
    expect(done.stdout).toContain('TOTAL-PASSED, decided again offline: the same');
  }, 200_000);

  it('says that a citizen refused, with exit status 1', () => {
    const done = jitsuin(
      'demo',
      '--profile',
      'guideline',
      '--outcome',
      'refuse',
      '--out',
      join(folder, 'refused'),
    );
    expect(done.status).toBe(1);
    expect(done.stdout).toContain('連携に同意されなかった');
  }, 200_000);

  it('refuses what is not well-formed with the code and the place, before anything is signed', () => {
    const file = join(folder, 'broken.xml');
    writeFileSync(file, '<a><b></a>');
    const done = jitsuin('demo', file, '--out', join(folder, 'broken'));
    expect(done.status).toBe(2);
    expect(done.stderr).toContain('xml.not-well-formed');
    expect(done.stderr).toContain('broken.xml');
    expect(done.stdout).not.toContain('[04]');
  }, 200_000);

  it.each([
    [['demo', '--profile', 'seed'], '--profile must be one of'],
    [['demo', '--profile', 'enveloped', '--mode', 'digest'], 'digest-info'],
    [['demo', 'no-such-file.xml'], 'no-such-file.xml'],
    [['demo', '--file', 'a=b'], '--file is for --form'],
    [['demo', '--form', 'egov-standard'], 'name one FILE'],
    [['demo', '--role', 'pf'], '--role must be one of sp, gov'],
  ])('answers %j with exit status 2 and says what to do', (args, text) => {
    const done = jitsuin(...args);
    expect(done.status).toBe(2);
    expect(done.stderr).toContain(text);
  });
});
