import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../../../src/cli/demo/browser.ts';
import { main } from '../../../src/cli/main.ts';
import { startCitizenWorld } from '../../browser/support/citizen-world.ts';
import { api, ended, type RpWorld, sign, startRpWorld, submitted } from './world.ts';

/** One blank page, with a cross-reference table and a comment of high octets, as a writer of PDF makes it. */
function onePagePdf(): Buffer {
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>',
  ];
  let text = '%PDF-1.7\n%\xe2\xe3\xcf\xd3\n';
  const offsets = objects.map((object, index) => {
    const offset = text.length;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  text += `xref\n0 4\n0000000000 65535 f \n${rows}trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n${text.length}\n%%EOF\n`;
  return Buffer.from(text, 'latin1');
}

const FILES = {
  'file.pdf': onePagePdf(),
  'file.txt': Buffer.from('模擬 太郎の同意書\r\n私は同意します。\n\u{20BB7}\0', 'utf8'),
} as const;
const EITHER_MODE = { JITSUIN_ALLOW_FILES_IN_DIGEST_INFO: '1' };
const CASES = (['file.pdf', 'file.txt'] as const).flatMap((name) =>
  (['digest-info', 'digest'] as const).map((mode) => [name, mode] as const),
);

async function jitsuin(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const out: string[] = [];
  const status = await main(args, {
    stdout: (text) => void out.push(text),
    stderr: (text) => void out.push(text),
    ...{ isTty: false, env, signal: new AbortController().signal },
  });
  return { status, out: out.join('') };
}

/** Hands a file in, signs it, and waits for the verdict. */
async function signed(world: RpWorld, name: keyof typeof FILES, mode: string) {
  const application = await submitted(world, FILES[name], {
    query: `?profile=detached&mode=${mode}&name=${encodeURIComponent('同意書')}`,
    type: 'application/octet-stream',
  });
  await sign(new Browser(), application.sign_url ?? '');
  const done = await ended(world, application.id);
  expect(done.verdict?.indication).toBe('TOTAL-PASSED');
  return done;
}

/** The evidence decides again, a detached result is made from it, and either judges the file and no other. */
async function judgedAgain(world: RpWorld, name: keyof typeof FILES, evidence: Uint8Array, mode: string) {
  const place = (file: string) => join(world.dir, `${mode}-${name}-${file}`);
  const trustFile = world.env('pf')['JITSUIN_TRUST_FILE'] ?? world.env('gov')['JITSUIN_TRUST_FILE'] ?? '';
  const trust = ['--trust', trustFile, '--no-revocation', '--json'];
  const verify = (...args: string[]) => jitsuin(['verify', '--detached', ...args, ...trust]);
  writeFileSync(place('file'), FILES[name]);
  writeFileSync(place('other'), Buffer.concat([FILES[name], Buffer.from('x')]));
  writeFileSync(place('evidence'), evidence);
  const other = mode === 'digest' ? 'digest-info' : 'digest';
  const text = Buffer.from(evidence).toString('utf8');
  expect(text).toContain(`"mode":"${mode}"`);
  writeFileSync(place('altered'), text.replace(`"mode":"${mode}"`, `"mode":"${other}"`));
  const again = await jitsuin([
    'evidence',
    'verify',
    place('evidence'),
    '--trust',
    trustFile,
    '--believe-instant',
  ]);
  expect([again.status, again.out.includes('TOTAL-PASSED')]).toEqual([0, true]);
  const kept = ['--write-result', place('result')];
  expect((await verify(place('file'), '--result', place('evidence'), ...kept)).status).toBe(0);
  const judged = await verify(place('file'), '--result', place('result'));
  expect([judged.status, JSON.parse(judged.out)]).toMatchObject([0, { indication: 'TOTAL-PASSED' }]);
  expect((await verify(place('other'), '--result', place('evidence'))).status).toBe(1);
  expect((await verify(place('other'), '--result', place('result'))).status).toBe(1);
  const refused = await verify(place('file'), '--result', place('altered'));
  expect([refused.status, refused.out.includes('evidence.invalid')]).toEqual([2, true]);
}

describe('a file that is not XML, signed at an agency and judged again from its evidence', () => {
  let world: RpWorld;
  beforeAll(async () => {
    world = await startRpWorld('gov', { env: EITHER_MODE });
  });
  afterAll(() => world.close());

  it.each(CASES)('%s, mode %s', async (name, mode) => {
    const { id } = await signed(world, name, mode);
    const evidence = await (await api(world, `/v1/applications/${id}/evidence`)).arrayBuffer();
    await judgedAgain(world, name, new Uint8Array(evidence), mode);
  });
});

describe('a file that is not XML, signed at an sp, verified by the platform operator, judged again from its evidence', () => {
  let world: RpWorld;
  beforeAll(async () => {
    world = await startCitizenWorld(EITHER_MODE);
  });
  afterAll(() => world.close());

  it.each(CASES)('%s, mode %s, with its time-stamp', { timeout: 90_000 }, async (name, mode) => {
    const { verdict } = await signed(world, name, mode);
    const withTime = ['evidence', 'export', verdict?.reference ?? '', '--wait', '60'];
    const exported = await jitsuin(withTime, world.env('pf'));
    expect([exported.status, exported.out.includes('"jitsuin-evidence-export"')]).toEqual([0, true]);
    await judgedAgain(world, name, Buffer.from(exported.out), mode);
  });
});
