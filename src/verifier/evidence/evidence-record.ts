import { AGEING_ALGORITHMS } from '../../core/digest/algorithm-ends.ts';
import { hexSha256 } from '../../core/digest/sha256.ts';
import {
  either,
  type Fitting,
  flag,
  integer,
  list,
  object,
  oneOf,
  record,
  type Shape,
  text,
} from '../../core/json/shape.ts';
import { KEY_USAGES } from '../x509/certificate-types.ts';
import { JPKI_NITS } from '../x509/jpki-types.ts';

const hash = text(/^[0-9a-f]{64}$/);
const base64 = text(/^[A-Za-z0-9+/]*={0,2}$/);
const name = text(/^[\x20-\x7e]{1,128}$/);

/**
 * Octets with their own SHA-256. Names: `skeleton`, `file` or `document` (what was judged), `form-file` and `file:N`
 * (a receiver's form and the files beside the skeleton), `finished-document`,
 * `signed-info`, `signature-value`, `certificate`, `intermediate:N`, `anchor` (for information: trust is never
 * taken from here), `crl:N:M` and `ocsp:N:M` (data M for certificate N of the path), `nonce`.
 */
const part = object({ name, octets: base64, sha256: hash });
export type EvidencePart = Fitting<typeof part>;

const verdictClass = oneOf('final', 'retry', 'hold', 'not-for-this-input', 'refused');

const check = object(
  { name, result: oneOf('passed', 'failed', 'indeterminate', 'not-reached') },
  { code: name, subIndication: name, class: verdictClass, detail: text() },
);

const report = object(
  {
    indication: oneOf('TOTAL-PASSED', 'TOTAL-FAILED', 'INDETERMINATE'),
    checks: list(check, 512),
    validationTime: integer(),
  },
  { subIndication: name, class: verdictClass },
);

const keyPolicy = object({
  rsa: object({
    minimumBits: integer(0),
    maximumBits: integer(0),
    exponents: either(list(integer(0)), oneOf('any-odd')),
  }),
  curves: list(oneOf('P-256', 'P-384', 'P-521')),
  ed25519: oneOf('allowed', 'refused'),
  hashes: list(oneOf('sha1', 'sha256', 'sha384', 'sha512')),
  rsaPss: oneOf('allowed', 'refused'),
});

const path = object(
  {
    keyPolicy,
    initialPolicySet: list(name),
    initialExplicitPolicy: flag,
    initialPolicyMappingInhibit: flag,
    initialAnyPolicyInhibit: flag,
    requiredKeyUsage: list(oneOf(...KEY_USAGES)),
    acceptedExtendedKeyUsage: list(name),
    extendedKeyUsage: oneOf('optional', 'required'),
    caAsLeaf: oneOf('refused', 'allowed'),
    anchorConstraints: oneOf('applied', 'ignored'),
  },
  { oneOfKeyUsage: list(oneOf(...KEY_USAGES)), caExtendedKeyUsage: oneOf('nested') },
);

/** Of policies that come from files: what the file says beside the path's rules. */
const ends = Object.fromEntries(AGEING_ALGORITHMS.map((algorithm) => [algorithm, integer(0)])) as {
  readonly [K in (typeof AGEING_ALGORITHMS)[number]]: Shape<number>;
};
const kind = object({
  policy: name,
  purpose: oneOf('signing', 'user-authentication'),
  medium: oneOf('card', 'phone'),
  environment: oneOf('test', 'production'),
  certainty: oneOf('seen', 'unverified'),
});

const policy = object(
  {
    name,
    environment: oneOf('test', 'production'),
    path,
    profile: oneOf('jpki', 'none'),
    method: oneOf('CRL', 'OCSP'),
  },
  {
    freshness: object({}, { skew: integer(0), maxAgeWithoutNextUpdate: integer(0), maxAge: integer(0) }),
    sha256: hash,
    kinds: list(kind, 100),
    algorithmEnds: object({ last: object({}, ends), warnBefore: integer(0) }),
    warnOnly: list(oneOf(...JPKI_NITS), JPKI_NITS.length),
    timeStamp: oneOf('demanded'),
    signerDates: oneOf('after-revocation'),
  },
);

const required = {
  format: oneOf('jitsuin-evidence'),
  id: name,
  purpose: oneOf('signature-verification'),
  validator: object({ name, version: name }),
  policy,
  /** Or the name of a receiver's form, which `form` then describes. */
  profile: text(/^[a-z][a-z0-9-]{0,63}$/),
  mode: oneOf('digest-info', 'digest'),
  /** How many certificates of the path needed revocation data; 0 when the verdict stood before. */
  revocationNeeds: integer(0, 16),
  parts: list(part, 1024),
  report,
  result: oneOf(
    'OK',
    'SIGNATURE_MISMATCH',
    'CERTIFICATE_REVOKED',
    'CERTIFICATE_EXPIRED',
    'CERTIFICATE_INVALID',
    'INDETERMINATE',
  ),
};
const optional = {
  data: text(/^[A-Za-z0-9+/=]{44,92}$/),
  signedElement: either(object({ name: text() }), object({ id: text() })),
  signedOctetsSha256: hash,
  /** The receiver's form; its data file is the part `form-file`. */
  form: object({
    name,
    version: integer(1),
    basis: oneOf('observed', 'official', 'inferred'),
    sha256: hash,
  }),
  /** The files beside the document, in the order of the parts `file:N`. */
  files: list(object({ name: text(), length: integer(0), sha256: hash }), 500),
};

/**
 * Version 1: `dataAt` said when revocation data had to be fresh, if not at the instant judged. Nobody proved it, so
 * it is read, compared and never believed; no such record is written any more.
 */
const first = { version: oneOf(1), instant: object({ at: integer(), source: name }, { dataAt: integer() }) };
/**
 * Version 2: every member but id, source and the validator's version can be derived from the parts, and must be
 * what is derived.
 */
const second = { version: oneOf(2), instant: object({ at: integer(), source: name }) };

const content = either(
  object({ ...required, ...first }, optional),
  object({ ...required, ...second }, optional),
);
/** Every member of a record but its digests. */
export type EvidenceContent = Fitting<typeof content>;

const sealed = { digests: record(hash), sha256: hash };
const firstRecord = object({ ...required, ...first, ...sealed }, optional);
const secondRecord = object({ ...required, ...second, ...sealed }, optional);

/**
 * One evidence record: all that is needed to decide again, offline, in twenty years. Canonical JSON
 * (canonical-json.ts). `digests`: SHA-256 of the canonical JSON of every other member, so that an altered one is
 * named; `sha256`: of all of it. What is written is version 2. Who changes what the judgement says (names of
 * checks, their order, their words) gives the record another number: one of the newest version must come out octet
 * for octet.
 */
export const EVIDENCE_RECORD: Shape<Fitting<typeof firstRecord> | Fitting<typeof secondRecord>> = {
  fault: (value) => (firstRecord.fault(value) === undefined ? undefined : secondRecord.fault(value)),
};
export type EvidenceRecord = Fitting<typeof EVIDENCE_RECORD>;

/** Lower-case hexadecimal SHA-256. */
export function sha256Hex(octets: Uint8Array): string {
  return hexSha256(octets);
}
