import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../../../src/cli/demo/browser.ts';
import { ended, type RpWorld, sign, startRpWorld, submitted } from './world.ts';

const LOCKS = '/proc/locks';
/** SQLite's "I am attached": byte 128 of the index of the write-ahead log. */
const ATTACHED = 128;

/**
 * POSIX takes a process's locks on a file away with any close of it. A role that opens its database's files beside SQLite loses
 * them, and the next process to start cuts the shared index under it: the kill loop saw workers end by SIGBUS.
 */
describe.skipIf(!existsSync(LOCKS)).each(['sp', 'gov'] as const)('the locks of a running %s', (role) => {
  let world: RpWorld;
  beforeAll(async () => {
    world = await startRpWorld(role);
  });
  afterAll(() => world.close());

  const attached = () => {
    const { ino } = statSync(join(world.env(role)['JITSUIN_DATA_DIR'] ?? '', `${role}.sqlite3-shm`));
    const lines = readFileSync(LOCKS, 'utf8').split('\n');
    return lines.some((line) => line.includes(` ${process.pid} `) && line.includes(`:${ino} ${ATTACHED} `));
  };

  it('are there after its start and while it works', async () => {
    expect(attached()).toBe(true);
    const { id, sign_url } = await submitted(world, '<届出/>');
    await sign(new Browser(), sign_url ?? '');
    await ended(world, id, role === 'sp' ? 'fetched' : 'decided');
    expect(attached()).toBe(true);
  });
});
