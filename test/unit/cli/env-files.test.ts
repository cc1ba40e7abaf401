import { describe, expect, it } from 'vitest';
import { envOf } from '../../../src/cli/world/env-files.ts';
import type { WorldOptions } from '../../../src/cli/world/world-options.ts';
import { settingFaults } from '../../../src/config/read.ts';
import { VARIABLES } from '../../../src/config/table.ts';
import { ALL_ROLES } from '../../../src/config/variable.ts';

const OPTIONS: WorldOptions = {
  dir: '/world',
  seed: 'seed',
  host: '127.0.0.1',
  simulatorUrl: 'http://localhost:8090',
  spUrl: 'http://localhost:8081',
  govUrl: 'http://localhost:8082',
  pfUrl: 'http://localhost:8083',
  consolePorts: { pf: 8093, gov: 8092, sp: 8094 },
  databaseUrl: 'postgres://u@127.0.0.1/x',
  redisUrl: 'redis://127.0.0.1/',
  sharedServersName: 'shared',
};
const NAMES = [...VARIABLES.keys()];

describe('the .env files of a simulated world come from the table of settings', () => {
  it.each(ALL_ROLES)(
    '%s: names that the role reads, values of their kind, in the order of the table',
    (role) => {
      const text = envOf(role, '/world', OPTIONS);
      const lines = text.split('\n');
      const settings = lines.filter((line) => line !== '' && !line.startsWith('#'));
      expect(settings.length).toBeGreaterThan(4);
      const env: Record<string, string> = {};
      for (const line of settings) {
        const [, name = '', value = ''] = /^([A-Z_]+)=(.*)$/.exec(line) ?? [];
        const declared = VARIABLES.get(name);
        expect(declared?.roles, name).toContain(role);
        expect(lines[lines.indexOf(line) - 1], name).toBe(`# ${declared?.means.en}`);
        env[name] = value;
      }
      expect(Object.keys(env)).toEqual(NAMES.filter((name) => name in env));
      expect(settingFaults(role, env)).toEqual([]);
    },
  );

  it('what was chosen stands in it, and what was not does not', () => {
    const text = envOf('pf', '/world', OPTIONS);
    expect(text).toContain('\nDATABASE_URL=postgres://u@127.0.0.1/x\n');
    expect(text).toContain('\nJITSUIN_DATABASE_SCHEMA=shared_pf\n');
    const { databaseUrl: _url, redisUrl: _redis, ...alone } = OPTIONS;
    expect(envOf('pf', '/world', alone)).not.toContain('DATABASE_URL');
  });
});
