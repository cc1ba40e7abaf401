import type { Selectable } from 'kysely';
import type { CompactJwe, EpochMillis, SigningInput, TenantId, VerificationId } from '../../../core/brand.ts';
import { defined } from '../../../core/defined.ts';
import type { KeptReport } from '../../../core/report.ts';
import {
  FINAL_VERIFICATION_STATES,
  type Verification,
  type VerificationResult,
} from '../../../core/sign-transaction/verification.ts';
import type { Sealer } from '../../../ports/sealer.ts';
import type { VerificationTable } from '../schema/schema.ts';
import { asMode, asProfile, asVerificationState, parsedJson } from './row-values.ts';
import { type RecordSeal, recordSeal, versionedRecord } from './sealing.ts';

export type VerificationRow = Selectable<VerificationTable>;

/**
 * Verification → row (yet without its MAC), its JWE sealed for this revision. The skeleton lies in a table of its
 * own.
 */
export function verificationRow(sealer: Sealer, verification: Verification): Omit<VerificationRow, 'mac'> {
  const { id, tenant, revision, state, service, environment, profile, mode, data, secrets } = verification;
  return {
    id,
    tenant,
    revision,
    state,
    service,
    environment,
    profile,
    mode,
    data,
    submission_key: verification.submissionKey,
    submission_hash: verification.submissionHash,
    bundle_hash: verification.bundleHash,
    correlation_id: verification.correlationId ?? null,
    check_method: verification.checkMethod,
    signed_element:
      verification.signedElement === undefined ? null : JSON.stringify(verification.signedElement),
    result: verification.result ?? null,
    report: verification.report === undefined ? null : JSON.stringify(verification.report),
    signed_octets_sha256: verification.signedOctetsSha256 ?? null,
    failure: verification.failure === undefined ? null : JSON.stringify(verification.failure),
    receipt: verification.receipt ?? null,
    created_at: verification.createdAt,
    updated_at: verification.updatedAt,
    decided_at: verification.decidedAt ?? null,
    subject_id: verification.subjectId ?? null,
    content_taken_at: verification.contentTakenAt ?? null,
    deleted_at: verification.deletedAt ?? null,
    deadline: verification.deadline,
    purge_at: verification.purgeAt,
    ended: FINAL_VERIFICATION_STATES.includes(state) ? 1 : 0,
    secrets_kept: secrets === undefined ? 0 : 1,
    sealed_jwe:
      secrets === undefined
        ? null
        : rowSeal(sealer, id, revision, tenant).sealText('sealed_jwe', secrets.jwe),
  };
}

function rowSeal(sealer: Sealer, id: string, revision: number, tenant: string): RecordSeal {
  return recordSeal(sealer, { table: 'verifications', record: versionedRecord(id, revision), tenant });
}

/** Row (and the opened skeleton) → Verification. Without a skeleton the record comes without its secrets. */
export function verificationOf(row: VerificationRow, sealer: Sealer, skeleton?: Uint8Array): Verification {
  return {
    id: row.id as VerificationId,
    tenant: row.tenant as TenantId,
    revision: row.revision,
    state: asVerificationState(row.state),
    submissionKey: row.submission_key,
    submissionHash: row.submission_hash,
    bundleHash: row.bundle_hash,
    service: row.service,
    environment: row.environment === 'production' ? 'production' : 'test',
    profile: asProfile(row.profile),
    mode: asMode(row.mode),
    data: row.data as SigningInput,
    checkMethod: row.check_method === 'OCSP' ? 'OCSP' : 'CRL',
    createdAt: row.created_at as EpochMillis,
    updatedAt: row.updated_at as EpochMillis,
    deadline: row.deadline as EpochMillis,
    purgeAt: row.purge_at as EpochMillis,
    ...optionalFields(row),
    ...openSecrets(row, sealer, skeleton),
  };
}

function optionalFields(row: VerificationRow): Partial<Verification> {
  return defined({
    signedElement:
      row.signed_element === null
        ? undefined
        : parsedJson<NonNullable<Verification['signedElement']>>(row.signed_element),
    correlationId: row.correlation_id === null ? undefined : row.correlation_id,
    result: row.result === null ? undefined : (row.result as VerificationResult),
    report: row.report === null ? undefined : parsedJson<KeptReport>(row.report),
    signedOctetsSha256: row.signed_octets_sha256 === null ? undefined : row.signed_octets_sha256,
    failure: row.failure === null ? undefined : parsedJson<NonNullable<Verification['failure']>>(row.failure),
    receipt: row.receipt === null ? undefined : row.receipt,
    decidedAt: row.decided_at === null ? undefined : (row.decided_at as EpochMillis),
    subjectId: row.subject_id === null ? undefined : row.subject_id,
    contentTakenAt: row.content_taken_at === null ? undefined : (row.content_taken_at as EpochMillis),
    deletedAt: row.deleted_at === null ? undefined : (row.deleted_at as EpochMillis),
  });
}

function openSecrets(
  row: VerificationRow,
  sealer: Sealer,
  skeleton: Uint8Array | undefined,
): Pick<Verification, 'secrets'> {
  if (skeleton === undefined || row.sealed_jwe === null) return {};
  const jwe = rowSeal(sealer, row.id, row.revision, row.tenant).openText('sealed_jwe', row.sealed_jwe);
  return { secrets: { skeleton, jwe: jwe as CompactJwe } };
}
