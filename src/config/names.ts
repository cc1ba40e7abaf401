import type { ErrorCode } from '../core/errors.ts';
import { nearest } from './nearest.ts';
import { VARIABLES } from './table.ts';
import type { SettingsRole } from './variable.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What is wrong with one variable. Holds no value. */
export interface SettingFault {
  readonly name: string;
  readonly says: string;
  readonly code: ErrorCode;
}

/** What tests, samples, and scripts read: no role does, and none minds. */
const CONTRIBUTORS = new RegExp(
  `^JITSUIN_(?:${[
    '(?:TEST|REQUIRE|FUZZ)_\\w+',
    '(?:FAULTS|BENCH)(?:_\\w+)?',
    'LONG_TESTS|STREAM_MB|CHROMIUM|HELM|PYTHON|FAILED_FILES|NOT_RUN|URL|API_KEY',
  ].join('|')})$`,
);

/** What Kubernetes sets for each service of a namespace (`enableServiceLinks`). */
const SERVICE_LINK =
  /^JITSUIN_(?:\w+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT_\d+_(?:TCP|UDP)(?:_\w+)?)$/;
const SERVICE_LINK_PORT = /^(?:tcp|udp):\/\//;

/** Name of the variable that may hold the file of a secret value. */
export function fileVariant(name: string): string {
  return `${name}_FILE`;
}

/** Every name that a role reads: the variables, and for each secret value the one that names its file. */
export function namesOf(role: SettingsRole): readonly string[] {
  return [...VARIABLES].flatMap(([name, { roles, secret }]) => {
    if (!roles.includes(role)) return [];
    return secret === 'value' ? [name, fileVariant(name)] : [name];
  });
}

const EVERY_ROLE: readonly SettingsRole[] = ['sp', 'gov', 'pf', 'simulator'];

/**
 * Names that begin like ours (in any case) and that this role does not read: a misspelt switch is never taken for
 * an absent one. Without a role, names that no role reads.
 */
export function nameFaults(env: Environment, role?: SettingsRole): readonly SettingFault[] {
  const own = new Set(role === undefined ? EVERY_ROLE.flatMap(namesOf) : namesOf(role));
  return Object.keys(env)
    .filter((name) => /^jitsuin_/i.test(name) && !own.has(name) && !CONTRIBUTORS.test(name))
    .filter(
      (name) =>
        !SERVICE_LINK.test(name) && !(name.endsWith('_PORT') && SERVICE_LINK_PORT.test(env[name] ?? '')),
    )
    .flatMap((name) => nameFault(name, env[name] ?? '', role) ?? []);
}

function nameFault(name: string, value: string, role: SettingsRole | undefined): SettingFault | undefined {
  const owners = EVERY_ROLE.filter((candidate) => namesOf(candidate).includes(name));
  // An empty variable counts as absent; only a name that nobody knows is refused all the same.
  if (owners.length > 0 && value === '') return undefined;
  if (role === 'sp' && /^JITSUIN_PF_/.test(name))
    return {
      name,
      code: 'config.role-key',
      says: `is for a platform operator. An sp may not hold its key.${owners.length > 0 ? '' : hint(name, role)}`,
    };
  if (owners.length > 0)
    return {
      name,
      code: 'config.invalid',
      says: `belongs to ${owners.join(' and ')}, not to ${role}: take it out`,
    };
  return { name, code: 'config.invalid', says: `is no setting of jitsuin.${hint(name, role)}` };
}

function hint(name: string, role: SettingsRole | undefined): string {
  const known = role === undefined ? EVERY_ROLE.flatMap(namesOf) : namesOf(role);
  const upper = name.toUpperCase();
  if (known.includes(upper)) return ` Write ${upper}`;
  const near = nearest(upper, known) ?? nearest(upper, EVERY_ROLE.flatMap(namesOf));
  if (near === undefined) return ' "jitsuin serve --help" lists every one';
  const owners = EVERY_ROLE.filter((candidate) => namesOf(candidate).includes(near));
  const whose = role === undefined || owners.includes(role) ? '' : ` (of ${owners.join(' and ')})`;
  return ` Did you mean ${near}${whose}?`;
}
