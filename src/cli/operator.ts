import { systemClock } from '../adapters/clock.ts';
import { systemRandom } from '../adapters/random.ts';
import type { Store } from '../adapters/store/open-store.ts';
import { readConsoleConfig } from '../config/parts.ts';
import { HOUR_MILLIS } from '../core/spans.ts';
import { STAFF_ROLES, type StaffMember, type StaffRole } from '../ports/staff-store.ts';
import { type Invited, inviteAgain, inviteStaff } from '../staff/invite.ts';
import { type Command, type CommandIo, UsageError } from './command.ts';
import { declareCommand, type OptionDeclarations } from './declare-command.ts';
import { onlyOperand } from './document-arguments.ts';
import { withStore } from './storage-arguments.ts';
import { JSON_OPTION, STORE_PLACE } from './store-options.ts';

const LONGEST_HOURS = 168;

const OPTIONS = {
  at: {
    type: 'string',
    oneOf: ['pf', 'gov', 'sp'],
    default: 'pf',
    whose: true,
    means: 'whose console',
  },
  json: JSON_OPTION,
} as const satisfies OptionDeclarations;

export const operatorInvite: Command = declareCommand({
  name: 'operator invite',
  about: `The link works once, and only its hash is stored: hand it over on a way that you trust. Administrators are
invited here and nowhere else; keys and tenants are changed by two of them, so invite two. Either --role and --name,
or --again.`,
  options: {
    role: {
      type: 'string',
      oneOf: STAFF_ROLES,
      means:
        'viewer looks on; operator works; auditor examines; administrator changes keys, tenants and people',
    },
    name: { type: 'string', value: 'NAME', means: 'as colleagues know them' },
    again: {
      type: 'string',
      value: 'ID',
      means: 'another passkey for an operator who is there (a second device, or a lost one)',
    },
    hours: {
      type: 'string',
      value: 'N',
      default: '24',
      means: `how long the link works, at most ${LONGEST_HOURS}`,
    },
    ...OPTIONS,
  },
  more: STORE_PLACE,
  async run(values, _operands, io) {
    const life = hoursOption(values.hours) * HOUR_MILLIS;
    const { at } = values;
    const origin = consoleOrigin(io, at);
    const invite = invitation(values, life);
    const { operator, code, expiresAt } = await withStore(io, at, invite);
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
});

function invitation(
  values: {
    readonly role: StaffRole | undefined;
    readonly name: string | undefined;
    readonly again: string | undefined;
  },
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
  const { role } = values;
  if (role === undefined) throw new UsageError('--role is missing.');
  if (name === undefined) throw new UsageError('--name is missing.');
  return (store) => inviteStaff(ports(store), { name, role, life });
}

function hoursOption(text: string): number {
  const hours = Number(text);
  if (Number.isInteger(hours) && hours >= 1 && hours <= LONGEST_HOURS) return hours;
  throw new UsageError(`--hours must be a whole number from 1 to ${LONGEST_HOURS}.`);
}

function consoleOrigin(io: Pick<CommandIo, 'env' | 'origins'>, role: 'sp' | 'gov' | 'pf'): string {
  const { console } = readConsoleConfig(io.env, role, io);
  if (console !== undefined) return `${console.origin}${console.basePath}`;
  throw new UsageError(
    'There is no console: set JITSUIN_CONSOLE_PORT (and JITSUIN_CONSOLE_URL), or give --env-file.',
  );
}

export const operatorList: Command = declareCommand({
  name: 'operator list',
  about: 'Each with role, state and the number of passkeys.',
  options: OPTIONS,
  more: STORE_PLACE,
  async run(values, _operands, io) {
    const list = await withStore(io, values.at, async (store) => {
      const rows: { readonly operator: StaffMember; readonly passkeys: number }[] = [];
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
});

export const operatorDisable: Command = declareCommand({
  name: 'operator disable',
  operands: 'ID',
  about: `Ends every session and open invitation; the passkeys open nothing any more. Exit status 1 when there is no
such operator, or they are disabled already.`,
  options: OPTIONS,
  more: STORE_PLACE,
  async run(values, operands, io) {
    const id = onlyOperand(operands, 'ID');
    const at = systemClock.now();
    const audit = { event: 'operator.disabled', subject: id, tenant: '', at };
    const done = await withStore(io, values.at, (store) => store.operators.disable(id, at, audit));
    if (values.json) io.stdout(`${JSON.stringify({ disabled: done ? [id] : [] })}\n`);
    else
      io.stdout(
        done ? `disabled ${id}\n` : 'No member of the staff has this id, or they are disabled already.\n',
      );
    return done ? 0 : 1;
  },
});
