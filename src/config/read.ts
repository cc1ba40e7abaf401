import { readFileSync } from 'node:fs';
import { JitsuinError } from '../core/errors.ts';
import { contradictions } from './contradictions.ts';
import type { Bilingual, ReadingContext } from './kinds.ts';
import { type Environment, fileVariant, nameFaults, type SettingFault } from './names.ts';
import { withPresetIssuer } from './presets.ts';
import { type Settings, VARIABLES } from './table.ts';
import type { Declaration, Declarations, SettingsRole } from './variable.ts';

export interface ReadingOptions {
  /** Where a variable stands, for example `sp.env line 4`; one that is not named stands in the environment. */
  readonly origins?: ReadonlyMap<string, string>;
  /** Reads these variables alone, as a command does that needs no others; the names of all are judged anyway. */
  readonly only?: Declarations;
  /** `no`: what the role needs may be missing here. */
  readonly needed?: 'no';
}

interface Reading {
  readonly role: SettingsRole;
  readonly env: Environment;
  readonly members: Map<string, unknown>;
  readonly faults: SettingFault[];
}

/**
 * Reads the settings of a role, and judges them. Empty variables count as absent.
 * @throws JitsuinError `config.invalid`, `config.role-key`, `config.environment-mixed` naming every wrong variable
 * (never a
 *   value); `at` is the first of them
 */
export function readSettings<Role extends SettingsRole>(
  role: Role,
  env: Environment,
  options: ReadingOptions = {},
): Settings<Role> {
  const { members, faults } = read(role, env, options);
  refuse(faults, options.origins);
  return Object.fromEntries(members) as Settings<Role>;
}

/** Everything that is wrong with the settings of a role, in the order of the table. */
export function settingFaults(role: SettingsRole, env: Environment): readonly SettingFault[] {
  return read(role, env).faults;
}

/** @throws JitsuinError naming every fault; nothing where there is none */
export function refuse(faults: readonly SettingFault[], origins?: ReadonlyMap<string, string>): void {
  const first = faults.find(({ code }) => code === 'config.role-key') ?? faults[0];
  if (first === undefined) return;
  const sentences = faults.map(({ name, says }) => {
    const origin = origins?.get(name);
    return `${name}${origin === undefined ? '' : ` (${origin})`} ${says}${/[.?]$/.test(says) ? '' : '.'}`;
  });
  const message =
    sentences.length === 1
      ? (sentences[0] ?? '')
      : `${sentences.length} settings are not acceptable:\n${sentences.map((sentence) => `  ${sentence}`).join('\n')}`;
  throw new JitsuinError(first.code, message, { at: first.name });
}

function read(role: SettingsRole, given: Environment, { only, needed }: ReadingOptions = {}): Reading {
  const env = role === 'sp' || role === 'gov' ? withPresetIssuer(given) : given;
  const reading: Reading = { role, env, members: new Map(), faults: [...nameFaults(given, role)] };
  const declared = only === undefined ? VARIABLES : new Map(Object.entries(only));
  const mine = [...declared].filter(([, { roles }]) => roles.includes(role));
  const context = readingContext(reading);
  for (const [name, declaration] of mine) readOne(reading, name, declaration, context);
  if (needed !== 'no') for (const [name, declaration] of mine) checkNeeded(reading, name, declaration);
  for (const [name, declaration] of mine) checkNeeds(reading, name, declaration);
  if (only === undefined) addContradictions(reading);
  return reading;
}

/** What concerns a variable that was refused already cannot be judged. */
function addContradictions({ role, env, members, faults }: Reading): void {
  const wrong = faults.map(({ name }) => name);
  const found = contradictions(role, Object.fromEntries(members), env);
  faults.push(...found.filter(({ name, says }) => !wrong.some((one) => one === name || says.includes(one))));
}

function readingContext({ role, env }: Reading): ReadingContext {
  if (role === 'simulator') return { plainHttp: 'anywhere' };
  const name = 'JITSUIN_ALLOW_LOOPBACK_HTTP';
  const parsed = VARIABLES.get(name)?.kind.parse(env[name] ?? '', { plainHttp: 'refused' });
  const allowed = parsed !== undefined && 'value' in parsed && parsed.value === 'allowed';
  return { plainHttp: allowed ? 'loopback' : 'refused' };
}

function readOne(reading: Reading, name: string, declaration: Declaration, context: ReadingContext): void {
  const { members, faults } = reading;
  const given = givenText(reading, name, declaration);
  const written = given ?? defaultText(reading, declaration);
  if (written === undefined) return;
  const blank = given === undefined ? undefined : writingFault(given);
  const parsed = blank === undefined ? declaration.kind.parse(written, context) : { fault: blank };
  if ('value' in parsed) members.set(declaration.member, parsed.value);
  else faults.push(faultOf(name, parsed.fault, declaration.kind.accepts));
}

function checkNeeded({ role, members, faults }: Reading, name: string, declaration: Declaration): void {
  if (declaration.needed?.includes(role) !== true || members.has(declaration.member)) return;
  if (faults.some((fault) => fault.name === name)) return;
  faults.push(faultOf(name, `is needed by ${role} and missing`, declaration.kind.accepts));
}

function faultOf(name: string, says: string, accepts: Bilingual): SettingFault {
  return { name, code: 'config.invalid', says: `${says}; expected: ${accepts.en.replaceAll('`', '')}` };
}

/** The value itself, or for a secret that of the file that is named in its place. */
function givenText(
  { env, faults }: Reading,
  name: string,
  { secret, aliases }: Declaration,
): string | undefined {
  const own = ownText(env, name, aliases, faults);
  const file = secret === 'value' ? present(env[fileVariant(name)]) : undefined;
  if (file === undefined) return own;
  if (own !== undefined) {
    faults.push({ name, code: 'config.invalid', says: `is given twice: here and in ${fileVariant(name)}` });
    return undefined;
  }
  try {
    return readFileSync(file, 'utf8')
      .replace(/^\uFEFF/, '')
      .replace(/\r?\n$/, '');
  } catch {
    faults.push({
      name: fileVariant(name),
      code: 'config.invalid',
      says: 'names a file that cannot be read',
    });
    return undefined;
  }
}

/** The one value that the name and its other spellings have. */
function ownText(
  env: Environment,
  name: string,
  aliases: readonly string[] = [],
  faults: SettingFault[] = [],
): string | undefined {
  const values = new Set([name, ...aliases].flatMap((one) => present(env[one]) ?? []));
  if (values.size > 1)
    faults.push({ name, code: 'config.invalid', says: `and ${aliases.join(', ')} have different values` });
  return [...values][0];
}

function present(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text;
}

/** `<NAME>` stands for the value of another variable; where that is missing or wrong there is no default. */
function defaultText({ role, members }: Reading, declaration: Declaration): string | undefined {
  const template = typeof declaration.default === 'object' ? declaration.default[role] : declaration.default;
  if (template === undefined) return undefined;
  const names = [...template.matchAll(/<([A-Z_]+)>/g)].map(([, name = '']) => name);
  if (names.some((name) => members.get(VARIABLES.get(name)?.member ?? '') === undefined)) return undefined;
  return template
    .replace('<role>', role)
    .replace(/<([A-Z_]+)>/g, (_all, name: string) => String(members.get(VARIABLES.get(name)?.member ?? '')));
}

/** What people, spreadsheets and `docker run --env-file` leave around a value. */
function writingFault(given: string): string | undefined {
  if (/^[\s\u3000]|[\s\u3000]$/.test(given)) return 'begins or ends with a blank';
  if (/^[“”„‟‘’「『]|[“”‟‘’」』]$/.test(given)) return 'is wrapped in typographic quotation marks';
  if (/^(["']).*\1$/s.test(given)) return 'is wrapped in quotation marks that nothing has taken off';
  return undefined;
}

function checkNeeds({ env, faults }: Reading, name: string, { needs }: Declaration): void {
  if (needs === undefined || present(env[name]) === undefined) return;
  const there = present(env[needs]) ?? present(env[fileVariant(needs)]);
  if (there === undefined)
    faults.push({ name, code: 'config.invalid', says: `says nothing without ${needs}` });
}
