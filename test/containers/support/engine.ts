import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { notRunUnless } from '../../support/not-run.ts';

export const root = resolve(import.meta.dirname, '../../..');
const LIMIT = 900_000;
export const PROJECT = 'jitsuin-test';
/** An engine that pulls nothing has the base under its name alone, made by scripts/engine.sh. */
const MADE_HERE = 'node:24-bookworm-slim';

/** A container engine as the tests use it: `docker …` and compose, in the project's folder. */
export interface Engine {
  docker(...args: readonly string[]): Promise<string>;
  /** `docker build` of one target of `Dockerfile`. */
  build(target: string, tag: string, ...args: readonly string[]): Promise<string>;
  /** Compose in a project of the tests' own; `docker-compose.yml` as it is shipped. */
  compose(...args: readonly string[]): Promise<string>;
  /**
   * Commands of a document as they stand, in one folder that is empty at first, so that what a backup wrote can be put back:
   * `docker compose` is this engine's, with these options before.
   */
  script(commands: string, options: readonly string[]): Promise<string>;
}

/**
 * JITSUIN_TEST_ENGINE names a program that runs what stands behind `run` against an engine of its own (`engine.sh run docker …`,
 * with docker-compose); without it the machine's docker with its compose plugin is used. Undefined, said in one loud line, where
 * there is none; JITSUIN_REQUIRE_CONTAINERS=1 makes that a failure.
 */
export function findEngine(): Engine | undefined {
  const script = process.env['JITSUIN_TEST_ENGINE'];
  const prefix = script === undefined ? [] : [resolve(root, script), 'run'];
  const compose = script === undefined ? ['docker', 'compose'] : [...prefix, 'docker-compose'];
  const base = script === undefined ? [] : ['--build-arg', `NODE_IMAGE=${MADE_HERE}`];
  const [program = '', ...rest] = [...prefix, 'docker', 'info'];
  if (spawnSync(program, rest, { env: environment(), timeout: 20_000 }).status === 0) {
    const folder = mkdtempSync(join(tmpdir(), 'jitsuin-script-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    return {
      docker: (...args) => run([...prefix, 'docker', ...args]),
      build: (target, tag, ...args) =>
        run([...prefix, 'docker', 'build', ...base, '--target', target, '--tag', tag, ...args]),
      compose: (...args) => run([...compose, ...args]),
      script: (commands, options) => {
        const at = ['--project-directory', root, '-f', resolve(root, 'docker-compose.yml'), ...options];
        const ours = `docker() { shift; ${[...compose, ...at].join(' ')} "$@"; }`;
        return run(['bash', '-euc', `cd ${folder}\n${ours}\n${commands}`]);
      },
    };
  }
  notRunUnless(
    'JITSUIN_REQUIRE_CONTAINERS',
    'docker-compose.yml, Dockerfile and the chart in real containers',
    'no engine; scripts/engine.sh up, and JITSUIN_TEST_ENGINE=scripts/engine.sh',
  );
  return undefined;
}

function environment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    // Debian's client before any other: its BuildKit needs no plugin.
    PATH: `/usr/bin:/usr/sbin:${process.env['PATH'] ?? ''}`,
    DOCKER_BUILDKIT: '1',
    COMPOSE_DOCKER_CLI_BUILD: '1',
    COMPOSE_PROJECT_NAME: PROJECT,
    ...(process.env['JITSUIN_TEST_ENGINE'] === undefined ? {} : { NODE_IMAGE: MADE_HERE }),
  };
}

/** What the command printed to standard output. Rejects with all of its output when it fails. */
function run([program = '', ...args]: readonly string[]): Promise<string> {
  return new Promise((done, failed) => {
    const options = { cwd: root, env: environment(), timeout: LIMIT, maxBuffer: 64 * 1_048_576 };
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) done(stdout);
      else failed(new Error(`${args.join(' ')}: ${stdout.slice(-2_000)}${stderr.slice(-3_000)}`));
    });
  });
}
