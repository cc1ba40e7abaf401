import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../../../src/cli/demo/browser.ts';
import { main } from '../../../src/cli/main.ts';
import { api, ended, type RpWorld, sign, startRpWorld, submitted } from './world.ts';

let world: RpWorld;
beforeAll(async () => {
  world = await startRpWorld('gov');
});
afterAll(() => world.close());

async function verify(...args: string[]) {
  const out: string[] = [];
  const status = await main(['verify', '--detached', ...args, '--json'], {
    stdout: (text) => void out.push(text),
    stderr: (text) => void out.push(text),
    isTty: false,
    env: {},
    signal: new AbortController().signal,
  });
  return { status, out: out.join('') };
}

describe('a file that is not XML, signed at an agency and judged again from its evidence', () => {
  it.each(['digest-info', 'digest'] as const)('mode %s', async (mode) => {
    const octets = Buffer.from(`%PDF-1.7 模擬 ${mode}\0\xff`, 'latin1');
    const application = await submitted(world, octets, {
      query: `?profile=detached&mode=${mode}`,
      type: 'application/octet-stream',
    });
    await sign(new Browser(), application.authorization_url ?? '');
    expect((await ended(world, application.id)).verdict?.indication).toBe('TOTAL-PASSED');
    const evidence = await (await api(world, `/v1/applications/${application.id}/evidence`)).arrayBuffer();
    const place = (name: string) => join(world.dir, `${mode}-${name}`);
    writeFileSync(place('file.pdf'), octets);
    writeFileSync(place('other.pdf'), Buffer.concat([octets, Buffer.from('x')]));
    writeFileSync(place('evidence.json'), Buffer.from(evidence));
    const altered = Buffer.from(evidence)
      .toString('utf8')
      .replace(`"mode":"${mode}"`, `"mode":"${mode === 'digest' ? 'digest-info' : 'digest'}"`);
    writeFileSync(place('altered.json'), altered);
    const trust = ['--trust', world.env('gov')['JITSUIN_TRUST_FILE'] ?? '', '--no-revocation'];
    const result = place('result.json');
    const kept = ['--write-result', result];
    expect(
      (await verify(place('file.pdf'), '--result', place('evidence.json'), ...trust, ...kept)).status,
    ).toBe(0);
    expect((await verify(place('file.pdf'), '--result', result, ...trust)).status).toBe(0);
    expect((await verify(place('other.pdf'), '--result', result, ...trust)).status).toBe(1);
    const refused = await verify(place('file.pdf'), '--result', place('altered.json'), ...trust);
    expect([refused.status, refused.out.includes('evidence.invalid')]).toEqual([2, true]);
  });
});
