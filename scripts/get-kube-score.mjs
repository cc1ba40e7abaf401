// Brings kube-score for the test of samples/helm to .ci/kube-score: compiled from the Go module proxy, which takes some
// minutes the first time. CI runs this; where it cannot be had (no go, or one that is too old), the test says that it
// did not run.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const MODULE = 'github.com/zegl/kube-score/cmd/kube-score@v1.20.0';
const folder = fileURLToPath(new URL('../.ci/kube-score', import.meta.url));

if (existsSync(`${folder}/kube-score`)) process.exit(0);
const env = { ...process.env, GOBIN: folder, GOFLAGS: '-mod=mod', CGO_ENABLED: '0' };
const done = spawnSync('go', ['install', MODULE], { env, stdio: ['ignore', 'ignore', 'inherit'] });
if (done.status !== 0) {
  console.error(`kube-score could not be had (go install ended with ${done.status ?? 'no go'})`);
  process.exit(1);
}
