import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CitizenWorld, startCitizenWorld } from '../../browser/support/citizen-world.ts';
import { root, type SampleProcess, signWhereItSays, startSample, toolAvailable } from './sample-process.ts';

const FILE = join(root, 'samples/applications/xx-city-zz-application.xml');
const GO = '/usr/bin/go';
const PYTHON = process.env['JITSUIN_PYTHON'] ?? 'python3';

describe('callers in other languages', { timeout: 180_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'jitsuin-sample-callers-'));
  let world: CitizenWorld;
  beforeAll(async () => {
    world = await startCitizenWorld();
  });
  afterAll(async () => {
    await world?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const access = (apiKey = world.apiKey) => ({ JITSUIN_URL: world.url, JITSUIN_API_KEY: apiKey });
  const signs = async (sample: SampleProcess) => {
    await signWhereItSays(sample);
    const { status, output } = await sample.ended();
    expect(output).toContain('decided TOTAL-PASSED');
    expect(output).toMatch(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/m);
    expect(status).toBe(0);
  };

  const python = (file: string, apiKey?: string) =>
    startSample(PYTHON, ['-B', join(root, 'samples/python/sign.py'), file], {
      ...access(apiKey),
      POLL_SECONDS: '0.05',
    });

  it('samples/python signs from end to end', () => signs(python(FILE)));

  it('samples/python gives the stable code of a refusal', async () => {
    const { status, output } = await python(FILE, 'jk_nobody').ended();
    expect([status, output]).toEqual([1, expect.stringContaining('refused: http.authentication: ')]);
  });

  describe.skipIf(!toolAvailable(GO, 'go', 'apt-get install golang-go'))('samples/go', () => {
    const program = join(folder, 'sign');
    const env = {
      CGO_ENABLED: '0',
      GOFLAGS: '-mod=mod',
      GOCACHE: join(folder, 'go-cache'),
      GOPROXY: 'off',
    };
    const go = (...args: string[]) => startSample(GO, args, env, join(root, 'samples/go')).ended();
    let building: ReturnType<typeof go> | undefined;
    const run = async (apiKey?: string) => {
      building ??= go('build', '-o', program, '.');
      expect(await building).toEqual({ status: 0, output: '' });
      return startSample(program, [FILE], { ...access(apiKey), POLL_EVERY: '50ms' });
    };

    it('signs from end to end', async () => signs(await run()), 300_000);

    it('gives the stable code of a refusal', async () => {
      const { status, output } = await (await run('jk_nobody')).ended();
      expect([status, output]).toEqual([1, expect.stringContaining('401 http.authentication: ')]);
    }, 300_000);

    it('is as gofmt and go vet want it', async () => {
      expect(await startSample('/usr/bin/gofmt', ['-l', join(root, 'samples/go')], env).ended()).toEqual({
        ...{ status: 0, output: '' },
      });
      expect(await go('vet', './...')).toEqual({ status: 0, output: '' });
    });
  });
});
