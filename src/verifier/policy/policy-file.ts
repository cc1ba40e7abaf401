import type { EpochMillis } from '../../core/brand.ts';
import { canonicalDay, endOfDay } from '../../core/digest/calendar-day.ts';
import { hexSha256 } from '../../core/digest/sha256.ts';
import { fromUtf8 } from '../../core/encoding.ts';
import { JitsuinError } from '../../core/errors.ts';
import { fits } from '../../core/json/shape.ts';
import { parseStrictJson } from '../../core/json/strict-json.ts';
import { EXPECTED, POLICY_FILE, type PolicyFileContent } from './policy-schema.ts';

/** A validation policy as its file has it, and the SHA-256 of the file's octets: both go into reports and evidence. */
export interface PolicyFile {
  readonly content: PolicyFileContent;
  /** Lower-case hexadecimal, as `sha256sum` prints it. */
  readonly sha256: string;
}

/** A policy is some kilobytes; nothing is read of a file that is much more. */
const MAXIMUM_OCTETS = 256 * 1024;
const DEEPEST = 5;

/**
 * Reads a policy file: JSON without a name twice, every member known and there, no two that contradict each other.
 * @param called what the message calls the file, for example a path
 * @throws JitsuinError `config.invalid`: which member, what was found, what is expected
 */
export function readPolicyFile(octets: Uint8Array, called: string): PolicyFile {
  if (octets.length > MAXIMUM_OCTETS)
    throw fault(called, `it has ${octets.length} octets; at most ${MAXIMUM_OCTETS}.`);
  const value = parsed(octets);
  if (value === undefined)
    throw fault(
      called,
      'it is not JSON in UTF-8, or has a member twice; see samples/policies for whole ones.',
    );
  if (!fits(POLICY_FILE, value)) throw fault(called, memberFault(value, POLICY_FILE.fault(value) ?? ''));
  const contradiction = contradictionIn(value);
  if (contradiction !== undefined) throw fault(called, contradiction);
  return { content: value, sha256: hexSha256(octets) };
}

function parsed(octets: Uint8Array): unknown {
  try {
    return parseStrictJson(fromUtf8(octets), DEEPEST);
  } catch {
    return undefined;
  }
}

function fault(called: string, says: string): JitsuinError {
  return new JitsuinError('config.invalid', `The policy file ${called} cannot be used: ${says}`, {
    at: called,
  });
}

/** Which member, what was found there, what was expected. */
function memberFault(value: unknown, path: string): string {
  const pattern = path.replaceAll(/(?<=\.)\d+(?=\.|$)/g, '*');
  const expected = EXPECTED[pattern];
  if (expected === undefined) {
    const parent = pattern.slice(0, Math.max(0, pattern.lastIndexOf('.')));
    return `member "${path}" is not known; known there: ${membersOf(parent).join(', ')}.`;
  }
  const found = path === '' ? value : path.split('.').reduce(memberOf, value);
  return found === undefined
    ? `member "${path}" is missing; expected: ${expected}.`
    : `member "${path}" is ${shown(found)}; expected: ${expected}.`;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function membersOf(parent: string): readonly string[] {
  const prefix = parent === '' ? '' : `${parent}.`;
  return Object.keys(EXPECTED)
    .filter((path) => path.startsWith(prefix) && path !== parent && !path.slice(prefix.length).includes('.'))
    .map((path) => path.slice(prefix.length))
    .filter((name) => name !== '*' && name !== '');
}

function shown(found: unknown): string {
  const text = JSON.stringify(found);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

type Rule = (content: PolicyFileContent) => string | undefined;

/** What the members say together; the first that does not hold is told. */
const RULES: readonly Rule[] = [
  ({ algorithms: { rsa } }) =>
    rsa.minimumBits > rsa.maximumBits
      ? `algorithms.rsa.minimumBits (${rsa.minimumBits}) is above maximumBits (${rsa.maximumBits}).`
      : undefined,
  ({ algorithms: { rsa } }) => {
    const even = rsa.exponents.find((exponent) => exponent % 2 === 0);
    return even === undefined ? undefined : `algorithms.rsa.exponents has ${even}; an RSA exponent is odd.`;
  },
  ({ algorithms: { hashes } }) =>
    hashes.length === 0 ? 'algorithms.hashes is empty: no signature could be right.' : undefined,
  ({ algorithms: { rsa, curves, ed25519 } }) =>
    rsa.exponents.length === 0 && curves.length === 0 && ed25519 === 'refused'
      ? 'algorithms accept no kind of key at all.'
      : undefined,
  ({ algorithms: { ends } }) => {
    const stray = Object.entries(ends).find(
      ([, day]) => day !== 'none' && canonicalDay(String(day)) === undefined,
    );
    return stray === undefined
      ? undefined
      : `algorithms.ends.${stray[0]} is "${stray[1]}", which is no day of the calendar.`;
  },
  ({ profile, environment, certificatePolicies: rows }) => {
    const ours = rows.some((row) => row.purpose === 'signing' && row.environment === environment);
    if (ours || (profile === 'none' && rows.length === 0)) return undefined;
    const row = `purpose "signing" and environment "${environment}"`;
    return `certificatePolicies has no row with ${row}: no certificate could pass.`;
  },
  ({ policyProcessing, certificatePolicies }) =>
    policyProcessing.explicit && certificatePolicies.length === 0
      ? 'policyProcessing.explicit is true, and certificatePolicies names none.'
      : undefined,
  ({ certificatePolicies }) => {
    const seen = certificatePolicies.map(({ policy }) => policy);
    return twice('certificatePolicies.*.policy', seen);
  },
  ({ keyUsage }) => twice('keyUsage.all', keyUsage.all) ?? twice('keyUsage.oneOf', keyUsage.oneOf ?? []),
  ({ keyUsage }) =>
    keyUsage.oneOf?.length === 0 ? 'keyUsage.oneOf is empty; leave it out where it is not asked.' : undefined,
  ({ algorithms: { curves, hashes }, extendedKeyUsage: { accepted }, warnOnly }) =>
    twice('algorithms.curves', curves) ??
    twice('algorithms.hashes', hashes) ??
    twice('extendedKeyUsage.accepted', accepted) ??
    twice('warnOnly', warnOnly),
  ({ extendedKeyUsage: { accepted, ofCas } }) =>
    ofCas === 'nested' && accepted.length === 0
      ? 'extendedKeyUsage.ofCas is "nested", and extendedKeyUsage.accepted is empty.'
      : undefined,
  ({ profile, warnOnly }) =>
    profile === 'none' && warnOnly.length > 0
      ? 'warnOnly names rules of the JPKI profile, and profile is "none".'
      : undefined,
];

function contradictionIn(content: PolicyFileContent): string | undefined {
  for (const rule of RULES) {
    const said = rule(content);
    if (said !== undefined) return said;
  }
  return undefined;
}

function twice(member: string, values: readonly string[]): string | undefined {
  const double = values.find((value, index) => values.indexOf(value) !== index);
  return double === undefined ? undefined : `${member} has "${double}" twice.`;
}

/** The last instant of a day that the file names (UTC), in milliseconds; infinite for `none`. */
export function endInstant(day: string): number {
  return day === 'none' ? Number.POSITIVE_INFINITY : endOfDay(day);
}

/** When algorithms end by this policy, the first first: what an operator must have planned for by then. */
export function algorithmEndsOf({
  content: {
    algorithms: { ends },
  },
}: PolicyFile): readonly { readonly use: string; readonly at: EpochMillis }[] {
  return Object.entries(ends)
    .flatMap(([name, day]) =>
      day === 'none' ? [] : [{ use: `algorithm-${name}`, at: endOfDay(String(day)) as EpochMillis }],
    )
    .sort((left, right) => left.at - right.at);
}
