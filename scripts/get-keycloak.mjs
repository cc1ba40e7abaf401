// Brings Keycloak for the test of samples/brokers to .ci/keycloak: the distribution from Maven Central (176 MB), held to
// its SHA-256, and built once for a database in its own folder (a minute or two). It runs with Java 17 or newer. CI runs
// this; where it cannot be had, the test says that it did not run.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

const VERSION = '26.7.3';
const SHA256 = '27a6535553c3cdcd083872ba40629efafb3475e3b758e0c6f691395561dd0f1f';
const NAME = 'keycloak-quarkus-dist';
const FOLDER = `https://repo1.maven.org/maven2/org/keycloak/${NAME}/${VERSION}`;
const LIMIT_MILLIS = 600_000;
const folder = fileURLToPath(new URL('../.ci/keycloak', import.meta.url));
const making = `${folder}.making`;
const zip = `${making}/keycloak.zip`;

if (existsSync(`${folder}/bin/kc.sh`)) process.exit(0);
try {
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { recursive: true });
  const answer = await fetch(`${FOLDER}/${NAME}-${VERSION}.zip`, {
    signal: AbortSignal.timeout(LIMIT_MILLIS),
  });
  if (!answer.ok || answer.body === null) throw new Error(`Maven Central answers ${answer.status}`);
  await pipeline(answer.body, createWriteStream(zip));
  const came = createHash('sha256');
  await pipeline(createReadStream(zip), came);
  if (came.digest('hex') !== SHA256) throw new Error('the file that came is not the one that was pinned');
  run('python3', ['-m', 'zipfile', '-e', zip, making]);
  run('sh', [`${making}/keycloak-${VERSION}/bin/kc.sh`, 'build', '--db=dev-file', '--cache=local']);
  rmSync(folder, { recursive: true, force: true });
  renameSync(`${making}/keycloak-${VERSION}`, folder);
} catch (thrown) {
  console.error(`Keycloak could not be had (${thrown instanceof Error ? thrown.message : thrown})`);
  process.exitCode = 1;
} finally {
  rmSync(making, { recursive: true, force: true });
}

function run(command, args) {
  const done = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'], timeout: LIMIT_MILLIS });
  if (done.status !== 0) throw new Error(`${command} ended with ${done.status ?? 'no such program'}`);
}
