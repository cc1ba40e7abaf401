import { defined } from '../core/defined.ts';
import { type Command, UsageError } from './command.ts';
import { declareCommand, type OptionDeclarations } from './declare-command.ts';
import { createWorld } from './world/create-world.ts';
import { worldPaths } from './world/world-paths.ts';
import { isSameWorld, recordWorld } from './world/world-record.ts';

const OPTIONS = {
  dir: { type: 'string', value: 'DIR', default: 'world', means: 'the folder' },
  host: { type: 'string', value: 'HOST', default: '127.0.0.1', means: 'where the parts listen' },
  'simulator-url': publicUrl('http://localhost:8090'),
  'sp-url': publicUrl('http://localhost:8081'),
  'gov-url': publicUrl('http://localhost:8082'),
  'pf-url': publicUrl('http://localhost:8083'),
  'console-ports': {
    type: 'string',
    value: 'PF,GOV,SP',
    default: '8093,8092,8094',
    means: 'ports of the consoles on this machine',
  },
  'database-url': {
    type: 'string',
    value: 'URL',
    means: 'PostgreSQL instead of the embedded SQLite files; each role has a schema of its own',
  },
  'redis-url': { type: 'string', value: 'URL', means: 'BullMQ on Redis instead of the SQL queue' },
  apart: {
    type: 'boolean',
    means:
      "each role's folder holds all that it needs and can be mounted alone (its .env and trust " +
      'anchors too; API keys lie in callers/); with --database-url each role gets an account of ' +
      'its own at PostgreSQL (postgres/roles.sql, to be run when the database is made) and at ' +
      'Redis (redis/users.acl)',
  },
  'if-missing': {
    type: 'boolean',
    means:
      'succeed without doing anything where this world, made with the same options, is there ' +
      'already; a world of other options is still refused, and named',
  },
  seed: {
    type: 'string',
    value: 'SEED',
    default: 'jitsuin',
    means: 'people, cards and certificates of the simulator come from it',
  },
  json: { type: 'boolean', means: 'print what was written as JSON' },
} as const satisfies OptionDeclarations;

function publicUrl<const Url extends string>(url: Url) {
  const means = 'its public URL; the port is the one listened on';
  return { type: 'string', value: 'URL', default: url, means } as const;
}

export const init: Command = declareCommand({
  name: 'init',
  about: `Writes one .env file per role (simulator, sp, gov, pf) for "--env-file", with fresh keys beside them (mode
600), the simulator's trust anchors, and an API key for sp and gov each. An existing world is never overwritten.`,
  options: OPTIONS,
  async run(values, _operands, io) {
    const { json, 'if-missing': ifMissing, ...settings } = values;
    for (const name of ['simulator-url', 'sp-url', 'gov-url', 'pf-url'] as const) {
      if (!URL.canParse(values[name]) || values[name].endsWith('/')) {
        throw new UsageError(`--${name} must be a URL without a trailing slash, not "${values[name]}".`);
      }
    }
    const layout = values.apart ? 'apart' : 'together';
    const { callers } = worldPaths(values.dir, layout);
    if (ifMissing && isSameWorld(callers, settings)) {
      io.stdout(
        json ? `${JSON.stringify({ dir: values.dir, made: false })}\n` : 'This world is there already.\n',
      );
      return 0;
    }
    const world = await createWorld(
      defined({
        dir: values.dir,
        layout,
        seed: values.seed,
        host: values.host,
        simulatorUrl: values['simulator-url'],
        spUrl: values['sp-url'],
        govUrl: values['gov-url'],
        pfUrl: values['pf-url'],
        consolePorts: consolePortsOption(values['console-ports']),
        databaseUrl: values['database-url'],
        redisUrl: values['redis-url'],
      }),
    );
    const { envFiles, trustFile, dir } = world;
    recordWorld(callers, settings);
    if (json) io.stdout(`${JSON.stringify({ dir, envFiles, trustFile })}\n`);
    else {
      const lines = Object.entries(envFiles).map(([role, file]) => `  ${role.padEnd(10)}${file}\n`);
      io.stdout(
        `A simulated world was made in ${dir}:\n${lines.join('')}  ${'trust'.padEnd(10)}${trustFile}\n`,
      );
    }
    return 0;
  },
});

function consolePortsOption(text: string): {
  readonly pf: number;
  readonly gov: number;
  readonly sp: number;
} {
  const ports = text.split(',').map((port) => (/^[1-9][0-9]{0,4}$/.test(port) ? Number(port) : 0));
  const [pf = 0, gov = 0, sp = 0] = ports;
  if (ports.length !== 3 || ports.includes(0) || new Set(ports).size !== 3)
    throw new UsageError(`--console-ports must be three ports with commas between them, not "${text}".`);
  return { pf, gov, sp };
}
