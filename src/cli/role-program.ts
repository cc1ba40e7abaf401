import { type Command, type CommandEntry, UsageError } from './command.ts';
import type { Examination } from './doctor/command.ts';
import { OPERATING_COMMANDS } from './operating-commands.ts';
import type { Program } from './program.ts';
import type { Starters } from './run-role.ts';

/** The parts of one role; each is loaded when its command is asked for. */
export interface RoleParts {
  readonly role: 'sp' | 'gov' | 'pf';
  readonly about: string;
  starters(): Promise<{ readonly server: Starters; readonly worker: Starters }>;
  examination(): Promise<Examination>;
  /** What this role has beside the commands of every role. */
  readonly commands: readonly CommandEntry[];
}

/** `jitsuin-<role>`: the program of one role, which is no other. `--role` need not be said. */
export function roleProgram(parts: RoleParts): Program {
  const { role, about } = parts;
  const commands = [...roleCommands(parts), ...OPERATING_COMMANDS, ...parts.commands];
  return { name: `jitsuin-${role}`, about, commands: commands.map((entry) => forRole(role, entry)) };
}

function roleCommands({ role, starters, examination }: RoleParts): readonly CommandEntry[] {
  return [
    {
      name: 'serve',
      summary: 'run the HTTP part',
      load: async () => {
        const [{ serveCommand }, { server, worker }] = await Promise.all([
          import('./run-role.ts'),
          starters(),
        ]);
        return serveCommand(server, worker);
      },
    },
    {
      name: 'worker',
      summary: 'run the background jobs',
      load: async () => {
        const [{ workerCommand }, { worker }] = await Promise.all([import('./run-role.ts'), starters()]);
        return workerCommand(worker);
      },
    },
    {
      name: 'doctor',
      summary: 'examine configuration, keys, clocks, reachability and store; says what to do',
      load: async () => {
        const [{ doctorCommand }, examine] = await Promise.all([
          import('./doctor/command.ts'),
          examination(),
        ]);
        return doctorCommand({ [role]: examine });
      },
    },
  ];
}

function forRole(role: string, { name, summary, load }: CommandEntry): CommandEntry {
  return { name, summary, load: async () => withRole(role, await load()) };
}

function withRole(role: string, command: Command): Command {
  const { name, declared } = command;
  const [whose] = Object.entries(declared.options).find(([, option]) => option.whose === true) ?? [];
  return {
    name,
    declared,
    run: (args, io) => command.run(whose === undefined ? args : saying(`--${whose}`, role, args), io),
  };
}

/** The arguments with the option that says whose, where they do not say it. @throws UsageError for another role */
function saying(option: string, role: string, args: readonly string[]): readonly string[] {
  const at = args.findIndex((arg) => arg === option || arg.startsWith(`${option}=`));
  if (at < 0) return [option, role, ...args];
  const said = args[at] === option ? args[at + 1] : args[at]?.slice(option.length + 1);
  if (said === role) return args;
  throw new UsageError(`jitsuin-${role} is no other role; ${option} ${said ?? ''} is for jitsuin.`);
}
