import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');
const tsc = join(root, 'node_modules/typescript/bin/tsc');
const folder = mkdtempSync(join(tmpdir(), 'jitsuin-consumer-'));

/** A program of somebody who installed the package. */
const CONSUMER = `
import { createSpClient, each, isProblem, type sp } from 'jitsuin/client';
import { verifyWebhook } from 'jitsuin/client/webhooks';
const client = createSpClient({ baseUrl: 'https://rp.example', bearer: 'jk' });
export async function run(): Promise<sp.Application> {
  for await (const { id } of each(client.listApplications, { state: 'decided' })) id.length;
  const event = await verifyWebhook(new Headers(), '', 'whsec_');
  if (isProblem(event, 'http.rate')) event.problem.retryAfter;
  return client.createApplication({ body: '<a/>' }, { signal: AbortSignal.timeout(1) });
}
`;

const MISTAKES = [
  ['a state that there is not', "{ state: 'decided' }", "{ state: 'done' }", 'TS2322'],
  ['no body', "{ body: '<a/>' }", '{}', 'TS2741'],
  ['a code that there is not', "'http.rate'", "'http.late'", 'TS2345'],
  ['a role’s operation at another role', 'createApplication', 'readEvidence', 'TS2339'],
] as const;

/** One run of the compiler over the right program and all wrong ones; what it says of each file, by name. */
function compile(sources: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  for (const [file, source] of Object.entries(sources)) writeFileSync(join(folder, file), source);
  const options = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--module', 'nodenext'];
  const libraries = ['--target', 'es2023', '--lib', 'es2023,dom', '--types', ''];
  const done = spawnSync(process.execPath, [tsc, ...options, ...libraries, ...Object.keys(sources)], {
    cwd: folder,
    encoding: 'utf8',
  });
  const linesOf = (file: string) => done.stdout.split('\n').filter((line) => line.startsWith(`${file}(`));
  const foreign = done.stdout
    .split('\n')
    .filter((line) => / error TS/.test(line) && !/^\w+\.ts\(/.test(line));
  return new Map([
    ...Object.keys(sources).map((file) => [file, linesOf(file).join('\n')] as const),
    ['elsewhere', foreign.join('\n')],
  ]);
}

let said: ReadonlyMap<string, string>;
beforeAll(() => {
  if (!existsSync(join(root, 'dist/src/client/index.js'))) throw new Error('run "npm run build" first');
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules/jitsuin'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const wrong = MISTAKES.map(([, right, mistake], index) => [
    `wrong${index}.ts`,
    CONSUMER.replace(right, mistake),
  ]);
  said = compile({ 'consumer.ts': CONSUMER, ...Object.fromEntries(wrong) });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('jitsuin/client as a package', { timeout: 60_000 }, () => {
  it('has types that a strict program compiles with, without the types of Node', () => {
    expect([said.get('consumer.ts'), said.get('elsewhere')]).toEqual(['', '']);
  });

  it.each(MISTAKES.map((mistake, index) => [mistake[0], index, mistake] as const))(
    'refuses at compile time: %s',
    (_name, index, [, right, , error]) => {
      expect(CONSUMER).toContain(right);
      expect(said.get(`wrong${index}.ts`)).toContain(error);
    },
  );

  it('runs where it is installed, and its inside cannot be reached', () => {
    const script = `import { createSpClient } from 'jitsuin/client';
      console.log(typeof createSpClient({ baseUrl: 'https://a.example', bearer: 'b' }).createApplication);
      await import('jitsuin/dist/src/core/errors.js').catch((e) => console.log(e.code));`;
    const done = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(done.stdout.split('\n')).toEqual(['function', 'ERR_PACKAGE_PATH_NOT_EXPORTED', '']);
  });

  it('imports nothing but its own files', () => {
    const files = readdirSync(join(root, 'dist/src/client'), { recursive: true, encoding: 'utf8' });
    const scripts = files.filter((name) => name.endsWith('.js'));
    const imported = scripts.flatMap((name) =>
      [...readFileSync(join(root, 'dist/src/client', name), 'utf8').matchAll(/from '([^'.][^']*)'/g)].map(
        ([, from]) => from,
      ),
    );
    expect(scripts.length).toBeGreaterThan(5);
    expect(imported).toEqual([]);
  });
});
