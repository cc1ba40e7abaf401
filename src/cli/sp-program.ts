import { type Command, type CommandEntry, UsageError } from './command.ts';
import { OPERATING_COMMANDS } from './operating-commands.ts';
import type { Program } from './program.ts';

const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'serve',
    summary: 'run the HTTP part',
    load: async () => {
      const [{ serveCommand }, { SP_SERVER }] = await Promise.all([
        import('./run-role.ts'),
        import('./sp-roles.ts'),
      ]);
      return serveCommand(SP_SERVER);
    },
  },
  {
    name: 'worker',
    summary: 'run the background jobs',
    load: async () => {
      const [{ workerCommand }, { SP_WORKER }] = await Promise.all([
        import('./run-role.ts'),
        import('./sp-roles.ts'),
      ]);
      return workerCommand(SP_WORKER);
    },
  },
  {
    name: 'doctor',
    summary: 'examine configuration, keys, clocks, reachability and store; says what to do',
    load: async () => {
      const [{ doctorCommand }, { examineSp }] = await Promise.all([
        import('./doctor/command.ts'),
        import('./doctor/sp.ts'),
      ]);
      return doctorCommand({ sp: examineSp });
    },
  },
  ...OPERATING_COMMANDS,
];

/**
 * The program of a private relying party. It can reach nothing that opens a result or knows a certificate, and its build
 * output holds nothing else than what it reaches (scripts/build.mjs, scripts/sp-reach.mjs).
 */
export const SP_PROGRAM: Program = {
  name: 'jitsuin-sp',
  about: 'jitsuin-sp (実印): a private relying party of デジタル認証アプリ, and nothing else',
  commands: COMMANDS.map(forSp),
};

/** `--role sp` need not be said. */
function forSp(entry: CommandEntry): CommandEntry {
  return { name: entry.name, summary: entry.summary, load: async () => withRole(await entry.load()) };
}

function withRole(command: Command): Command {
  const takesRole = command.usage.includes('--role ');
  const usage = command.usage.replaceAll(/(?<=Usage: |^ {7})jitsuin /gm, 'jitsuin-sp ');
  return { name: command.name, usage, run: (args, io) => command.run(takesRole ? sayingSp(args) : args, io) };
}

function sayingSp(args: readonly string[]): readonly string[] {
  const at = args.findIndex((arg) => arg === '--role' || arg.startsWith('--role='));
  if (at < 0) return ['--role', 'sp', ...args];
  const role = args[at] === '--role' ? args[at + 1] : args[at]?.slice('--role='.length);
  if (role === 'sp') return args;
  throw new UsageError(`jitsuin-sp is an sp and nothing else; --role ${role ?? ''} is for jitsuin.`);
}
