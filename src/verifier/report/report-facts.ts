import type { EpochMillis } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import { canonicalJson } from '../../core/evidence/canonical-json.ts';
import type { NamedPolicy, Report } from '../../core/report.ts';
import type {
  ReportFacts,
  ReportObject,
  ReportRevocation,
} from '../../core/validation-report/etsi-report.ts';
import { readExport } from '../evidence/evidence-export.ts';
import { type EvidenceRecord, sha256Hex } from '../evidence/evidence-record.ts';
import { stampedEvidence } from '../evidence/evidence-time.ts';
import { readRecord, recordedDecision, wholeRecord } from '../evidence/read-evidence.ts';
import type { ExportVerification } from '../evidence/verify-exported.ts';
import type { ValidationOutcome, ValidationPolicy } from '../validation-types.ts';
import type { Certificate } from '../x509/certificate-types.ts';

export interface JudgedSignature {
  /** The octets of the SignatureValue. */
  readonly signatureValue?: Uint8Array;
  readonly policy?: ValidationPolicy;
  /** Somebody says when the signature was there; else it is there now. */
  readonly bestTime?: { readonly at: EpochMillis; readonly proof: 'validation' | 'provided' };
}

/**
 * What a report says of a judgement: certificates and revocation data by their digests. For pf, gov and whoever
 * verifies.
 */
export function outcomeReportFacts(outcome: ValidationOutcome, judged: JudgedSignature): ReportFacts {
  const { report, signedOctetsSha256, path, certificate, revocation } = outcome;
  const { signatureValue, policy, bestTime } = judged;
  const named = path.length > 0 ? path : certificate === undefined ? [] : [certificate];
  const chain = named.map(certificateObject);
  const [signer, ...issuers] = chain;
  const anchor = path.length > 1 ? issuers.at(-1) : undefined;
  return defined({
    report,
    signedOctetsSha256,
    bestTime,
    signatureSha256: signatureValue === undefined ? undefined : sha256Hex(signatureValue),
    policy: policy === undefined ? undefined : policyFacts(policy),
    process: 'Basic',
    objects: [...chain, ...revocation.flatMap(usedData)],
    signer: signer === undefined ? undefined : signer.id,
    intermediates: issuers.filter((one) => one !== anchor).map(({ id }) => id),
    anchor: anchor === undefined ? undefined : anchor.id,
    revocation: revocationOf(outcome, chain),
    details: true,
  });
}

/**
 * What a report says of an evidence record: the verdict for the time that is proved, and the checks of that proof. Of
 * a record that is
 * not what was written nothing is proved, so nothing is said of its signature (NO_POE) but what differs.
 * @param file of `jitsuin evidence export`, as it was judged
 */
export function evidenceReportFacts(file: Uint8Array, verification: ExportVerification): ReportFacts {
  const { id, verdict, integrity, time, signedOctetsSha256, outcome } = verification;
  const { record: octets, time: proof } = readExport(file);
  const read = readRecord(octets);
  const record = typeof read === 'string' ? undefined : read;
  const stamped = proof === undefined ? [] : stampedEvidence(proof).tokens;
  const tokens = stamped.map((token) => objectOf('timestamp', sha256Hex(token)));
  const parts = record === undefined ? [] : record.parts.flatMap(partObject);
  const sound = outcome !== 'altered' && verdict !== undefined;
  const best = sound && time.provenAt !== undefined ? tokens[0] : undefined;
  const report: Report = sound
    ? { ...verdict, checks: [...integrity.checks, ...verdict.checks, ...time.checks] }
    : {
        indication: 'INDETERMINATE',
        subIndication: 'NO_POE',
        validationTime: integrity.validationTime,
        checks: [...integrity.checks, ...time.checks],
      };
  const value = record?.parts.find(({ name }) => name === 'signature-value');
  return defined({
    id,
    report,
    signedOctetsSha256,
    signatureSha256: value === undefined ? undefined : value.sha256,
    policy: record === undefined ? undefined : policyFacts(record.policy),
    process: time.provenAt === undefined ? 'Basic' : 'LTA',
    bestTime: bestTimeOf(verification, best),
    objects: [...parts, ...tokens, objectOf('evidencerecord', sha256Hex(file))],
    ...(sound && record !== undefined ? chainOf(record) : {}),
    details: true,
  });
}

/**
 * What a report says of our own evidence record to whoever may not hold a certificate: no signer, no chain, no object
 * and no digest by which two reports of one person could be told together.
 * @throws JitsuinError `evidence.invalid`
 */
export function plainReportFacts(
  id: string,
  octets: Uint8Array,
): ReportFacts & { readonly policy: NamedPolicy } {
  const { policy } = wholeRecord(octets);
  const { report, signedOctetsSha256 } = recordedDecision(octets);
  return { ...withoutSigner(id, report, signedOctetsSha256), policy: policyFacts(policy) };
}

/** The same where no record is kept: which policy it was is then not known any more. */
export function withoutSigner(
  id: string,
  report: Report,
  signedOctetsSha256: string | undefined,
): ReportFacts {
  return defined({ id, report, signedOctetsSha256, process: 'Basic' as const });
}

function bestTimeOf(
  { time, basis, verdict }: ExportVerification,
  stamp: ReportObject | undefined,
): ReportFacts['bestTime'] {
  if (time.provenAt !== undefined && stamp !== undefined)
    return { at: time.provenAt, proof: 'validation', object: stamp.id };
  if (basis === 'believed' && verdict !== undefined) return { at: verdict.validationTime, proof: 'provided' };
  return undefined;
}

/** The hash is that of the policy file, as `sha256sum` prints it; of before there were files that of the rules. */
export function policyFacts(policy: ValidationPolicy | EvidenceRecord['policy']): NamedPolicy {
  return { name: policy.name, sha256: policy.sha256 ?? sha256Hex(canonicalJson(policy)) };
}

function objectOf(type: ReportObject['type'], sha256: string): ReportObject {
  return { id: `${type}-${sha256.slice(0, 32)}`, type, sha256 };
}

function certificateObject({ der }: Certificate): ReportObject {
  return objectOf('certificate', sha256Hex(der));
}

function usedData(result: ValidationOutcome['revocation'][number]): readonly ReportObject[] {
  const { source } = result;
  if (source === undefined) return [];
  return [objectOf(source.method === 'CRL' ? 'CRL' : 'OCSPResponse', source.sha256)];
}

function revocationOf(
  { revocation }: ValidationOutcome,
  chain: readonly ReportObject[],
): ReportRevocation | undefined {
  const index = revocation.findIndex(({ status }) => status === 'revoked');
  const revoked = revocation[index];
  const certificate = chain[index];
  if (revoked?.status !== 'revoked' || certificate === undefined) return undefined;
  return { certificate: certificate.id, at: revoked.revokedAt, reason: revoked.reason };
}

const PART_TYPES: readonly (readonly [RegExp, ReportObject['type']])[] = [
  [/^(?:certificate|anchor|intermediate:)/, 'certificate'],
  [/^crl:/, 'CRL'],
  [/^ocsp:/, 'OCSPResponse'],
];

function partObject({ name, sha256 }: EvidenceRecord['parts'][number]): readonly ReportObject[] {
  const found = PART_TYPES.find(([form]) => form.test(name));
  return found === undefined ? [] : [objectOf(found[1], sha256)];
}

function chainOf({ parts }: EvidenceRecord): Pick<ReportFacts, 'signer' | 'anchor' | 'intermediates'> {
  const idOf = (name: string) => {
    const part = parts.find((candidate) => candidate.name === name);
    return part === undefined ? undefined : objectOf('certificate', part.sha256).id;
  };
  const intermediates = parts
    .filter(({ name }) => name.startsWith('intermediate:'))
    .map(({ sha256 }) => objectOf('certificate', sha256).id);
  return defined({ signer: idOf('certificate'), anchor: idOf('anchor'), intermediates });
}
