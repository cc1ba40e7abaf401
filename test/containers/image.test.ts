import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VERSION } from '../../src/core/version.ts';
import { findEngine, root } from './support/engine.ts';
import { until } from './support/stack.ts';

const engine = findEngine();
const TARGETS = ['everything', 'sp', 'pf', 'gov'] as const;
const VOLUME = 'jitsuin-image-test';
/** As OpenShift starts it: a user that no image knows, in group 0. */
const ANYBODY = '1234567:0';
const WITHIN = [
  ...['--read-only', '--tmpfs', '/tmp', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
  ...['--memory', '512m', '--user', ANYBODY, '--env', 'TZ=Asia/Tokyo'],
  ...['--sysctl', 'net.ipv6.conf.all.disable_ipv6=1', '--volume', `${VOLUME}:/data`],
];

describe.skipIf(engine === undefined)('the images', { timeout: 900_000 }, () => {
  if (engine === undefined) return;
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

  beforeAll(async () => {
    for (const target of TARGETS)
      await engine.docker(
        'build',
        '--target',
        target,
        '--tag',
        image(target),
        '--build-arg',
        'REVISION=abc',
        root,
      );
    await engine.docker('volume', 'create', VOLUME);
  }, 900_000);
  afterAll(async () => {
    for (const name of started) await engine.docker('rm', '--force', name);
    await engine.docker('volume', 'rm', '--force', VOLUME);
  });

  it.each(TARGETS)(
    '%s: version, number of its user, labels, health check, nothing that beats an env file',
    async (target) => {
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

  it('that of an sp holds its program and no other, and no package of a verifier or a simulator', async () => {
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
  });

  it('a missing file and a file that would drive the runtime end with words of ours', async () => {
    const run = (...args: readonly string[]) => engine.docker('run', '--rm', ...WITHIN, ...args);
    const missing = run(image('sp'), 'serve', '--env-file', '/nowhere.env');
    await expect(missing).rejects.toThrow(/jitsuin-sp serve: .*\/nowhere\.env/);
    const write =
      "require('fs').writeFileSync('/data/own.env', 'NODE_OPTIONS=--inspect\\n', { mode: 0o600 })";
    await run('--entrypoint', 'node', image('sp'), '-e', write);
    await expect(run(image('sp'), 'serve', '--env-file', '/data/own.env')).rejects.toThrow('NODE_OPTIONS');
  });

  it('simulator, pf and sp do their work read-only, without capabilities, as anybody, in 512 MB, without IPv6', async () => {
    const init = ['init', '--dir', '/data/world', '--host', '0.0.0.0'];
    await engine.docker('run', '--rm', ...WITHIN, image('everything'), ...init);
    const role = (name: string, port: number) => [
      '--env',
      `JITSUIN_PORT=${port}`,
      image(name),
      'serve',
      '--with-worker',
    ];
    const file = (name: string) => ['--env-file', `/data/world/${name}.env`];
    await start('jitsuin-image-pf', ...role('pf', 8083), ...file('pf'));
    await start('jitsuin-image-sp', ...role('sp', 8081), ...file('sp'));
    await start('jitsuin-image-gov', ...role('gov', 8082), ...file('gov'));
    for (const name of ['pf', 'sp', 'gov']) await healthy(`jitsuin-image-${name}`);
    // the folder that the env file names, and not the image's
    const kept = await engine.docker('exec', 'jitsuin-image-sp', 'ls', '/data', '/data/world/sp');
    expect(kept).toContain('sp.sqlite3');
    expect(kept.split('/data/world/sp')[0]).not.toContain('sqlite3');
  });
});
