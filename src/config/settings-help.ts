import { defined } from '../core/defined.ts';
import type { Environment } from './names.ts';
import { fileVariant } from './names.ts';
import { CHAPTERS, VARIABLES } from './table.ts';
import type { Declaration, SettingsRole } from './variable.ts';

/** Every setting of these roles, as `--help` has it. */
export function settingsHelp(roles: readonly SettingsRole[]): string {
  return CHAPTERS.flatMap(({ title, variables }) => {
    const mine = Object.entries(variables).filter(([, one]) =>
      one.roles.some((role) => roles.includes(role)),
    );
    if (mine.length === 0) return [];
    return [`${title.en}:\n${mine.map(([name, one]) => settingLines(name, one, roles)).join('\n')}`];
  }).join('\n\n');
}

function settingLines(name: string, one: Declaration, roles: readonly SettingsRole[]): string {
  const needed = one.needed?.filter((role) => roles.includes(role)) ?? [];
  const own = typeof one.default === 'object' ? defaultsOf(one.default, roles) : one.default;
  const remarks = [
    ...(needed.length === 0 ? [] : [roles.length === 1 ? 'needed' : `needed by ${needed.join(', ')}`]),
    ...(own === undefined || own === '' ? [] : [`default ${own}`]),
    ...(own === undefined && one.otherwise !== undefined ? [`default ${plain(one.otherwise.en)}`] : []),
    ...(one.secret === 'value' ? [`or ${fileVariant(name)}`] : []),
  ];
  const head = remarks.length === 0 ? name : `${name} (${remarks.join('; ')})`;
  return `  ${head}\n      ${plain(one.kind.accepts.en)}\n      ${plain(one.means.en)}`;
}

function defaultsOf(
  given: Readonly<Partial<Record<SettingsRole, string>>>,
  roles: readonly SettingsRole[],
): string {
  const mine = Object.entries(given).filter(([role]) => roles.some((one) => one === role));
  const values = new Set(mine.map(([, value]) => value));
  return values.size === 1
    ? [...values].join('')
    : mine.map(([role, value]) => `${role} ${value}`).join(', ');
}

function plain(text: string): string {
  return text.replaceAll('`', '');
}

/** One setting that somebody wrote. */
export interface SettingInForce {
  readonly name: string;
  /** Absent: a secret. */
  readonly value?: string;
  /** `environment`, or the line of a file. */
  readonly from: string;
}

/** The settings of a role that were given, in the order of the table, and where each stands. */
export function settingsInForce(
  role: SettingsRole,
  env: Environment,
  origins: ReadonlyMap<string, string> = new Map(),
): readonly SettingInForce[] {
  return [...VARIABLES].flatMap(([name, { roles, secret, aliases = [] }]) => {
    if (!roles.includes(role)) return [];
    const spellings = [name, ...aliases, ...(secret === 'value' ? [fileVariant(name)] : [])];
    return spellings.flatMap((spelling) => {
      const value = env[spelling] ?? '';
      if (value === '') return [];
      const shown = secret === 'value' && spelling !== fileVariant(name) ? undefined : value;
      return [defined({ name: spelling, value: shown, from: origins.get(spelling) ?? 'environment' })];
    });
  });
}
