import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RpWorld, startRpWorld } from '../rp/world.ts';
import { signWhereItSays, startTypeScript } from './sample-process.ts';

const FILE = 'samples/applications/rare-kanji-notification.xml';

describe('samples/gov', { timeout: 90_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'jitsuin-sample-gov-'));
  let world: RpWorld;
  beforeAll(async () => {
    world = await startRpWorld('gov');
  });
  afterAll(async () => {
    await world?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const start = (out: string) =>
    startTypeScript('samples/gov/sign.ts', [FILE, out], {
      JITSUIN_URL: world.url,
      JITSUIN_API_KEY: world.apiKey,
    });

  it('keeps the signed document and its evidence', async () => {
    const out = join(folder, 'signed.xml');
    const sample = start(out);
    await signWhereItSays(sample);
    const { status, output } = await sample.ended();
    expect(output).toContain('decided TOTAL-PASSED');
    expect(output).toMatch(/^passed +signature-value$/m);
    expect(status).toBe(0);
    expect(readFileSync(out, 'utf8')).toContain('Signature');
    expect(JSON.parse(readFileSync(`${out}.evidence.json`, 'utf8'))).toHaveProperty('format');
  });

  it('says why nothing was signed', async () => {
    const out = join(folder, 'refused.xml');
    const sample = start(out);
    await signWhereItSays(sample, { outcome: 'refuse' });
    const { status, output } = await sample.ended();
    expect(output).toContain('refused 連携に同意されなかった');
    expect([status, existsSync(out)]).toEqual([1, false]);
  });
});
