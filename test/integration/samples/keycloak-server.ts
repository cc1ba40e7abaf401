import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './sample-process.ts';

/** What scripts/get-keycloak.mjs brings. */
const KEYCLOAK = join(root, '.ci/keycloak');
const REALM_FILE = join(root, 'samples/brokers/keycloak-realm.json');
const START_LIMIT_MILLIS = 180_000;

export function hasKeycloak(): boolean {
  return existsSync(join(KEYCLOAK, 'bin/kc.sh'));
}

export const ADMIN = { username: 'admin', password: 'a-password-of-this-test' } as const;

interface KeycloakServer {
  /** Everything that it wrote. */
  readonly output: () => string;
  close(): Promise<void>;
}

/**
 * Keycloak with samples/brokers/keycloak-realm.json, whose placeholders it fills in itself from `variables`; its
 * database is a new folder.
 */
export async function startKeycloak(
  port: number,
  realm: string,
  variables: Readonly<Record<string, string>>,
): Promise<KeycloakServer> {
  const home = mkdtempSync(join(tmpdir(), 'jitsuin-keycloak-'));
  for (const part of ['lib', 'conf', 'providers', 'themes'])
    symlinkSync(join(KEYCLOAK, part), join(home, part));
  mkdirSync(join(home, 'bin'));
  mkdirSync(join(home, 'data/import'), { recursive: true });
  // it takes the folder that it lies in for its home
  copyFileSync(join(KEYCLOAK, 'bin/kc.sh'), join(home, 'bin/kc.sh'));
  copyFileSync(REALM_FILE, join(home, `data/import/${realm}-realm.json`));
  const base = `http://127.0.0.1:${port}`;
  // alone, it opens no port for others of its cluster
  const args = ['start', '--optimized', '--import-realm', '--cache=local', '--http-enabled=true'];
  const at = ['--http-host=127.0.0.1', `--http-port=${port}`, `--hostname=${base}`];
  const child = spawn('sh', [join(home, 'bin/kc.sh'), ...args, ...at], {
    env: {
      PATH: process.env['PATH'],
      JAVA_OPTS_KC_HEAP: '-Xms64m -Xmx512m',
      KC_BOOTSTRAP_ADMIN_USERNAME: ADMIN.username,
      KC_BOOTSTRAP_ADMIN_PASSWORD: ADMIN.password,
      ...variables,
    },
    // the shell and its Java are one group, so that both end
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const take = (chunk: Buffer) => {
    output += chunk.toString('utf8');
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const close = async () => {
    await killed(child);
    rmSync(home, { recursive: true, force: true });
  };
  try {
    await answering(`${base}/realms/${realm}`, child);
  } catch (thrown) {
    await close();
    throw new Error(`Keycloak does not answer: ${output.slice(-4_000)}`, { cause: thrown });
  }
  return { output: () => output, close };
}

async function answering(url: string, child: ChildProcess): Promise<void> {
  const until = Date.now() + START_LIMIT_MILLIS;
  while (Date.now() < until && child.exitCode === null) {
    const status = await fetch(url).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200) return;
    await new Promise((done) => setTimeout(done, 500));
  }
  throw new Error(child.exitCode === null ? 'it took too long' : `it ended with ${child.exitCode}`);
}

function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return Promise.resolve();
  const { pid } = child;
  return new Promise((done) => {
    child.once('exit', () => done());
    process.kill(-pid, 'SIGKILL');
  });
}
