import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { VERSION } from '../../src/core/version.ts';
import { findEngine, root } from './support/engine.ts';
import { until } from './support/stack.ts';
import { Table } from './support/table.ts';

const engine = findEngine();
const TARGETS = ['everything', 'sp', 'pf', 'gov'] as const;
/** Time zones before and behind, by a half hour, and of another day. */
const ZONES = { everything: 'Asia/Tokyo', sp: 'America/St_Johns', pf: 'Pacific/Kiritimati', gov: 'UTC' };
const VOLUME = 'jitsuin-image-test';
/** As OpenShift starts it: a user that no image knows, in group 0. */
const ANYBODY = '1234567:0';
const WITHIN = [
  ...['--read-only', '--tmpfs', '/tmp', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
  ...['--memory', '512m', '--user', ANYBODY],
  ...['--sysctl', 'net.ipv6.conf.all.disable_ipv6=1', '--volume', `${VOLUME}:/data`],
];

describe.skipIf(engine === undefined)('the images', { timeout: 900_000 }, () => {
  if (engine === undefined) return;
  const table = new Table('the images');
  const image = (target: string) => `jitsuin-image-test:${target}`;
  const started: string[] = [];
  const start = async (name: string, ...args: readonly string[]) => {
    started.push(name);
    await engine.docker('run', '--detach', '--name', name, ...WITHIN, ...args);
  };
  const healthy = (name: string) =>
    until(`${name} is healthy`, async () => {
      return (await engine.docker('inspect', '-f', '{{.State.Health.Status}}', name)).trim() === 'healthy';
    });

  beforeAll(() => engine.docker('volume', 'create', VOLUME));
  afterAll(async () => {
    table.print();
    for (const name of started) await engine.docker('rm', '--force', name);
    await engine.docker('volume', 'rm', '--force', VOLUME);
  });

  for (const target of TARGETS)
    table.row(`${target} is built, from nothing or from the cache`, async () => {
      await engine.build(target, image(target), '--build-arg', 'REVISION=abc', root);
    });

  for (const target of TARGETS)
    table.row(
      `${target}: version, number of its user, labels, health check, nothing that beats an env file`,
      async () => {
        expect((await engine.docker('run', '--rm', ...WITHIN, image(target), '--version')).trim()).toBe(
          VERSION,
        );
        const [{ Config }] = JSON.parse(await engine.docker('inspect', image(target))) as [
          {
            Config: {
              User: string;
              Env: string[];
              Labels: Record<string, string>;
              Healthcheck: { Test: string[] };
            };
          },
        ];
        expect(Config.User).toMatch(/^\d+$/);
        expect(Config.Labels).toMatchObject({
          'org.opencontainers.image.version': VERSION,
          'org.opencontainers.image.revision': 'abc',
          'org.opencontainers.image.licenses': 'Apache-2.0',
        });
        expect(Config.Healthcheck.Test.at(-1)).toBe('health');
        expect(Config.Env.filter((line) => line.startsWith('JITSUIN_'))).toEqual([]);
      },
    );

  table.row(
    'that of an sp holds its program and no other, and no package of a verifier or a simulator',
    async () => {
      const list = async (target: string, folder: string) =>
        (await engine.docker('run', '--rm', '--entrypoint', 'ls', image(target), folder)).trim().split('\n');
      expect(await list('sp', '/app/dist')).toEqual(['sp']);
      expect(await list('sp', '/app/dist/sp/src')).not.toContain('verifier');
      const modules = await list('sp', '/app/node_modules');
      const named = JSON.parse(readFileSync(resolve(root, 'dist/sp/package.json'), 'utf8')) as {
        dependencies: object;
      };
      for (const name of Object.keys(named.dependencies).filter((each) => !each.startsWith('@')))
        expect(modules).toContain(name);
      for (const name of ['pkijs', 'xml-crypto', 'typescript', 'vitest']) expect(modules).not.toContain(name);
      expect(await list('everything', '/app/dist/src')).toContain('verifier');
    },
  );

  table.row('a missing file and a file that would drive the runtime end with words of ours', async () => {
    const run = (...args: readonly string[]) => engine.docker('run', '--rm', ...WITHIN, ...args);
    const missing = run(image('sp'), 'serve', '--env-file', '/nowhere.env');
    await expect(missing).rejects.toThrow(/jitsuin-sp serve: .*\/nowhere\.env/);
    const write =
      "require('fs').writeFileSync('/data/own.env', 'NODE_OPTIONS=--inspect\\n', { mode: 0o600 })";
    await run('--entrypoint', 'node', image('sp'), '-e', write);
    await expect(run(image('sp'), 'serve', '--env-file', '/data/own.env')).rejects.toThrow('NODE_OPTIONS');
  });

  table.row('a world is made by anybody, read-only', async () => {
    const init = ['init', '--dir', '/data/world', '--host', '0.0.0.0'];
    await engine.docker('run', '--rm', ...WITHIN, image('everything'), ...init);
  });

  const program = { everything: 'simulator', sp: 'sp', pf: 'pf', gov: 'gov' } as const;
  for (const target of ['everything', 'pf', 'sp', 'gov'] as const)
    table.row(
      `${program[target]} of ${target} works read-only, without capabilities, as anybody, in 512 MB, without IPv6, in ${ZONES[target]}`,
      async () => {
        const name = `jitsuin-image-${target}`;
        const port = { everything: 8090, pf: 8083, sp: 8081, gov: 8082 }[target];
        const verb = target === 'everything' ? ['--role', 'simulator'] : ['--with-worker'];
        const settings = ['--env', `TZ=${ZONES[target]}`, '--env', `JITSUIN_PORT=${port}`];
        const file = ['--env-file', `/data/world/${program[target]}.env`];
        await start(name, ...settings, image(target), 'serve', ...verb, ...file);
        if (target === 'everything') {
          const said = `fetch('http://127.0.0.1:${port}/').then(({ status }) => console.log(status))`;
          await until('the simulator answers', async () =>
            /^[2-4]\d\d/.test(await engine.docker('exec', name, 'node', '-e', said)),
          );
        } else await healthy(name);
        const [uid, zone, ipv6] = await Promise.all([
          engine.docker('exec', name, 'id', '-u'),
          engine.docker('exec', name, 'node', '-p', 'Intl.DateTimeFormat().resolvedOptions().timeZone'),
          engine.docker('exec', name, 'cat', '/proc/sys/net/ipv6/conf/all/disable_ipv6'),
        ]);
        expect([uid.trim(), zone.trim(), ipv6.trim()]).toEqual(['1234567', ZONES[target], '1']);
        await expect(engine.docker('exec', name, 'touch', '/x')).rejects.toThrow('Read-only');
        expect((await engine.docker('inspect', '-f', '{{.HostConfig.Memory}}', name)).trim()).toBe(
          '536870912',
        );
      },
    );

  table.row('the folder that the env file names is written to, and not the image’s', async () => {
    const kept = await engine.docker('exec', 'jitsuin-image-sp', 'ls', '/data', '/data/world/sp');
    expect(kept).toContain('sp.sqlite3');
    expect(kept.split('/data/world/sp')[0]).not.toContain('sqlite3');
  });

  table.row('each ends before SIGKILL, and says so by its status', async () => {
    for (const target of TARGETS) {
      const name = `jitsuin-image-${target}`;
      const began = Date.now();
      await engine.docker('stop', '--time', '30', name);
      expect(Date.now() - began, name).toBeLessThan(30_000);
      expect([name, (await engine.docker('inspect', '-f', '{{.State.ExitCode}}', name)).trim()]).toEqual([
        name,
        '0',
      ]);
    }
  });
});
