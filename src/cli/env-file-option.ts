import { readEnvFile } from '../config/env-file.ts';
import { type Environment, nameFaults, type SettingFault } from '../config/names.ts';
import { refuse, settingFaults } from '../config/read.ts';
import { ALL_ROLES } from '../config/variable.ts';
import { type CommandIo, UsageError } from './command.ts';

/**
 * Takes `--env-file FILE` (KEY=VALUE lines) out of the arguments; the environment itself wins over the file.
 * @throws JitsuinError `config.invalid` naming every line that cannot be read
 */
export function withEnvFile(
  args: readonly string[],
  io: CommandIo,
): { readonly rest: readonly string[]; readonly io: CommandIo } {
  const option = '--env-file';
  const at = args.findIndex((argument) => argument === option || argument.startsWith(`${option}=`));
  if (at < 0) return { rest: args, io };
  const joined = args[at] !== option;
  const file = joined ? args[at]?.slice(`${option}=`.length) : args[at + 1];
  if (file === undefined || file === '') throw new UsageError(`${option} needs a file.`);
  const rest = args.filter((_argument, index) => index !== at && (joined || index !== at + 1));
  if (rest.some((argument) => argument === option || argument.startsWith(`${option}=`)))
    throw new UsageError(`${option} may be given once.`);
  const { values, origins, faults } = readEnvFile(file);
  const env = { ...values, ...io.env };
  if (faults.length > 0) refuse([...faults, ...otherFaults(rest, env, origins)], origins);
  const fromFile = [...origins].filter(([name]) => !(name in io.env));
  return { rest, io: { ...io, env, origins: new Map(fromFile), envFile: file } };
}

/** What else is wrong with the settings, where lines of the file are: everything in one run. */
function otherFaults(
  args: readonly string[],
  env: Environment,
  origins: ReadonlyMap<string, string>,
): readonly SettingFault[] {
  const asked = args[args.indexOf('--role') + 1];
  const role = ALL_ROLES.find((candidate) => candidate === asked || args.includes(`--role=${candidate}`));
  const faults = role === undefined ? nameFaults(env) : settingFaults(role, env);
  return faults.filter(({ name }) => !origins.has(name) || name in env);
}
