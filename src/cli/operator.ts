import { parseArgs } from 'node:util';
import { systemClock } from '../adapters/clock.ts';
import { systemRandom } from '../adapters/random.ts';
import type { Store } from '../adapters/store/open-store.ts';
import { readConsoleConfig } from '../config/parts.ts';
import { type Invited, inviteAgain, inviteOperator } from '../operators/invite.ts';
import { OPERATOR_ROLES, type Operator, type OperatorRole } from '../ports/operator-store.ts';
import { type Command, type CommandIo, UsageError } from './command.ts';
import { withStore } from './storage-arguments.ts';

const HOUR = 3_600_000;
const LONGEST_HOURS = 168;

const USAGE = `  --at pf|gov   whose console (default: pf)
  --json        print JSON

The store is PostgreSQL at DATABASE_URL, else the SQLite file of the role in JITSUIN_DATA_DIR (default: ./data).`;

const OPTIONS = {
  at: { type: 'string', default: 'pf' },
  json: { type: 'boolean', default: false },
} as const;

export const operatorInvite: Command = {
  name: 'operator invite',
  usage: `Usage: jitsuin operator invite --role ${OPERATOR_ROLES.join('|')} --name NAME [--hours N] [--at pf|gov] [--json]
       jitsuin operator invite --again ID [--hours N] [--at pf|gov] [--json]

The link works once, and only its hash is stored: hand it over on a way that you trust. Administrators are invited here and
nowhere else; keys and tenants are changed by two of them, so invite two.

  --role ROLE   viewer looks on; operator works; auditor examines; administrator changes keys, tenants and people
  --name NAME   as colleagues know them
  --again ID    another passkey for an operator who is there (a second device, or a lost one)
  --hours N     how long the link works (default: 24, most: ${LONGEST_HOURS})
${USAGE}`,
  async run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        ...OPTIONS,
        role: { type: 'string' },
        name: { type: 'string' },
        again: { type: 'string' },
        hours: { type: 'string', default: '24' },
      },
    });
    const life = hoursOption(values.hours) * HOUR;
    const at = consoleOption(values.at);
    const origin = consoleOrigin(io, at);
    const invite = invitation(values, life);
    const { operator, code, expiresAt } = await withStore(io, at, 'require', invite);
    // Behind "#": browsers send that to no server, so it is in no log.
    const link = `${origin}/console/enrol#${code}`;
    const until = new Date(expiresAt).toISOString();
    if (values.json) {
      io.stdout(`${JSON.stringify({ id: operator.id, role: operator.role, link, expires_at: until })}\n`);
      return 0;
    }
    io.stdout(`${link}\n`);
    io.stderr(`For ${operator.name} (${operator.role}), once, until ${until}. It is not shown again.\n`);
    return 0;
  },
};

function invitation(
  values: { readonly role?: string; readonly name?: string; readonly again?: string },
  life: number,
): (store: Store) => Promise<Invited> {
  const { name, again } = values;
  const ports = (store: Store) => ({
    operators: store.operators,
    clock: systemClock,
    random: systemRandom(),
  });
  if (again !== undefined) {
    if (name !== undefined || values.role !== undefined)
      throw new UsageError('--again takes neither --role nor --name.');
    return (store) => inviteAgain(ports(store), again, life);
  }
  const role = roleOption(values.role);
  if (name === undefined) throw new UsageError('--name is missing.');
  return (store) => inviteOperator(ports(store), { name, role, life });
}

function roleOption(text: string | undefined): OperatorRole {
  const role = OPERATOR_ROLES.find((candidate) => candidate === text);
  if (role !== undefined) return role;
  const given = text === undefined ? '' : `, not "${text}"`;
  throw new UsageError(`--role must be one of ${OPERATOR_ROLES.join(', ')}${given}.`);
}

function hoursOption(text: string): number {
  const hours = Number(text);
  if (Number.isInteger(hours) && hours >= 1 && hours <= LONGEST_HOURS) return hours;
  throw new UsageError(`--hours must be a whole number from 1 to ${LONGEST_HOURS}.`);
}

function consoleOption(text: string): 'pf' | 'gov' {
  if (text === 'pf' || text === 'gov') return text;
  throw new UsageError(`--at must be pf or gov, not "${text}": nobody else has a console.`);
}

function consoleOrigin(io: Pick<CommandIo, 'env' | 'origins'>, role: 'gov' | 'pf'): string {
  const { console } = readConsoleConfig(io.env, role, io);
  if (console !== undefined) return `${console.origin}${console.basePath}`;
  throw new UsageError(
    'There is no console: set JITSUIN_CONSOLE_PORT (and JITSUIN_CONSOLE_URL), or give --env-file.',
  );
}

export const operatorList: Command = {
  name: 'operator list',
  usage: `Usage: jitsuin operator list [--at pf|gov] [--json]

${USAGE}`,
  async run(args, io) {
    const { values } = parseArgs({ args: [...args], options: OPTIONS });
    const list = await withStore(io, consoleOption(values.at), 'require', async (store) => {
      const rows: { readonly operator: Operator; readonly passkeys: number }[] = [];
      for (const operator of await store.operators.list()) {
        rows.push({ operator, passkeys: (await store.operators.passkeysOf(operator.id)).length });
      }
      return rows;
    });
    const json = list.map(({ operator: { id, name, role, state }, passkeys }) => ({
      id,
      name,
      role,
      state,
      passkeys,
    }));
    io.stdout(
      values.json
        ? `${JSON.stringify({ operators: json })}\n`
        : json
            .map(
              ({ id, name, role, state, passkeys }) =>
                `${id}  ${role}  ${state}  passkeys ${passkeys}  ${name}\n`,
            )
            .join(''),
    );
    return 0;
  },
};

export const operatorDisable: Command = {
  name: 'operator disable',
  usage: `Usage: jitsuin operator disable ID [--at pf|gov] [--json]

Ends every session and open invitation; the passkeys open nothing any more. Exit status 1 when there is no such operator, or
they are disabled already.

${USAGE}`,
  async run(args, io) {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    const [id, second] = positionals;
    if (id === undefined || second !== undefined) throw new UsageError('Give the id of one operator.');
    const at = systemClock.now();
    const audit = { event: 'operator.disabled', subject: id, tenant: '', at };
    const done = await withStore(io, consoleOption(values.at), 'require', (store) =>
      store.operators.disable(id, at, audit),
    );
    if (values.json) io.stdout(`${JSON.stringify({ disabled: done ? [id] : [] })}\n`);
    else io.stdout(done ? `disabled ${id}\n` : 'There is no such operator, or they are disabled already.\n');
    return done ? 0 : 1;
  },
};
