// Brings EU DSS, at the version that test/support/java/dss-pom.xml pins, with all that it needs to .ci/dss: Maven
// Central has it. CI runs this; where it cannot be had, test/integration/stock-tools/dss.test.ts says that it did not run.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = `${root}.ci/dss`;
if (existsSync(`${folder}/dss-xades-6.4.jar`)) process.exit(0);
const { status } = spawnSync(
  'mvn',
  [
    ...['-q', '-f', `${root}test/support/java/dss-pom.xml`],
    'org.apache.maven.plugins:maven-dependency-plugin:2.8:copy-dependencies',
    ...[`-DoutputDirectory=${folder}`, '-DincludeScope=runtime'],
  ],
  { stdio: ['ignore', 'ignore', 'inherit'] },
);
if (status !== 0) {
  // half of it would look like all of it the next time
  rmSync(folder, { recursive: true, force: true });
  console.error(`EU DSS could not be had (mvn ended with ${status ?? 'no such program'})`);
}
process.exit(status === 0 ? 0 : 1);
