import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { main } from '../../../src/cli/main.ts';
import { toPem } from '../../../src/simulator/jpki/certificate.ts';
import { stampedExport } from '../../attacks/evidence/forger.ts';
import { anchorsPem, NOW } from '../../support/pf-signing.ts';
import { evidenceFor, registry } from '../evidence/evidence-kit.ts';
import { tsa } from '../timestamp/tsa-kit.ts';

let folder: string;
let trust: readonly string[];
const GOOD = stampedExport(evidenceFor('good').octets, NOW);
const REVOKED = stampedExport(evidenceFor('revoked', 'revoked').octets, NOW);
const ALTERED = Buffer.from(Buffer.from(GOOD).toString('utf8').replace('"id":"good"', '"id":"evil"'));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jitsuin-archive-'));
  const [jpki, authority] = [join(folder, '.jpki.pem'), join(folder, '.tsa.pem')];
  writeFileSync(jpki, anchorsPem(registry));
  writeFileSync(authority, toPem(tsa.rootCertificate));
  trust = ['--trust', jpki, '--tsa-trust', authority, '--at', '2026-11-22T05:00:00Z'];
});

async function verify(...args: readonly string[]) {
  let out = '';
  let err = '';
  const status = await main(['evidence', 'verify', ...args, ...trust], {
    stdout: (text) => {
      out += text;
    },
    stderr: (text) => {
      err += text;
    },
    ...{ isTty: false, env: {}, signal: new AbortController().signal },
  });
  return { status, err, lines: out.split('\n').filter((line) => line !== '') };
}

const put = (name: string, octets: Uint8Array) => {
  const file = join(folder, name);
  writeFileSync(file, octets);
  return file;
};

it('a folder: one line a record, the worst decides, deeper folders too', async () => {
  const good = put('1.json', GOOD);
  expect(await verify(folder)).toMatchObject({ status: 0, lines: [expect.stringContaining('"valid"')] });
  const open = put('2.json', evidenceFor('bare').octets);
  expect((await verify(folder)).status).toBe(3);
  const negative = put('3.json', REVOKED);
  expect((await verify(folder)).status).toBe(1);
  mkdirSync(join(folder, 'a'));
  const altered = put('a/4.json', ALTERED);
  const { status, lines, err } = await verify(folder);
  expect(status).toBe(4);
  expect(lines.map((line) => JSON.parse(line)).map(({ file, outcome }) => [file, outcome])).toEqual([
    [good, 'valid'],
    [open, 'not-provable'],
    [negative, 'negative'],
    [altered, 'altered'],
  ]);
  expect(err).toContain('altered 1, negative 1, not-provable 1, valid 1');
});

it('a list, as CSV; a file that is not there is told and stops nothing', async () => {
  const [good, odd] = [put('1.json', GOOD), put('a "b", c.json', GOOD)];
  const list = put('.list', Buffer.from(`${good}\n${odd}\n${join(folder, 'none.json')}\n`));
  const { status, lines } = await verify('--list', list, '--format', 'csv');
  expect(status).toBe(2);
  expect(lines[0]).toContain('file,outcome,basis');
  expect(lines[2]).toContain(`"${odd.replaceAll('"', '""')}",valid,proved,good,OK,TOTAL-PASSED,,`);
  expect(lines[3]).toContain('none.json,unreadable,');
});

it.each(['ndjson', 'csv'])(
  'goes on after a kill, as %s: what stands in --out is not judged again',
  async (format) => {
    put('1.json', GOOD);
    put('2.json', REVOKED);
    const out = join(folder, '.out');
    const asked = [folder, '--out', out, '--format', format];
    expect((await verify(...asked)).status).toBe(1);
    const whole = readFileSync(out, 'utf8');
    appendFileSync(out, format === 'csv' ? '/half,a li' : '{"file":"/half');
    put('3.json', GOOD);
    const again = await verify(...asked);
    expect([again.status, again.err.startsWith('1 judged now')]).toEqual([1, true]);
    const after = readFileSync(out, 'utf8');
    expect(after).not.toContain('/half');
    expect([after.startsWith(whole), after.split('\n').length - whole.split('\n').length]).toEqual([true, 1]);
  },
);

it('wrong use', async () => {
  const good = put('1.json', GOOD);
  expect((await verify(good, '--out', 'x')).status).toBe(2);
  expect((await verify(folder, '--format', 'xml')).status).toBe(2);
  expect((await verify(folder, '--json')).status).toBe(2);
});
