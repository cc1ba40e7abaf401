import type { EpochMillis, SigningMode } from '../core/brand.ts';
import { asJitsuinError } from '../core/errors.ts';
import { type Check, conclude, decisiveCheck, finding, isRetryable } from '../core/report.ts';
import { MINUTE_MILLIS } from '../core/spans.ts';
import { judgeOffline, type OfflineRules } from './judge-offline.ts';
import { readCrlFields } from './revocation/crl-fields.ts';
import { parseOcspResponse } from './revocation/ocsp-response.ts';
import { parseTimeStampToken } from './timestamp/signed-data.ts';
import { tsaRevocationCheck } from './timestamp/tsa-revocation.ts';
import { parseTstInfo } from './timestamp/tst-info.ts';
import { type TimeStampVerdict, verifyTimeStamp } from './timestamp/verify-time-stamp.ts';
import { verificationResult } from './validation-result.ts';
import type { ValidationOutcome, ValidationSubject } from './validation-types.ts';
import type { Certificate } from './x509/certificate-types.ts';
import { embeddedStamps } from './xades/embedded-stamps.ts';

/** RFC 3161 tokens that lie beside a signature, and whom they are believed from. */
export interface StampRules {
  /** DER of TimeStampTokens. */
  readonly tokens: readonly Uint8Array[];
  /** Roots of the authorities; from the caller only. */
  readonly trustAnchors: readonly Certificate[];
}

/** The judgement for the time that is proved, and what each token proves. */
export interface StampedJudgement extends ValidationOutcome {
  readonly timeStamps: readonly TimeStampVerdict[];
  /** When the signature was there at the latest (best-signature-time); absent when no token proves it. */
  readonly provedAt?: EpochMillis;
}

/** By how much an authority's clock may be ahead of the instant judged. */
const SKEW = MINUTE_MILLIS;
const NAME = 'proof-of-time';

/**
 * A judgement with time-stamps over the signature (EN 319 102-1 section 5.5): each token that is right, of a trusted
 * authority and not revoked proves that the signature was there by its time, and certificate, revocation, dates and
 * algorithms are judged for the earliest of these. A token that is not right proves nothing, and makes no signature
 * wrong. A token covers the signature when it stamps the signature value's octets or, with the signature inside, the
 * whole document; those of a SignatureTimeStamp in the document stamp its canonical SignatureValue. Time-stamps of
 * later kinds in the document prove nothing here, but one that claims to be older than what it covers contradicts it.
 */
export function judgeStamped(
  subject: ValidationSubject,
  mode: SigningMode,
  rules: OfflineRules,
  stamps: StampRules,
): StampedJudgement {
  const asked = judgeOffline(subject, mode, rules);
  const embedded = hasProperties(asked) ? embeddedStamps(subject) : undefined;
  const { signature = [], later = [] } = embedded ?? {};
  const isStamped = stamps.tokens.length + signature.length > 0;
  if (!isStamped && asked.demandsTimeStamp !== true) return { ...asked, timeStamps: [] };
  const octets = coveredOctets(subject, asked);
  const timeStamps = [
    ...stamps.tokens.map((token) => judgeToken(token, octets, rules, stamps.trustAnchors)),
    ...signature.map(({ token, stamped }) => judgeToken(token, [stamped], rules, stamps.trustAnchors)),
  ];
  const times = timeStamps.flatMap(({ indication, genTime }) =>
    indication === 'TOTAL-PASSED' && genTime !== undefined ? [genTime] : [],
  );
  if (times.length === 0) return { ...withProof(asked, unproved(asked, timeStamps)), timeStamps };
  const provedAt = Math.min(...times) as EpochMillis;
  const before = later.map(claimedTime).find((time) => time !== undefined && time < Math.max(...times));
  if (before !== undefined) return { ...withProof(asked, outOfOrder(before)), timeStamps };
  const then = judgedThen(subject, mode, { ...rules, at: provedAt, instant: 'proved' }, rules.at);
  const detail = `The signature was there at ${new Date(provedAt).toISOString()}.`;
  return { ...withProof(then, { name: NAME, result: 'passed', detail }), timeStamps, provedAt };
}

function hasProperties({ xml }: ValidationOutcome): boolean {
  return xml?.unsigned?.some(({ name }) => name === 'QualifyingProperties') === true;
}

/** The genTime of a token as it says it; undefined where it cannot be read. */
function claimedTime(token: Uint8Array): EpochMillis | undefined {
  return orNone(() => [parseTstInfo(parseTimeStampToken(token).content).genTime])[0];
}

function outOfOrder(time: EpochMillis): Check {
  const detail = `A time-stamp of ${new Date(time).toISOString()} covers one that is younger.`;
  return finding(NAME, 'timestamp.order', { detail });
}

function coveredOctets(subject: ValidationSubject, { xml }: ValidationOutcome): readonly Uint8Array[] {
  if (subject.kind !== 'document') return [subject.signatureValue];
  return xml?.signatureValue === undefined ? [subject.document] : [xml.signatureValue, subject.document];
}

function judgeToken(
  token: Uint8Array,
  octets: readonly Uint8Array[],
  { at, data, revocation }: OfflineRules,
  trustAnchors: readonly Certificate[],
): TimeStampVerdict {
  const verdicts = octets.map((stamped) => verifyTimeStamp({ token, stamped, trustAnchors }));
  const verdict =
    verdicts.find(({ checks }) => checks.every(({ code }) => code !== 'timestamp.imprint')) ?? verdicts[0];
  if (verdict === undefined) throw new Error('A signature has octets to be stamped.');
  const { genTime, path, accuracy = 0 } = verdict;
  if (genTime === undefined || path === undefined) return verdict;
  if (genTime > at + accuracy + SKEW) {
    const detail = `Stamped at ${new Date(genTime).toISOString()}, after the instant judged.`;
    return {
      ...verdict,
      ...conclude([...verdict.checks, finding('time-stamp-order', 'timestamp.order', { detail })], genTime),
    };
  }
  if (verdict.validUntil !== undefined && verdict.validUntil < at) {
    const detail = `Its authority's certificate ended at ${new Date(verdict.validUntil).toISOString()}.`;
    return {
      ...verdict,
      ...conclude([...verdict.checks, finding('time-stamp-order', 'timestamp.renewal', { detail })], genTime),
    };
  }
  const { crls, ocsp } = data;
  // A list or answer from after the stamp speaks of it at its own time, as in evidence: whichever says
  // revoked ends the token.
  const sets = [at, ...issuedBetween({ at: genTime, data }, at)].flatMap((then) => [
    ...(ocsp.length > 0 ? [{ at: then, crls: [], ocsp }] : []),
    { at: then, crls, ocsp: [] },
  ]);
  const status: Check =
    revocation === 'switched-off'
      ? { name: 'time-stamp-revocation', result: 'not-reached', detail: 'Switched off.' }
      : tsaRevocationCheck(path, genTime, sets);
  return { ...verdict, ...conclude([...verdict.checks, status], genTime) };
}

/** Nothing is proved: only a policy that demands it makes that an obstacle. */
function unproved({ demandsTimeStamp }: ValidationOutcome, timeStamps: readonly TimeStampVerdict[]): Check {
  const [first] = timeStamps;
  const why =
    first === undefined
      ? 'No time-stamp was given.'
      : `No token proves a time: ${decisiveCheck(first)?.code}.`;
  if (demandsTimeStamp === true) return finding(NAME, 'timestamp.unavailable', { detail: why });
  return { name: NAME, result: 'not-reached', detail: why };
}

function withProof(outcome: ValidationOutcome, proof: Check): ValidationOutcome {
  const report = conclude([...outcome.report.checks, proof], outcome.report.validationTime);
  return { ...outcome, report, result: verificationResult(report), retryable: isRetryable(report) };
}

/**
 * The judgement for the proven time. Revocation data of any instant from then until now speaks of it: one that says
 * revoked decides, then one that is good (section 5.5: freshness is judged again at the best-signature-time).
 */
function judgedThen(
  subject: ValidationSubject,
  mode: SigningMode,
  rules: OfflineRules,
  now: EpochMillis,
): ValidationOutcome {
  const instants = [now, ...issuedBetween(rules, now), rules.at];
  const outcomes = instants.map((dataAt) => judgeOffline(subject, mode, { ...rules, dataAt }));
  const revoked = outcomes.find(({ revocation }) => revocation.some(({ status }) => status === 'revoked'));
  const passed = outcomes.find(({ report }) => report.indication === 'TOTAL-PASSED');
  const [first] = outcomes;
  if (first === undefined) throw new Error('There is always an instant.');
  return revoked ?? passed ?? first;
}

/** When the lists and answers at hand were issued, the newest first. */
function issuedBetween(
  { at, data }: Pick<OfflineRules, 'at' | 'data'>,
  now: EpochMillis,
): readonly EpochMillis[] {
  const issued = [...data.crls.flatMap(crlIssued), ...data.ocsp.flatMap(answersIssued)];
  return [...new Set(issued)].filter((time) => time >= at && time <= now).sort((left, right) => right - left);
}

function crlIssued(der: Uint8Array): readonly EpochMillis[] {
  return orNone(() => [readCrlFields(der).thisUpdate]);
}

function answersIssued(der: Uint8Array): readonly EpochMillis[] {
  return orNone(() => {
    const response = parseOcspResponse(der);
    return response.status === 'successful' ? [response.basic.producedAt] : [];
  });
}

/** What cannot be read was issued at no time; the judgement says what is wrong with it. */
function orNone(read: () => readonly EpochMillis[]): readonly EpochMillis[] {
  try {
    return read();
  } catch (thrown) {
    if (asJitsuinError(thrown).kind === 'internal') throw thrown;
    return [];
  }
}
