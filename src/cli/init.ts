import { parseArgs } from 'node:util';
import { defined } from '../core/defined.ts';
import { type Command, UsageError } from './command.ts';
import { createWorld } from './world/create-world.ts';
import { worldPlaces } from './world/world-places.ts';
import { isSameWorld, recordWorld } from './world/world-record.ts';

const OPTIONS = {
  dir: { type: 'string', default: 'world' },
  host: { type: 'string', default: '127.0.0.1' },
  seed: { type: 'string', default: 'jitsuin' },
  'simulator-url': { type: 'string', default: 'http://localhost:8090' },
  'sp-url': { type: 'string', default: 'http://localhost:8081' },
  'gov-url': { type: 'string', default: 'http://localhost:8082' },
  'pf-url': { type: 'string', default: 'http://localhost:8083' },
  'console-ports': { type: 'string', default: '8093,8092' },
  'database-url': { type: 'string' },
  'redis-url': { type: 'string' },
  apart: { type: 'boolean', default: false },
  'if-missing': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

export const init: Command = {
  name: 'init',
  usage: `Usage: jitsuin init [--dir DIR] [OPTION…]

Writes one .env file per role (simulator, sp, gov, pf) for "--env-file", with fresh keys beside them (mode 600), the
simulator's trust anchors, and an API key for sp and gov each. An existing world is never overwritten.

  --dir DIR              the folder (default: world)
  --host HOST            where the parts listen (default: 127.0.0.1)
  --simulator-url, --sp-url, --gov-url, --pf-url URL
                         public URLs; their ports are the ports listened on (defaults: http://localhost:8090, 8081, 8082, 8083)
  --console-ports PF,GOV ports of the operator's consoles on this machine (default: 8093,8092)
  --database-url URL     PostgreSQL instead of the embedded SQLite files; each role has a schema of its own
  --redis-url URL        BullMQ on Redis instead of the SQL queue
  --apart                each role's folder holds all that it needs and can be mounted alone (its .env and trust anchors too; API
                         keys lie in callers/); with --database-url each role gets an account of its own at PostgreSQL
                         (postgres/roles.sql, to be run when the database is made) and at Redis (redis/users.acl)
  --if-missing           succeed without doing anything where this world, made with the same options, is there already;
                         a world of other options is still refused, and named
  --seed SEED            people, cards and certificates of the simulator come from it (default: jitsuin)
  --json                 print what was written as JSON`,
  async run(args, io) {
    const { values } = parseArgs({ args: [...args], options: OPTIONS });
    const { json, 'if-missing': ifMissing, ...settings } = values;
    for (const name of ['simulator-url', 'sp-url', 'gov-url', 'pf-url'] as const) {
      if (!URL.canParse(values[name]) || values[name].endsWith('/')) {
        throw new UsageError(`--${name} must be a URL without a trailing slash, not "${values[name]}".`);
      }
    }
    const layout = values.apart ? 'apart' : 'together';
    const { callers } = worldPlaces(values.dir, layout);
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
};

function consolePortsOption(text: string): { readonly pf: number; readonly gov: number } {
  const [, pf, gov] = /^([1-9][0-9]{0,4}),([1-9][0-9]{0,4})$/.exec(text) ?? [];
  if (pf === undefined || gov === undefined || pf === gov)
    throw new UsageError(`--console-ports must be two ports with a comma between them, not "${text}".`);
  return { pf: Number(pf), gov: Number(gov) };
}
