import type { Selectable } from 'kysely';
import type {
  ApplicationId,
  CompactJwe,
  EpochMillis,
  SigningInput,
  SignTransactionId,
  TenantId,
} from '../../../core/brand.ts';
import { defined } from '../../../core/defined.ts';
import {
  type Application,
  type ApplicationSecrets,
  FINAL_APPLICATION_STATES,
  type Verdict,
} from '../../../core/sign-transaction/application.ts';
import type { ApplicationGlance } from '../../../ports/application-store.ts';
import type { Sealer } from '../../../ports/sealer.ts';
import type { ApplicationTable } from '../schema/schema.ts';
import { asMode, asProfile, asState, parsedJson } from './row-values.ts';
import { type RecordSeal, recordSeal, versionedRecord } from './sealing.ts';

export type ApplicationRow = Selectable<ApplicationTable>;

const TEXT_SECRETS = {
  prepared: 'sealed_prepared',
  browserHash: 'sealed_browser_hash',
  loginHash: 'sealed_login_hash',
  signLink: 'sealed_hand_over',
  state: 'sealed_state',
  nonce: 'sealed_nonce',
  codeVerifier: 'sealed_code_verifier',
  accessToken: 'sealed_access_token',
  refreshToken: 'sealed_refresh_token',
  idToken: 'sealed_id_token',
  subject: 'sealed_subject',
  resultJwe: 'sealed_result_jwe',
  receipt: 'sealed_receipt',
} as const satisfies Partial<Record<keyof ApplicationSecrets, keyof ApplicationTable>>;

const OCTET_SECRETS = {
  clearCertificate: 'sealed_clear_certificate',
  clearSignatureValue: 'sealed_clear_signature_value',
} as const satisfies Partial<Record<keyof ApplicationSecrets, keyof ApplicationTable>>;

type TextSecret = keyof typeof TEXT_SECRETS;
type OctetSecret = keyof typeof OCTET_SECRETS;
type SealedColumn = (typeof TEXT_SECRETS)[TextSecret] | (typeof OCTET_SECRETS)[OctetSecret];

/** Every sealed column of the row; their context is (`applications`, column, `id@revision`, tenant). */
export const APPLICATION_SEALED_COLUMNS: readonly SealedColumn[] = [
  ...Object.values(TEXT_SECRETS),
  ...Object.values(OCTET_SECRETS),
];

/**
 * Application → row (yet without its MAC), its secrets sealed for this revision. The document lies in a table of
 * its own.
 */
export function applicationRow(sealer: Sealer, application: Application): Omit<ApplicationRow, 'mac'> {
  const { id, tenant, revision, state, profile, mode, data } = application;
  return {
    id,
    tenant,
    revision,
    state,
    profile,
    mode,
    data,
    display_name: application.displayName,
    identification_code: application.identificationCode,
    external_id: application.externalId ?? null,
    return_to: application.returnTo ?? null,
    correlation_id: application.correlationId ?? null,
    sign_transaction_id: application.signTransactionId ?? null,
    state_hash: application.stateHash ?? null,
    subject_hash: application.subjectHash ?? null,
    verification_id: application.verificationId ?? null,
    verdict: application.verdict === undefined ? null : JSON.stringify(application.verdict),
    failure: application.failure === undefined ? null : JSON.stringify(application.failure),
    start_attempted_at: application.startAttemptedAt ?? null,
    created_at: application.createdAt,
    updated_at: application.updatedAt,
    deadline: application.deadline,
    purge_at: application.purgeAt,
    ended: FINAL_APPLICATION_STATES.includes(state) ? 1 : 0,
    secrets_kept: application.secrets === undefined ? 0 : 1,
    ...sealedColumns(rowSeal(sealer, id, revision, tenant), application.secrets),
  };
}

function rowSeal(sealer: Sealer, id: string, revision: number, tenant: string): RecordSeal {
  return recordSeal(sealer, { table: 'applications', record: versionedRecord(id, revision), tenant });
}

function sealedColumns(
  seal: RecordSeal,
  secrets: ApplicationSecrets | undefined,
): Record<SealedColumn, Uint8Array | null> {
  const text = (field: TextSecret) => {
    const value = secrets?.[field];
    return value === undefined ? null : seal.sealText(TEXT_SECRETS[field], value);
  };
  const octets = (field: OctetSecret) => {
    const value = secrets?.[field];
    return value === undefined ? null : seal.seal(OCTET_SECRETS[field], value);
  };
  return {
    sealed_prepared: text('prepared'),
    sealed_browser_hash: text('browserHash'),
    sealed_login_hash: text('loginHash'),
    sealed_hand_over: text('signLink'),
    sealed_state: text('state'),
    sealed_nonce: text('nonce'),
    sealed_code_verifier: text('codeVerifier'),
    sealed_access_token: text('accessToken'),
    sealed_refresh_token: text('refreshToken'),
    sealed_id_token: text('idToken'),
    sealed_subject: text('subject'),
    sealed_result_jwe: text('resultJwe'),
    sealed_receipt: text('receipt'),
    sealed_clear_certificate: octets('clearCertificate'),
    sealed_clear_signature_value: octets('clearSignatureValue'),
  };
}

/** Row → Application, with its secrets as long as they are kept. */
export function applicationOf(row: ApplicationRow, sealer: Sealer, document?: Uint8Array): Application {
  const secrets = row.secrets_kept === 0 ? undefined : openSecrets(row, sealer, document);
  return defined({ ...plainApplicationOf(row), secrets });
}

/** Row → Application without secrets: no seal is opened. */
export function plainApplicationOf(row: ApplicationRow): Application {
  return defined({
    id: row.id as ApplicationId,
    tenant: row.tenant as TenantId,
    revision: row.revision,
    state: asState(row.state),
    profile: asProfile(row.profile),
    mode: asMode(row.mode),
    displayName: row.display_name,
    identificationCode: row.identification_code,
    data: row.data as SigningInput,
    createdAt: row.created_at as EpochMillis,
    updatedAt: row.updated_at as EpochMillis,
    deadline: row.deadline as EpochMillis,
    purgeAt: row.purge_at as EpochMillis,
    ...optionalFields(row),
    purged: row.secrets_kept === 0 ? (true as const) : undefined,
  });
}

/** Row → Application without secrets, and the word of its `sign_url`; no other seal is opened. */
export function applicationGlance(row: ApplicationRow, sealer: Sealer): ApplicationGlance {
  const { id, revision, tenant, sealed_hand_over: sealed } = row;
  const application = plainApplicationOf(row);
  if (sealed === null) return { application };
  return {
    application,
    signLink: rowSeal(sealer, id, revision, tenant).openText('sealed_hand_over', sealed),
  };
}

function optionalFields(row: ApplicationRow): Partial<Application> {
  return defined({
    externalId: row.external_id === null ? undefined : row.external_id,
    correlationId: row.correlation_id === null ? undefined : row.correlation_id,
    returnTo: row.return_to === null ? undefined : row.return_to,
    signTransactionId:
      row.sign_transaction_id === null ? undefined : (row.sign_transaction_id as SignTransactionId),
    stateHash: row.state_hash === null ? undefined : row.state_hash,
    subjectHash: row.subject_hash === null ? undefined : row.subject_hash,
    verificationId: row.verification_id === null ? undefined : row.verification_id,
    startAttemptedAt: row.start_attempted_at === null ? undefined : (row.start_attempted_at as EpochMillis),
    verdict: row.verdict === null ? undefined : parsedJson<Verdict>(row.verdict),
    failure: row.failure === null ? undefined : parsedJson<NonNullable<Application['failure']>>(row.failure),
  });
}

function openSecrets(
  row: ApplicationRow,
  sealer: Sealer,
  document: Uint8Array | undefined,
): ApplicationSecrets {
  const seal = rowSeal(sealer, row.id, row.revision, row.tenant);
  const text = <F extends TextSecret>(field: F): { readonly [K in F]?: string } => {
    const sealed = row[TEXT_SECRETS[field]];
    const opened: { [K in F]?: string } = {};
    return sealed === null
      ? opened
      : Object.assign(opened, { [field]: seal.openText(TEXT_SECRETS[field], sealed) });
  };
  const octets = <F extends OctetSecret>(field: F): { readonly [K in F]?: Uint8Array } => {
    const sealed = row[OCTET_SECRETS[field]];
    const opened: { [K in F]?: Uint8Array } = {};
    return sealed === null
      ? opened
      : Object.assign(opened, { [field]: seal.open(OCTET_SECRETS[field], sealed) });
  };
  const resultJwe = text('resultJwe').resultJwe;
  return defined({
    document,
    prepared: text('prepared').prepared ?? '',
    ...text('browserHash'),
    ...text('loginHash'),
    ...text('signLink'),
    ...text('state'),
    ...text('nonce'),
    ...text('codeVerifier'),
    ...text('accessToken'),
    ...text('refreshToken'),
    ...text('idToken'),
    ...text('subject'),
    ...text('receipt'),
    ...octets('clearCertificate'),
    ...octets('clearSignatureValue'),
    resultJwe: resultJwe === undefined ? undefined : (resultJwe as CompactJwe),
  });
}
