import type { Bilingual, Kind } from './kinds.ts';

/** The programs that read settings. */
export type SettingsRole = 'sp' | 'gov' | 'pf' | 'simulator';

export const RELYING_PARTIES = ['sp', 'gov'] as const;
export const VERIFIERS = ['gov', 'pf'] as const;
export const STORE_ROLES = ['sp', 'gov', 'pf'] as const;
export const ALL_ROLES = ['sp', 'gov', 'pf', 'simulator'] as const;

/** One variable of the environment: all that is said about it anywhere is derived from here. */
export interface Declaration {
  /** Member of the settings as the programs have them. */
  readonly member: string;
  readonly kind: Kind<unknown>;
  readonly roles: readonly SettingsRole[];
  /**
   * In the spelling that a person would write; `<NAME>` stands for the value of another variable and `<role>` for
   * the role. A role without one reads undefined.
   */
  readonly default?: string | Readonly<Partial<Record<SettingsRole, string>>>;
  /** Other spellings of the name that the world has for it. */
  readonly aliases?: readonly string[];
  /** What stands in the documents' column of defaults where the program chooses by itself. */
  readonly otherwise?: Bilingual;
  /** Roles that do not start without it. */
  readonly needed?: readonly SettingsRole[];
  /** The variable without which this one says nothing: alone it is refused. */
  readonly needs?: string;
  /**
   * `value`: the value is a secret itself, and may stand in the file that `<NAME>_FILE` names; `file`: it names a
   * file with one.
   */
  readonly secret?: 'value' | 'file';
  readonly means: Bilingual;
}

export type Declarations = Readonly<Record<string, Declaration>>;

/** A chapter of the documents. */
export interface Chapter<Table extends Declarations = Declarations> {
  readonly title: Bilingual;
  readonly variables: Table;
}

/** Keeps the exact type of a table and checks that it is one. */
export function chapter<const Table extends Declarations>(
  title: Bilingual,
  variables: Table,
): Chapter<Table> {
  return { title, variables };
}
