import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../../../src/cli/demo/browser.ts';
import { until } from '../queue/harness.ts';
import { makeOutgrownWorld, type OutgrownWorld } from './outgrown-world.ts';
import { applicationOf, ended, sign, submitted } from './world.ts';

const DOCUMENT = '<届出><氏名>模擬 太郎</氏名></届出>';

/**
 * A copy of files that nobody declared restored is what an asynchronous failover leaves: the last commits are gone,
 * and nothing in the store tells so.
 */
describe('a store that went back in time', () => {
  let world: OutgrownWorld;
  beforeAll(async () => {
    world = await makeOutgrownWorld({ servers: 'none' });
    await world.start('pf', 'sp');
  });
  afterAll(() => world?.close());

  const files = (role: 'sp' | 'pf') => {
    const folder = world.env(role)['JITSUIN_DATA_DIR'] ?? '';
    const names = ['', '-wal', '-shm'].map((end) => `${role}.sqlite3${end}`);
    return { names, folder, kept: join(folder, '..', `${role}-kept`) };
  };
  const keep = (role: 'sp' | 'pf') => {
    const { names, folder, kept } = files(role);
    rmSync(kept, { recursive: true, force: true });
    mkdirSync(kept);
    for (const name of names)
      if (existsSync(join(folder, name))) copyFileSync(join(folder, name), join(kept, name));
  };
  const putBack = (role: 'sp' | 'pf') => {
    const { names, folder, kept } = files(role);
    for (const name of names) {
      rmSync(join(folder, name), { force: true });
      if (existsSync(join(kept, name))) copyFileSync(join(kept, name), join(folder, name));
    }
  };

  it('of the sp: a submission that it forgot is found at the operator by its id, and the verdict comes', async () => {
    const application = await submitted(world.sp, DOCUMENT);
    await sign(new Browser(), application.sign_url ?? '');
    await world.stop('sp');
    keep('sp');
    await world.start('sp', 'sp-worker', 'pf-worker');
    expect((await ended(world.sp, application.id)).state).toBe('decided');
    await world.stop('sp', 'sp-worker');

    putBack('sp');
    await world.start('sp');
    expect((await applicationOf(world.sp, application.id)).state).toBe('authorized');
    await world.start('sp-worker');
    const again = await ended(world.sp, application.id);
    expect(again).toMatchObject({ state: 'decided', verdict: { indication: 'TOTAL-PASSED' } });
    expect(world.logLines.filter((line) => line.includes('application.submission-known'))).toHaveLength(1);
    await world.stop('pf-worker', 'sp-worker');
  });

  it('of the pf: a submission that it forgot is handed in again by the sp that still holds the bundle', async () => {
    await world.stop('pf');
    keep('pf');
    await world.start('pf', 'sp-worker');
    const application = await submitted(world.sp, DOCUMENT);
    await sign(new Browser(), application.sign_url ?? '');
    await until(async () => (await applicationOf(world.sp, application.id)).state === 'submitted');
    await world.stop('pf');

    putBack('pf');
    await world.start('pf', 'pf-worker');
    expect(await ended(world.sp, application.id)).toMatchObject({
      ...{ state: 'decided', verdict: { indication: 'TOTAL-PASSED' } },
    });
    expect(world.logLines.some((line) => line.includes('application.submission-lost'))).toBe(true);
  });
});
