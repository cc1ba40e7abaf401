import type { Kind } from './kinds.ts';
import type { Chapter, Declaration, SettingsRole } from './variable.ts';
import { LOGIN } from './variables/login.ts';
import { NETWORK } from './variables/network.ts';
import { MODULES, PLATFORM_OPERATOR, SIMULATOR } from './variables/pf.ts';
import { PROCESS } from './variables/process.ts';
import { PLATFORM_OPERATOR_CLIENT, RELYING_PARTY } from './variables/relying-party.ts';
import { LOG, STORAGE } from './variables/storage.ts';
import { TIME_STAMPING, VERIFIER } from './variables/verifier.ts';

/** Every chapter, in the order of the documents. */
export const CHAPTERS: readonly Chapter[] = [
  PROCESS,
  NETWORK,
  STORAGE,
  LOG,
  RELYING_PARTY,
  PLATFORM_OPERATOR_CLIENT,
  LOGIN,
  VERIFIER,
  TIME_STAMPING,
  PLATFORM_OPERATOR,
  SIMULATOR,
  MODULES,
];

type Table = typeof PROCESS.variables &
  typeof NETWORK.variables &
  typeof STORAGE.variables &
  typeof LOG.variables &
  typeof RELYING_PARTY.variables &
  typeof PLATFORM_OPERATOR_CLIENT.variables &
  typeof LOGIN.variables &
  typeof VERIFIER.variables &
  typeof TIME_STAMPING.variables &
  typeof PLATFORM_OPERATOR.variables &
  typeof SIMULATOR.variables &
  typeof MODULES.variables;

/** Name of a variable. */
export type VariableName = keyof Table & string;

/** Every variable by its name. */
export const VARIABLES: ReadonlyMap<string, Declaration> = new Map(
  CHAPTERS.flatMap(({ variables }) => Object.entries(variables)),
);

type ValueOf<Entry> = Entry extends { readonly kind: Kind<infer T> } ? T : never;
type RolesOf<Entry> = Entry extends { readonly roles: readonly (infer Role)[] } ? Role : never;
type NeededOf<Entry> = Entry extends { readonly needed: readonly (infer Role)[] } ? Role : never;
/** Roles at which the entry has a default. */
type DefaultOf<Entry> = Entry extends { readonly default: infer D }
  ? D extends string
    ? SettingsRole
    : keyof D
  : never;

type NamesOf<Role extends SettingsRole> = {
  [Name in VariableName]: [Role] extends [RolesOf<Table[Name]>] ? Name : never;
}[VariableName];

type MemberOf<Name extends VariableName> = Table[Name]['member'];

/** The settings of a role (or what several roles have in common) as they were read. */
export type Settings<Role extends SettingsRole> = {
  readonly [Name in NamesOf<Role> as [Role] extends [NeededOf<Table[Name]> | DefaultOf<Table[Name]>]
    ? MemberOf<Name>
    : never]: ValueOf<Table[Name]>;
} & {
  readonly [Name in NamesOf<Role> as [Role] extends [NeededOf<Table[Name]> | DefaultOf<Table[Name]>]
    ? never
    : MemberOf<Name>]?: ValueOf<Table[Name]>;
};
