// Brings the real helm, and the kubectl beside it, for the tests of samples/helm to .ci/helm: the npm registry has both inside the package
// that the CDK of AWS uses (Linux, x64). CI runs this; where it cannot be had, the tests say that they did not run.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PACKAGE = '@aws-cdk/asset-kubectl-v20@2.1.4';
const folder = fileURLToPath(new URL('../.ci/helm', import.meta.url));
const layer = `${folder}/node_modules/@aws-cdk/asset-kubectl-v20/lib/layer.zip`;

if (existsSync(`${folder}/helm/helm`)) process.exit(0);
run('npm', [
  'install',
  '--prefix',
  folder,
  '--no-save',
  '--no-audit',
  '--no-fund',
  '--loglevel=error',
  PACKAGE,
]);
run('python3', ['-m', 'zipfile', '-e', layer, folder]);
run('chmod', ['+x', `${folder}/helm/helm`, `${folder}/kubectl/kubectl`]);

function run(command, args) {
  const done = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (done.status !== 0) {
    console.error(`helm could not be had (${command} ended with ${done.status})`);
    process.exit(1);
  }
}
