import type { EpochMillis, SignatureValue, SigningInput } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import { fromBase64 } from '../../core/encoding.ts';
import { asJitsuinError, JitsuinError } from '../../core/errors.ts';
import { type Check, conclude, decisiveCheck, finding, type Report } from '../../core/report.ts';
import type { VerificationResult } from '../../core/sign-transaction/verification.ts';
import { readSkeleton } from '../../core/xmldsig/prepare.ts';
import { startValidation } from '../validate.ts';
import { jpkiSigningPolicy } from '../validation-policy.ts';
import type {
  RevocationData,
  ValidationOutcome,
  ValidationPolicy,
  ValidationRequest,
  ValidationSubject,
} from '../validation-types.ts';
import { parseCertificate } from '../x509/certificate.ts';
import type { Certificate } from '../x509/certificate-types.ts';
import { canonicalText } from './canonical-json.ts';
import { type EvidenceRecord, sha256Hex } from './evidence-record.ts';
import { digestChecks, findPart, hashFailed, readRecord } from './read-evidence.ts';

export interface EvidenceVerification {
  /** Checks on the record itself; `part-digest` and `member-digest` name in `detail` what was altered. */
  readonly integrity: Report;
  /** The judgement made again from the record; absent when the record is not whole. */
  readonly decision?: Report;
  readonly result?: VerificationResult;
  readonly id?: string;
  readonly signedOctetsSha256?: string;
}

export { recordedDecision } from './read-evidence.ts';

/**
 * Decides again from an evidence record, offline: whether every octet is as it was written, and whether the same judgement
 * comes out, with trust anchors from the caller only and by a policy of this software: the name alone is believed, so that nobody
 * can write a record with rules of his own.
 * @param octets the record as `makeEvidence` or `jitsuin evidence export` wrote it
 */
export function verifyEvidence(
  octets: Uint8Array,
  trustAnchors: readonly Certificate[],
): EvidenceVerification {
  const read = readRecord(octets);
  if (typeof read === 'string') return { integrity: integrityReport([formatFailed(read)], 0) };
  const checks: Check[] = [
    { name: 'evidence-format', result: 'passed' },
    ...digestChecks(read),
    policyCheck(read),
  ];
  const { at } = read.instant;
  const whole = checks.every((check) => check.result === 'passed');
  if (!whole) return { integrity: integrityReport(checks, at), id: read.id };
  const again = decideAgain(read, trustAnchors);
  if ('unusable' in again) {
    const unusable: Check = { ...formatFailed(again.unusable.message), name: 'evidence-content' };
    return { integrity: integrityReport([...checks, unusable], at), id: read.id };
  }
  const integrity = integrityReport([...checks, ...comparisons(read, again)], at);
  const { signedOctetsSha256 } = again;
  return defined({
    integrity,
    decision: again.report,
    result: again.result,
    id: read.id,
    signedOctetsSha256,
  });
}

function integrityReport(checks: readonly Check[], at: number): Report {
  return conclude(checks, at as EpochMillis);
}

function formatFailed(detail: string): Check {
  return finding('evidence-format', 'evidence.invalid', { sub: 'FORMAT_FAILURE', detail });
}

function policyCheck({ policy }: EvidenceRecord): Check {
  const name = 'evidence-policy';
  const known = jpkiSigningPolicy(policy.environment, policy.method);
  if (canonicalText(policy) === canonicalText(known)) return { name, result: 'passed' };
  return finding(name, 'evidence.invalid', { sub: 'SIG_CONSTRAINTS_FAILURE', detail: 'policy' });
}

function comparisons(record: EvidenceRecord, again: ValidationOutcome): readonly Check[] {
  const code = (report: EvidenceRecord['report'] | Report) => decisiveCheck(report as Report)?.code;
  const sameWords =
    record.report.indication === again.report.indication &&
    record.report.subIndication === again.report.subIndication;
  // Reports of before the words of EN 319 102-1 have no class: what decided is compared, not what it was called.
  const olderWords = record.report.class === undefined && record.report.indication !== 'TOTAL-PASSED';
  const same =
    (sameWords || olderWords) &&
    code(record.report) === code(again.report) &&
    record.result === again.result &&
    record.signedOctetsSha256 === again.signedOctetsSha256;
  const checks: Check[] = [
    same ? { name: 'same-decision', result: 'passed' } : hashFailed('same-decision', 'report'),
  ];
  for (const [name, octets] of rebuiltParts(again)) {
    const kept = record.parts.find((part) => part.name === name);
    if (kept !== undefined && sha256Hex(octets) !== kept.sha256)
      checks.push(hashFailed('rebuilt-part', name));
  }
  return checks;
}

/** What the judgement made again also makes: it must be what was kept. */
function rebuiltParts(again: ValidationOutcome): readonly (readonly [string, Uint8Array])[] {
  const { document, signedInfoOctets } = again;
  const parts: (readonly [string, Uint8Array])[] = [];
  if (document !== undefined) parts.push(['finished-document', document]);
  if (signedInfoOctets !== undefined) parts.push(['signed-info', signedInfoOctets]);
  return parts;
}

/** `unusable`: a record whose digests hold and that yet could never have been one of ours. */
function decideAgain(
  record: EvidenceRecord,
  trustAnchors: readonly Certificate[],
): ValidationOutcome | { readonly unusable: JitsuinError } {
  try {
    const started = startValidation(recordedRequest(record, trustAnchors));
    if (started.kind === 'decided') return started.outcome;
    return started.finish(started.needs.map((_need, index) => recordedData(record, index)));
  } catch (thrown) {
    const error = asJitsuinError(thrown);
    if (error.kind === 'internal') throw thrown;
    return { unusable: error };
  }
}

function recordedRequest(record: EvidenceRecord, trustAnchors: readonly Certificate[]): ValidationRequest {
  const { instant, mode, data } = record;
  const nonce = findPart(record, 'nonce');
  return defined({
    subject: recordedSubject(record),
    mode,
    trustAnchors,
    intermediates: record.parts
      .filter((part) => part.name.startsWith('intermediate:'))
      .map((part) => parseCertificate(fromBase64(part.octets))),
    at: instant.at as EpochMillis,
    policy: record.policy as ValidationPolicy,
    data: data === undefined ? undefined : (data as SigningInput),
    dataAt: instant.dataAt === undefined ? undefined : (instant.dataAt as EpochMillis),
    nonce,
  });
}

function recordedSubject(record: EvidenceRecord): ValidationSubject {
  const { profile, signedElement } = record;
  const selector = signedElement === undefined ? {} : { signedElement };
  const document = findPart(record, 'document');
  if (document !== undefined && profile !== 'detached')
    return { kind: 'document', document, profile, ...selector };
  const certificate = needPart(record, 'certificate');
  const signatureValue = needPart(record, 'signature-value') as SignatureValue;
  if (profile === 'detached')
    return { kind: 'file', octets: needPart(record, 'file'), certificate, signatureValue };
  const prepared = readSkeleton(needPart(record, 'skeleton'), profile, selector);
  return { kind: 'skeleton', prepared, certificate, signatureValue };
}

function recordedData(record: EvidenceRecord, need: number): RevocationData {
  const collect = (kind: string) =>
    record.parts
      .filter((part) => part.name.startsWith(`${kind}:${need}:`))
      .map((part) => fromBase64(part.octets));
  return { crls: collect('crl'), ocsp: collect('ocsp') };
}

function needPart(record: EvidenceRecord, name: string): Uint8Array {
  const octets = findPart(record, name);
  if (octets === undefined)
    throw new JitsuinError('evidence.invalid', `The record lacks "${name}".`, { at: name });
  return octets;
}
