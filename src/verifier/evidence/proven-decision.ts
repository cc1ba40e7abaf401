import type { EpochMillis } from '../../core/brand.ts';
import { type AlgorithmEnds, firstEnd } from '../../core/digest/algorithm-ends.ts';
import { type Check, conclude, decisiveCheck, finding, type Report } from '../../core/report.ts';
import { DAY_MILLIS, HOUR_MILLIS, MINUTE_MILLIS } from '../../core/spans.ts';
import { judgeCertificate, periodChecks } from '../judge-certificate.ts';
import { judgeRevocation } from '../judge-revocation.ts';
import type { ValidationRequest } from '../validation-types.ts';
import { keyKind } from '../x509/key-kind.ts';
import type { Judged } from './remake-evidence.ts';
import type { EvidenceTimeVerdict } from './verify-evidence-time.ts';

/** How much later than judged a record may be proved to have been there, unless somebody says otherwise. */
export const PROOF_WITHIN = DAY_MILLIS;
/** By how much the TSA's clock may be behind ours. */
const SKEW = MINUTE_MILLIS;

interface ProofTerms {
  /**
   * Milliseconds between the instant judged and the proven time; also how old revocation data may be at the latter
   * at least.
   */
  readonly within: number;
  /** Roots of the TSAs were given, so the time was judged. */
  readonly judged: boolean;
  /** The caller believes the instant that the record says. */
  readonly believeInstant: boolean;
  readonly algorithmEnds: AlgorithmEnds;
  /** For when the question is asked, for example in 2046; absent: for the day of the newest token. */
  readonly asked?: EpochMillis;
}

/**
 * The verdict for the time that is proved. A judgement that was not good stays what it is; a good one must also be
 * good at the time when the record is known to have been there (ETSI EN 319 102-1 sections 5.5 and 5.6: a claimed
 * instant is no proof of existence).
 */
export function provenDecision(judged: Judged, time: EvidenceTimeVerdict, terms: ProofTerms): Report {
  const { report } = judged.outcome;
  if (report.indication !== 'TOTAL-PASSED' || terms.believeInstant) return report;
  const at = judged.request.at;
  if (time.provenAt === undefined) {
    const why = terms.judged
      ? `the time-stamps prove no time (${decisiveCheck(time)?.code ?? 'timestamp.unavailable'})`
      : 'no root of a time-stamp authority was given';
    const missing = finding('proof-of-existence', 'timestamp.unavailable', {
      detail: `judged for ${iso(at)}; ${why}`,
    });
    return conclude([...report.checks, missing], report.validationTime);
  }
  const open = openAt(judged, time.provenAt, time.validUntil, terms);
  return open === undefined ? report : conclude([...report.checks, open], report.validationTime);
}

function openAt(
  judged: Judged,
  provenAt: EpochMillis,
  validUntil: EpochMillis | undefined,
  { within, algorithmEnds, asked }: ProofTerms,
): Check | undefined {
  const { at } = judged.request;
  const instants = `judged for ${iso(at)}, proved for ${iso(provenAt)}`;
  if (at > provenAt + SKEW)
    return noProof('judged-instant', `${instants}: the judgement is younger than its proof`);
  if (provenAt - at > within)
    return noProof('judged-instant', `${instants}: more than ${Math.round(within / HOUR_MILLIS)} h apart`);
  const algorithms = ['sha256' as const, ...judged.outcome.path.map(keyKind)];
  if (firstEnd(algorithms, algorithmEnds) < provenAt)
    return finding('algorithm-end', 'certificate.key-policy', {
      detail: `${instants}: an algorithm of the signature had ended by then`,
    });
  const later = goodAt(judged, provenAt, within, instants);
  if (later !== undefined) return later;
  if (asked !== undefined && validUntil !== undefined && asked > validUntil)
    return finding('proof-of-existence', 'timestamp.renewal', {
      detail: `${instants}; asked for ${iso(asked)}, but the proof ended at ${iso(validUntil)}`,
    });
  return undefined;
}

/**
 * The certificate and its revocation, judged again from the same data for the proven time. A revocation in between
 * decides.
 */
function goodAt(
  { request, outcome, data }: Judged,
  provenAt: EpochMillis,
  within: number,
  instants: string,
): Check | undefined {
  const { policy } = request;
  const freshness = { ...policy.freshness, leastAge: within };
  const then: ValidationRequest = { ...request, at: provenAt, policy: { ...policy, freshness } };
  const { certificate } = outcome;
  const hashes = outcome.xml?.hashes ?? ['sha256'];
  const path = certificate === undefined ? [] : judgeCertificate(certificate, then, hashes).checks;
  const { checks: revocation, results } = judgeRevocation(outcome.path, then, data);
  const period = certificate === undefined ? [] : periodChecks(then, certificate, results[0]);
  const open = [...path, ...revocation, ...period].find(
    ({ result }) => result === 'failed' || result === 'indeterminate',
  );
  if (open === undefined) return undefined;
  if (!REVOKED.has(open.code))
    return noProof('proven-time', `${instants}, when ${open.name} was no longer good: ${open.code ?? ''}`);
  return { ...open, detail: `${instants}. ${open.detail ?? ''}`.trim() };
}

const REVOKED: ReadonlySet<string | undefined> = new Set([
  'certificate.revoked',
  'certificate.ca-revoked',
  'certificate.suspended',
]);

function noProof(name: string, detail: string): Check {
  return finding(name, 'evidence.invalid', { detail });
}

function iso(instant: number): string {
  return new Date(instant).toISOString();
}
