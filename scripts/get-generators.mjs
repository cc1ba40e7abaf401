// Brings the generators, linters and the fuzzer that stock clients of our API come from to .ci/generators, each at the
// version that test/generators is written for: Maven's, Go's, Python's and npm's own registries have them. CI runs this;
// what cannot be had (no mvn, a go that is too old) is named here, and its test says that it did not run.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../.ci/generators', import.meta.url));
mkdirSync(folder, { recursive: true });
const at = (path) => `${folder}/${path}`;
const go = (module) => [
  'go',
  ['install', module],
  { GOBIN: at('bin'), GOFLAGS: '-mod=mod', CGO_ENABLED: '0' },
];

const OPENAPI_GENERATOR = '7.25.0';
const missing = [
  bring('openapi-generator', `openapi-generator-cli-${OPENAPI_GENERATOR}.jar`, [
    'mvn',
    [
      '-q',
      'dependency:copy',
      `-Dartifact=org.openapitools:openapi-generator-cli:${OPENAPI_GENERATOR}`,
      `-DoutputDirectory=${folder}`,
    ],
  ]),
  bring(
    'oapi-codegen',
    'bin/oapi-codegen',
    go('github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2'),
  ),
  bring('ogen', 'bin/ogen', go('github.com/ogen-go/ogen/cmd/ogen@v1.25.0')),
  bring(
    'openapi-python-client and schemathesis',
    'venv/bin/st',
    ['python3', ['-m', 'venv', at('venv')]],
    [
      at('venv/bin/pip'),
      [
        'install',
        '--quiet',
        ...['openapi-python-client==0.29.1', 'schemathesis==4.32.5', 'ruff==0.14.6'],
        ...['urllib3>=2.1,<3', 'pydantic>=2', 'python-dateutil>=2.8.2'],
      ],
    ],
  ),
  bring('spectral and redocly', 'node_modules/.bin/redocly', [
    'npm',
    [
      'install',
      `--prefix=${folder}`,
      ...['--no-save', '--no-audit', '--no-fund', '--loglevel=error'],
      ...['@stoplight/spectral-cli@6.16.3', '@redocly/cli@2.77.0'],
    ],
  ]),
].filter((name) => name !== undefined);
process.exit(missing.length === 0 ? 0 : 1);

function bring(name, file, ...commands) {
  if (existsSync(at(file))) return undefined;
  for (const [command, args, env = {}] of commands) {
    const done = spawnSync(command, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (done.status === 0) continue;
    console.error(`${name} could not be had (${command} ended with ${done.status ?? 'no such program'})`);
    return name;
  }
  return undefined;
}
