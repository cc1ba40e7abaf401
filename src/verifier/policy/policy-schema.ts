import { AGEING_ALGORITHMS } from '../../core/digest/algorithm-ends.ts';
import { either, type Fitting, flag, integer, list, object, oneOf, text } from '../../core/json/shape.ts';
import { KEY_USAGES } from '../x509/certificate-types.ts';
import { JPKI_NITS } from '../x509/jpki-types.ts';

const OID = /^[0-2](?:\.(?:0|[1-9][0-9]{0,38})){1,30}$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const A_YEAR = 366 * 86_400;

const oid = text(OID);
const usage = oneOf(...KEY_USAGES);
const openEnd = either(text(DAY), text(/^none$/));
const words = (values: readonly string[]) => `one of ${values.join(', ')}`;

const row = {
  policy: oid,
  purpose: oneOf('signing', 'user-authentication'),
  medium: oneOf('card', 'phone'),
  environment: oneOf('production', 'test'),
  certainty: oneOf('seen', 'unverified'),
};
const rsa = {
  minimumBits: integer(2048, 16_384),
  maximumBits: integer(2048, 16_384),
  exponents: list(integer(3), 10),
};
const ends = Object.fromEntries(AGEING_ALGORITHMS.map((name) => [name, openEnd])) as {
  readonly [K in (typeof AGEING_ALGORITHMS)[number]]: typeof openEnd;
};
const algorithms = {
  rsa: object(rsa),
  curves: list(oneOf('P-256', 'P-384', 'P-521'), 3),
  ed25519: oneOf('allowed', 'refused'),
  rsaPss: oneOf('allowed', 'refused'),
  hashes: list(oneOf('sha256', 'sha384', 'sha512'), 3),
  ends: object({}, ends),
  warnDaysBefore: integer(0, 20 * 366),
};
const processing = { explicit: flag, mappingInhibited: flag, anyPolicyInhibited: flag };
const revocation = {
  clockSkewSeconds: integer(0, 3600),
  withoutNextUpdateSeconds: integer(0, A_YEAR),
};

/** The file as it must be: closed objects, nothing left to a default that decides a verdict. */
export const POLICY_FILE = object(
  {
    format: oneOf('jitsuin-validation-policy'),
    version: oneOf(1),
    name: text(/^[a-z0-9][a-z0-9._-]{2,63}$/),
    environment: row.environment,
    profile: oneOf('jpki', 'none'),
    certificatePolicies: list(object(row), 100),
    policyProcessing: object(processing),
    algorithms: object(algorithms),
    keyUsage: object({ all: list(usage, 9) }, { oneOf: list(usage, 9) }),
    extendedKeyUsage: object({ accepted: list(oid, 50), ofCas: oneOf('nested', 'ignored') }),
    revocation: object(revocation, { maximumAgeSeconds: integer(60, A_YEAR) }),
    timeStamp: oneOf('demanded', 'not-demanded'),
    warnOnly: list(oneOf(...JPKI_NITS), JPKI_NITS.length),
  },
  { about: text(/^[^\p{Cc}]{0,500}$/u) },
);
export type PolicyFileContent = Fitting<typeof POLICY_FILE>;

const ENVIRONMENT = words(['production', 'test']);
const ALLOWED = words(['allowed', 'refused']);
const USAGES = words(KEY_USAGES);
const YES_OR_NO = 'true or false';
const OBJECT = 'an object';
const DOTTED = 'an OID like 1.2.392.200149.8.5.1.1.20';
const END = 'the last day like 2030-12-31, or none';

/** Every member by its path (`*` for a place in a list) and what is expected there. What is not here is not known. */
export const EXPECTED: Readonly<Record<string, string>> = {
  '': OBJECT,
  format: '"jitsuin-validation-policy"',
  version: '1',
  name: '3 to 64 of a-z, 0-9, ".", "_" and "-"; another rule is another name',
  about: 'a line of at most 500 characters, for people',
  environment: ENVIRONMENT,
  profile: words(['jpki', 'none']),
  certificatePolicies: 'a list of at most 100 objects',
  'certificatePolicies.*': OBJECT,
  'certificatePolicies.*.policy': DOTTED,
  'certificatePolicies.*.purpose': words(['signing', 'user-authentication']),
  'certificatePolicies.*.medium': words(['card', 'phone']),
  'certificatePolicies.*.environment': ENVIRONMENT,
  'certificatePolicies.*.certainty': words(['seen', 'unverified']),
  policyProcessing: OBJECT,
  'policyProcessing.explicit': YES_OR_NO,
  'policyProcessing.mappingInhibited': YES_OR_NO,
  'policyProcessing.anyPolicyInhibited': YES_OR_NO,
  algorithms: OBJECT,
  'algorithms.rsa': OBJECT,
  'algorithms.rsa.minimumBits': 'bits from 2048 to 16384',
  'algorithms.rsa.maximumBits': 'bits from 2048 to 16384',
  'algorithms.rsa.exponents': 'a list of at most 10 numbers, usually [65537]',
  'algorithms.rsa.exponents.*': 'an odd number of at least 3',
  'algorithms.curves': 'a list of P-256, P-384, P-521',
  'algorithms.curves.*': words(['P-256', 'P-384', 'P-521']),
  'algorithms.ed25519': ALLOWED,
  'algorithms.rsaPss': ALLOWED,
  'algorithms.hashes': 'a list of sha256, sha384, sha512',
  'algorithms.hashes.*': words(['sha256', 'sha384', 'sha512']),
  'algorithms.ends': OBJECT,
  ...Object.fromEntries(AGEING_ALGORITHMS.map((name) => [`algorithms.ends.${name}`, END])),
  'algorithms.warnDaysBefore': 'days from 0 to 7320',
  keyUsage: OBJECT,
  'keyUsage.all': 'a list of key usages',
  'keyUsage.all.*': USAGES,
  'keyUsage.oneOf': 'a list of key usages',
  'keyUsage.oneOf.*': USAGES,
  extendedKeyUsage: OBJECT,
  'extendedKeyUsage.accepted': 'a list of at most 50 OIDs; empty: not asked',
  'extendedKeyUsage.accepted.*': DOTTED,
  'extendedKeyUsage.ofCas': words(['nested', 'ignored']),
  revocation: OBJECT,
  'revocation.clockSkewSeconds': 'seconds from 0 to 3600',
  'revocation.withoutNextUpdateSeconds': `seconds from 0 to ${A_YEAR}`,
  'revocation.maximumAgeSeconds': `seconds from 60 to ${A_YEAR}`,
  timeStamp: words(['demanded', 'not-demanded']),
  warnOnly: 'a list of rules that only warn',
  'warnOnly.*': words(JPKI_NITS),
};
