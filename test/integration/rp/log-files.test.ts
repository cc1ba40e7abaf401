import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { examineLogFolder } from '../../../src/cli/doctor/machine.ts';
import { readSpConfig } from '../../../src/config/sp.ts';
import { openPf } from '../../../src/roles/pf/wiring.ts';
import { startSp } from '../../../src/roles/sp/main.ts';
import { startSpWorker } from '../../../workers/sp/main.ts';
import { type PfWorld, startPfWorld } from '../../support/pf-world.ts';
import { type RpWorld, startRpWorld } from './world.ts';

let world: RpWorld;
let pfWorld: PfWorld;
let directory: string;

beforeAll(async () => {
  world = await startRpWorld('sp');
  pfWorld = await startPfWorld();
  directory = join(pfWorld.folder, 'logs');
});
beforeEach(() => rmSync(directory, { recursive: true, force: true }));
afterAll(async () => {
  await world.close();
  await pfWorld.close();
});

const spEnv = () => ({ ...world.env('sp'), JITSUIN_PORT: '0', JITSUIN_LOG_DIR: directory });
const eventsOf = (name: string) =>
  readFileSync(join(directory, name), 'utf8')
    .trim()
    .split('\n')
    .map((line): Record<string, unknown> => JSON.parse(line));

describe('JITSUIN_LOG_DIR', () => {
  it('server and worker of an sp write a file each, for the owner alone', async () => {
    const config = readSpConfig(spEnv());
    const server = await startSp(config);
    const worker = await startSpWorker(config);
    await worker.close();
    await server.close();
    const [ofServer = '', ofWorker = '', ...more] = readdirSync(directory).sort();
    expect(more).toEqual([]);
    expect(ofServer).toMatch(/^sp-\d{4}-\d{2}-\d{2}\.[0-9A-Za-z-]+\.log$/);
    expect(ofWorker).toMatch(/^sp-worker-\d{4}-\d{2}-\d{2}\.[0-9A-Za-z-]+\.log$/);
    expect(statSync(join(directory, ofServer)).mode & 0o777).toBe(0o600);
    expect(eventsOf(ofServer)).toContainEqual(
      expect.objectContaining({ role: 'sp', event: 'server.listening' }),
    );
    expect(examineLogFolder(config.log)).toMatchObject({ check: 'log', state: 'passed' });
  });

  it.each(['pf', 'pf-worker'] as const)(
    '%s writes its file, with the level that was asked for',
    async (part) => {
      const log = { level: 'error', days: 30, directory } as const;
      const pf = await openPf({ ...pfWorld.config, log }, part, pfWorld.url, { clock: pfWorld.clock });
      pf.operator.log.warn('quiet');
      pf.operator.log.error('sweep.failed', { count: 1 });
      await pf.close();
      const names = readdirSync(directory);
      expect(names).toHaveLength(1);
      expect(eventsOf(names[0] ?? '')).toEqual([
        { level: 'error', time: expect.any(String), role: part, event: 'sweep.failed', count: 1 },
      ]);
    },
  );

  it('a folder that cannot be one stops the start with the variable’s name; the doctor says so too', async () => {
    writeFileSync(directory, 'a file in the way');
    const config = readSpConfig(spEnv());
    await expect(startSp(config)).rejects.toMatchObject({ code: 'config.invalid', at: 'JITSUIN_LOG_DIR' });
    expect(examineLogFolder(config.log)).toMatchObject({ state: 'failed', code: 'config.invalid' });
  });
});
