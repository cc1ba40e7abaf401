import type { EpochMillis } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import { asJitsuinError } from '../../core/errors.ts';
import { canonicalText } from '../../core/evidence/canonical-json.ts';
import { type FormCatalogue, formCatalogue } from '../../core/forms/catalogue.ts';
import { type Check, conclude, finding, type Report } from '../../core/report.ts';
import type { VerificationResult } from '../../core/sign-transaction/verification.ts';
import type { PolicyFile } from '../policy/policy-file.ts';
import { policyOf } from '../policy/validation-policy.ts';
import { recordedPolicies } from '../validation-policy.ts';
import { parseCertificate } from '../x509/certificate.ts';
import type { Certificate } from '../x509/certificate-types.ts';
import { sameOctets } from '../x509/octets.ts';
import { compareEvidence } from './compare-evidence.ts';
import type { EvidenceRecord } from './evidence-record.ts';
import { digestChecks, findPart, readRecord } from './read-evidence.ts';
import { type Judged, judgeRecorded, type Remade, type Remaking, remakeEvidence } from './remake-evidence.ts';

export interface EvidenceVerification {
  /**
   * Checks on the record itself: `part-digest` and `member-digest` name in `detail` what was altered, `remade-part`,
   * `remade-member` and `remade-check` what is not what the record's own parts give.
   */
  readonly integrity: Report;
  /**
   * The judgement made again from the record, for the instant that the record says; absent when the record is not
   * whole.
   */
  readonly decision?: Report;
  readonly result?: VerificationResult;
  readonly id?: string;
  readonly signedOctetsSha256?: string;
}

/** With what was judged, for whoever asks the same for another instant. */
export interface JudgedEvidence extends EvidenceVerification {
  readonly record?: EvidenceRecord;
  readonly judged?: Judged;
}

export { recordedDecision } from './read-evidence.ts';

/**
 * Decides again from an evidence record, offline: whether every octet is what its own parts give, and what the
 * judgement is with trust anchors from the caller only and by a policy of this software: the name alone is believed,
 * so that nobody can write a record with rules of his own (`policies`: files of the caller's that count too). The
 * instant is the record's: whoever needs it proved asks `verifyExportedEvidence`.
 * @param octets the record as `makeEvidence` or `jitsuin evidence export` wrote it
 */
export function verifyEvidence(
  octets: Uint8Array,
  trustAnchors: readonly Certificate[],
): EvidenceVerification {
  const { record: _record, judged: _judged, ...verification } = judgeEvidence(octets, trustAnchors);
  return verification;
}

/** As `verifyEvidence`, with what was judged. */
export function judgeEvidence(
  octets: Uint8Array,
  trustAnchors: readonly Certificate[],
  policies: readonly PolicyFile[] = [],
  forms: FormCatalogue = formCatalogue(),
): JudgedEvidence {
  const read = readRecord(octets);
  if (typeof read === 'string') return { integrity: integrityReport([formatFailed(read)], 0) };
  const checks: Check[] = [
    { name: 'evidence-format', result: 'passed' },
    ...digestChecks(read),
    policyCheck(read, policies),
    ...formCheck(read, forms),
  ];
  const { at } = read.instant;
  if (checks.some((check) => check.result !== 'passed'))
    return { integrity: integrityReport(checks, at), id: read.id };
  const again = remade(read, trustAnchors);
  if ('unusable' in again) {
    const unusable: Check = { ...formatFailed(again.unusable.message), name: 'evidence-content' };
    return { integrity: integrityReport([...checks, unusable], at), id: read.id };
  }
  const integrity = integrityReport([...checks, ...again.comparisons], at);
  const judged = trustedJudgement(read, again.made, trustAnchors);
  const { report: decision, result, signedOctetsSha256 } = judged.outcome;
  return defined({ integrity, decision, result, id: read.id, signedOctetsSha256, record: read, judged });
}

function integrityReport(checks: readonly Check[], at: number): Report {
  return conclude(checks, at as EpochMillis);
}

function formatFailed(detail: string): Check {
  return finding('evidence-format', 'evidence.invalid', { sub: 'FORMAT_FAILURE', detail });
}

/** Rules of this software, or of a file that the caller brings: a record cannot bring its own. */
function policyCheck({ policy }: EvidenceRecord, policies: readonly PolicyFile[]): Check {
  const name = 'evidence-policy';
  const brought = policies.map((file) => policyOf(file, policy.method));
  const known = [...recordedPolicies(policy.environment, policy.method), ...brought];
  if (known.some((candidate) => canonicalText(policy) === canonicalText(candidate)))
    return { name, result: 'passed' };
  const file = policy.sha256 === undefined ? '' : ` of a file with SHA-256 ${policy.sha256}`;
  const detail = `The policy ${policy.name}${file} is not one of this software, and its file was not given.`;
  return finding(name, 'evidence.invalid', { sub: 'SIG_CONSTRAINTS_FAILURE', detail });
}

/** A form of this software, or of a file that the caller brings: what it lets through is nobody's own word. */
function formCheck({ form }: EvidenceRecord, forms: FormCatalogue): readonly Check[] {
  if (form === undefined) return [];
  const name = 'evidence-form';
  if (forms.get(form.name)?.sha256 === form.sha256) return [{ name, result: 'passed' }];
  const file = `${form.name} of a file with SHA-256 ${form.sha256}`;
  const detail = `The form ${file} is not one of this software, and its file was not given.`;
  return [finding(name, 'evidence.invalid', { sub: 'SIG_CONSTRAINTS_FAILURE', detail })];
}

interface Compared {
  readonly made: Remade;
  readonly comparisons: readonly Check[];
}

/**
 * Whether the record is what its parts give is asked with the anchor that it names itself, so that who trusts
 * another one does not call it altered; where that does not fit (no path was found then, or another list was at
 * hand), with the caller's.
 */
function remade(
  record: EvidenceRecord,
  trustAnchors: readonly Certificate[],
): Compared | Extract<Remaking, { unusable: unknown }> {
  const first = compared(record, ownAnchors(record));
  if (faultsOf(first) === 0) return first;
  const second = compared(record, trustAnchors);
  return faultsOf(second) < faultsOf(first) ? second : first;
}

function faultsOf(made: ReturnType<typeof compared>): number {
  if ('unusable' in made) return Number.POSITIVE_INFINITY;
  return made.comparisons.filter((check) => check.result !== 'passed').length;
}

/** What is no certificate is not what a judgement gives, and is named so. */
function ownAnchors(record: EvidenceRecord): readonly Certificate[] {
  const own = findPart(record, 'anchor');
  try {
    return own === undefined ? [] : [parseCertificate(own)];
  } catch (thrown) {
    if (asJitsuinError(thrown).kind === 'internal') throw thrown;
    return [];
  }
}

function compared(
  record: EvidenceRecord,
  anchors: readonly Certificate[],
): Compared | Extract<Remaking, { unusable: unknown }> {
  const made = remakeEvidence(record, anchors);
  return 'unusable' in made ? made : { made, comparisons: compareEvidence(record, made.content) };
}

/** The judgement with the caller's anchors and without an instant for the data that nobody proved. */
function trustedJudgement(
  record: EvidenceRecord,
  made: Remade,
  trustAnchors: readonly Certificate[],
): Judged {
  const anchor = made.outcome.path.at(-1);
  const trusted =
    anchor !== undefined && trustAnchors.some((candidate) => sameOctets(candidate.der, anchor.der));
  const request = { ...made.request, trustAnchors };
  if (trusted && request.dataAt === undefined) return { ...made, request };
  const { dataAt: _dataAt, ...asked } = request;
  return judgeRecorded(record, asked);
}
