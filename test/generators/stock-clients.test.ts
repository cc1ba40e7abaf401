import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../src/contracts/operations/of-role.ts';
import type { ApiRole } from '../../src/contracts/operations/operation.ts';
import { type CitizenWorld, startCitizenWorld } from '../browser/support/citizen-world.ts';
import { signWhereItSays, startSample } from '../integration/samples/sample-process.ts';
import { have, JAR, openWorkshop, PYTHON, root, tool } from './generated.ts';

/** What an API's developers do first: give our document to the generator of their language (issue 23). */
const ROLES: readonly ApiRole[] = ['sp', 'gov', 'pf'];
const DOCUMENT = join(root, 'samples/applications/xx-city-zz-application.xml');
const programs = join(import.meta.dirname, 'programs');
const shop = openWorkshop();
const GO = { GOFLAGS: '-mod=mod', CGO_ENABLED: '0' };

afterAll(() => shop.close());

/** Generates once for a role; gives the folder. */
const made = new Map<string, string>();
function generated(generator: string, role: ApiRole, ...more: readonly string[]): string {
  const folder = join(shop.folder, `${generator}-${role}`);
  if (made.has(folder)) return folder;
  const said = shop.run('java', [
    ...['-jar', JAR, 'generate', '-g', generator, '-i', shop.document(role), '-o', folder],
    ...more,
  ]);
  expect(said).not.toMatch(/ ERROR /);
  made.set(folder, said);
  return folder;
}

const goOf = (role: ApiRole) =>
  generated('go', role, '--git-host=example.com', '--git-user-id=jitsuin', '--git-repo-id=generated');

function classPath(java: string): string {
  const classes = join(java, 'target/class-path');
  shop.run(
    'mvn',
    [
      ...['-q', 'compile', 'dependency:build-classpath', '-Dmdep.includeScope=compile'],
      `-Dmdep.outputFile=${classes}`,
    ],
    java,
  );
  return `${join(java, 'target/classes')}:${readFileSync(classes, 'utf8').trim()}`;
}

/** Each operation of the role is there under a name that the language gives it. */
function expectEveryOperation(role: ApiRole, source: string): void {
  const plain = source.toLowerCase().replaceAll('_', '');
  expect(OPERATIONS[role].map(({ id }) => id).filter((id) => !plain.includes(id.toLowerCase()))).toEqual([]);
}

function sourceIn(folder: string, extension: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(extension))
    .map((file) => `${file}\n${readFileSync(join(folder, file), 'utf8')}`)
    .join('\n');
}

describe.each(ROLES)('clients that stock generators make for %s', { timeout: 300_000 }, (role) => {
  it.runIf(have('openapi-generator (java)', JAR, 'java', 'mvn'))('openapi-generator, java: compiles', () => {
    const folder = generated('java', role);
    classPath(folder);
    expectEveryOperation(role, sourceIn(join(folder, 'src/main'), '.java'));
  });

  it.runIf(have('openapi-generator (go)', JAR, 'java', 'go'))('openapi-generator, go: compiles', () => {
    const folder = goOf(role);
    shop.run('go', ['build', '.'], folder, GO);
    expectEveryOperation(role, sourceIn(folder, '.go'));
  });

  it.runIf(have('openapi-generator (python)', JAR, PYTHON))('openapi-generator, python: imports', () => {
    const folder = generated('python', role);
    shop.run(
      PYTHON,
      ['-W', 'error', '-c', 'from openapi_client import *; from openapi_client.models import *'],
      folder,
    );
    expectEveryOperation(role, sourceIn(join(folder, 'openapi_client'), '.py'));
  });

  it.runIf(have('openapi-generator (typescript-fetch)', JAR))(
    'openapi-generator, typescript-fetch: compiles',
    () => {
      const folder = generated('typescript-fetch', role);
      const options = [
        '--noEmit',
        '--strict',
        '--module',
        'nodenext',
        '--target',
        'es2022',
        '--lib',
        'es2023,dom',
      ];
      writeFileSync(join(folder, 'package.json'), '{"type":"commonjs"}');
      shop.run(
        process.execPath,
        [join(root, 'node_modules/typescript/bin/tsc'), ...options, '--types', '', 'index.ts'],
        folder,
      );
      expectEveryOperation(role, sourceIn(folder, '.ts'));
    },
  );

  it.runIf(have('oapi-codegen', tool('bin/oapi-codegen'), 'go'))('oapi-codegen: compiles', () => {
    const folder = join(shop.folder, `oapi-codegen-${role}`);
    shop.run('go', ['mod', 'init', 'example.com/jitsuin/oapi'], folder, GO);
    const options = ['-generate', 'client,models', '-package', 'api', '-o', 'api.go', shop.document(role)];
    shop.run(tool('bin/oapi-codegen'), options, folder);
    shop.run('go', ['mod', 'tidy'], folder, GO);
    shop.run('go', ['build', '.'], folder, GO);
    expectEveryOperation(role, sourceIn(folder, '.go'));
  });

  it.runIf(have('ogen', tool('bin/ogen'), 'go'))('ogen: leaves nothing out, and compiles', () => {
    const folder = join(shop.folder, `ogen-${role}`);
    shop.run('go', ['mod', 'init', 'example.com/jitsuin/ogen'], folder, GO);
    shop.run(tool('bin/ogen'), ['-target', 'api', '-package', 'api', '-clean', shop.document(role)], folder);
    shop.run('go', ['mod', 'tidy'], folder, GO);
    shop.run('go', ['build', './api'], folder, GO);
    expectEveryOperation(role, sourceIn(folder, '.go'));
  });

  const openApiPython = tool('venv/bin/openapi-python-client');
  it.runIf(have('openapi-python-client', openApiPython))(
    'openapi-python-client: leaves nothing out, and imports',
    () => {
      // it knows no XML by itself; samples/guides/generated-clients.md says so, with this very file
      const config = join(root, 'samples/generated-clients/openapi-python-client.yaml');
      const folder = join(shop.folder, `openapi-python-client-${role}`);
      const said = shop.run(openApiPython, [
        'generate',
        '--path',
        shop.document(role),
        '--output-path',
        folder,
        '--config',
        config,
      ]);
      expect(said).not.toMatch(/WARNING|Unsupported/);
      shop.run(PYTHON, ['-m', 'compileall', '-q', folder]);
      shop.run(PYTHON, ['-c', 'import jitsuin_client.models'], folder);
      expectEveryOperation(role, sourceIn(folder, '.py'));
    },
  );
});

describe('a call with what was generated', { timeout: 300_000 }, () => {
  let world: CitizenWorld;
  beforeAll(async () => {
    world = await startCitizenWorld();
  });
  afterAll(() => world?.close());

  /** Runs the program, signs where it says, and sees it read the verdict and the code of a refusal. */
  async function signs(name: string, command: string, args: readonly string[], env = {}): Promise<void> {
    const access = { JITSUIN_URL: world.url, JITSUIN_API_KEY: world.apiKey, ...env };
    const sample = startSample(command, [...args, DOCUMENT], access);
    await signWhereItSays(sample);
    const { status, output } = await sample.ended();
    expect(output).toContain(`decided TOTAL-PASSED ${name}-1\nrefused: http.not-found\n`);
    expect(status).toBe(0);
  }

  it.runIf(have('create → poll in Java', JAR, 'java', 'mvn'))(
    'Java: create, sign, poll until decided',
    async () => {
      const path = classPath(generated('java', 'sp'));
      await signs('java', 'java', ['-cp', path, join(programs, 'CreateAndPoll.java')]);
    },
  );

  it.runIf(have('create → poll in Go', JAR, 'java', 'go'))(
    'Go: create, sign, poll until decided',
    async () => {
      const folder = goOf('sp');
      mkdirSync(join(folder, 'cmd'), { recursive: true });
      copyFileSync(join(programs, 'create_and_poll.go'), join(folder, 'cmd/main.go'));
      shop.run('go', ['build', '-o', 'create-and-poll', './cmd'], folder, GO);
      await signs('go', join(folder, 'create-and-poll'), []);
    },
  );

  it.runIf(have('create → poll in Python', JAR, PYTHON))(
    'Python: create, sign, poll until decided',
    async () => {
      const env = { PYTHONPATH: generated('python', 'sp') };
      await signs('python', PYTHON, ['-B', join(programs, 'create_and_poll.py')], env);
    },
  );
});

const DOCUMENTS = [...ROLES, 'simulator', 'console'] as const;

describe('linters', { timeout: 120_000 }, () => {
  const redocly = tool('node_modules/.bin/redocly');
  it.runIf(have('redocly', redocly)).each(DOCUMENTS)(
    'redocly finds nothing in the document of %s',
    (role) => {
      const said = shop.run(redocly, ['lint', '--extends=recommended', shop.document(role)]);
      expect(said).toContain('Your API description is valid');
      expect(said.slice(said.indexOf('validating'))).not.toMatch(/warning|error/i);
    },
  );

  const spectral = tool('node_modules/.bin/spectral');
  it.runIf(have('spectral', spectral)).each(DOCUMENTS)(
    'spectral finds nothing in the document of %s',
    (role) => {
      const ruleset = join(import.meta.dirname, 'spectral.yaml');
      const said = shop.run(spectral, [
        'lint',
        '--fail-severity=hint',
        '--ruleset',
        ruleset,
        shop.document(role),
      ]);
      expect(said).toContain('No results with a severity of');
    },
  );
});
