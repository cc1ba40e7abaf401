import { defined } from '../core/defined.ts';
import type { Bilingual } from './kinds.ts';
import type { Environment } from './names.ts';
import { fileVariant } from './names.ts';
import { CHAPTERS, VARIABLES } from './table.ts';
import type { Declaration, SettingsRole } from './variable.ts';

/** Every setting of these roles, as `--help` has it. */
export function settingsHelp(roles: readonly SettingsRole[], language: keyof Bilingual): string {
  return CHAPTERS.flatMap(({ title, variables }) => {
    const mine = Object.entries(variables).filter(([, one]) =>
      one.roles.some((role) => roles.includes(role)),
    );
    if (mine.length === 0) return [];
    const lines = mine.map(([name, one]) => settingLines(name, one, { roles, language }));
    return [`${title[language]}:\n${lines.join('\n')}`];
  }).join('\n\n');
}

const REMARKS = {
  en: {
    needed: 'needed',
    neededBy: (roles: string) => `needed by ${roles}`,
    standard: (value: string) => `default ${value}`,
    or: (name: string) => `or ${name}`,
  },
  ja: {
    needed: '必須',
    neededBy: (roles: string) => `必須：${roles}`,
    standard: (value: string) => `既定 ${value}`,
    or: (name: string) => `または ${name}`,
  },
} as const;

interface Reader {
  readonly roles: readonly SettingsRole[];
  readonly language: keyof Bilingual;
}

function settingLines(name: string, one: Declaration, { roles, language }: Reader): string {
  const says = REMARKS[language];
  const needed = one.needed?.filter((role) => roles.includes(role)) ?? [];
  const own = typeof one.default === 'object' ? defaultsOf(one.default, roles) : one.default;
  const remarks = [
    ...(needed.length === 0 ? [] : [roles.length === 1 ? says.needed : says.neededBy(needed.join(', '))]),
    ...(own === undefined || own === '' ? [] : [says.standard(own)]),
    ...(own === undefined && one.otherwise !== undefined
      ? [says.standard(plain(one.otherwise[language]))]
      : []),
    ...(one.secret === 'value' ? [says.or(fileVariant(name))] : []),
  ];
  const head = remarks.length === 0 ? name : `${name} (${remarks.join('; ')})`;
  return `  ${head}\n      ${plain(one.kind.accepts[language])}\n      ${plain(one.means[language])}`;
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
