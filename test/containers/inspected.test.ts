import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { findEngine, root } from './support/engine.ts';
import { InspectingProxy } from './support/inspecting-proxy.ts';
import { Table } from './support/table.ts';

const engine = findEngine();
const IMAGE = 'jitsuin-inspected-test';
const SECRET = '/run/secrets/ca';

describe.skipIf(engine === undefined)(
  'an image behind a company’s TLS inspection',
  { timeout: 900_000 },
  () => {
    if (engine === undefined) return;
    const table = new Table('behind TLS inspection');
    const folder = mkdtempSync(join(tmpdir(), 'jitsuin-inspected-'));
    const context = join(folder, 'context');
    let proxy: InspectingProxy;

    beforeAll(async () => {
      const subnet = await engine.docker(
        ...['network', 'inspect', '-f', '{{(index .IPAM.Config 0).Subnet}}', 'bridge'],
      );
      // Docker's own bridge has the first address of its subnet, and this machine is there
      proxy = await InspectingProxy.open(folder, subnet.replace(/\.0\/.*\s*$/, '.1'));
      for (const name of ['package-lock.json', 'Dockerfile', 'tsconfig.json', 'tsconfig.build.json'])
        cpSync(join(root, name), join(context, name));
      for (const name of ['scripts', 'src', 'workers', 'samples/applications'])
        cpSync(join(root, name), join(context, name), { recursive: true });
      // one octet more than any build before had: nothing of it is in the engine's cache
      const own = readFileSync(join(root, 'package.json'), 'utf8');
      writeFileSync(join(context, 'package.json'), `${own}${' '.repeat(1 + (Date.now() % 100_000))}\n`);
    });
    afterAll(async () => {
      table.print();
      await proxy.close();
      await engine.docker('rmi', '--force', IMAGE).catch(() => undefined);
      rmSync(folder, { recursive: true, force: true });
    });

    const build = (...args: readonly string[]) =>
      engine.build('sp', IMAGE, '--build-arg', `HTTPS_PROXY=${proxy.url}`, ...args, context);

    table.row('without its CA nothing is installed, and npm names the certificate', async () => {
      await expect(build()).rejects.toThrow(/CERT|certificate/i);
      expect(proxy.connections).toBeGreaterThan(0);
      expect([...proxy.opened]).toEqual([]);
    });

    table.row(
      'with its CA as a build secret the image is built, from the registry through the proxy',
      async () => {
        const before = proxy.connections;
        await build('--secret', `id=ca,src=${proxy.authority}`);
        expect(proxy.connections).toBeGreaterThan(before);
        // it read what was said inside
        expect(proxy.opened.size).toBeGreaterThan(0);
        expect([...proxy.opened].filter((line) => !/^(GET|POST) \//.test(line))).toEqual([]);
      },
    );

    table.row('neither CA nor proxy stays in the image', async () => {
      const [history, [inspected]] = [
        await engine.docker('history', '--no-trunc', '--format', '{{.CreatedBy}}', IMAGE),
        JSON.parse(await engine.docker('inspect', IMAGE)) as [{ Config: { Env: readonly string[] } }],
      ];
      const mark = readFileSync(proxy.authority, 'utf8').split('\n')[1] ?? '';
      for (const text of [history, JSON.stringify(inspected)]) {
        expect(text).not.toContain(proxy.url);
        expect(text).not.toContain(mark);
      }
      const look = `ls ${SECRET} 2>/dev/null; grep -rl '${mark.slice(0, 40)}' /app/package.json /etc /run 2>/dev/null; true`;
      expect(await engine.docker('run', '--rm', '--entrypoint', 'sh', IMAGE, '-c', look)).toBe('');
      expect(inspected.Config.Env.filter((line) => /proxy/i.test(line))).toEqual([]);
    });
  },
);
