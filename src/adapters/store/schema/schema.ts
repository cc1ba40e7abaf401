/**
 * The one typed schema of both engines. Times are integer milliseconds, structures are JSON text, octets are blobs.
 * A column named `sealed_…` holds octets of the Sealer and nothing else; its context is in `sealed-columns.ts`.
 */
export interface StoreSchema {
  applications: ApplicationTable;
  application_documents: DocumentTable;
  application_files: FileTable;
  verifications: VerificationTable;
  verification_documents: DocumentTable;
  verification_files: FileTable;
  signature_claims: SignatureClaimTable;
  subjects: SubjectTable;
  consents: ConsentTable;
  fee_ledger: FeeTable;
  status_checks: StatusCheckTable;
  evidence: EvidenceTable;
  evidence_seals: EvidenceSealTable;
  evidence_files: EvidenceFileTable;
  evidence_file_uses: EvidenceFileUseTable;
  evidence_chain: EvidenceChainTable;
  evidence_head: EvidenceHeadTable;
  evidence_periods: EvidencePeriodTable;
  evidence_tokens: EvidenceTokenTable;
  evidence_token_revocation: EvidenceTokenRevocationTable;
  evidence_trees: EvidenceTreeTable;
  evidence_tree_leaves: EvidenceTreeLeafTable;
  idempotency_keys: IdempotencyTable;
  replay_values: ReplayTable;
  browser_sessions: SessionTable;
  login_attempts: LoginTable;
  citizen_passkeys: CitizenPasskeyTable;
  passkey_challenges: PasskeyChallengeTable;
  leases: LeaseTable;
  waiting_places: WaitingTable;
  audit_records: AuditTable;
  audit_first_log: AuditFirstLogTable;
  audit_chains: AuditChainTable;
  audit_seals: AuditSealTable;
  audit_seal_head: AuditSealHeadTable;
  jobs: JobTable;
  webhook_endpoints: WebhookEndpointTable;
  webhook_deliveries: WebhookDeliveryTable;
  webhook_attempts: WebhookAttemptTable;
  operators: StaffTable;
  operator_invitations: StaffInvitationTable;
  operator_passkeys: StaffPasskeyTable;
  operator_sessions: StaffSessionTable;
  approvals: ApprovalTable;
  store_marks: MarkTable;
  table_heads: TableHeadTable;
  index_keys: IndexKeyTable;
}

/** `rows/row-macs.ts`; null where a row is not believed before it has one. */
interface Maced {
  mac: Uint8Array | null;
}

/** `rows/table-heads.ts`: what says that these are all rows of a table, or of one owner in it. */
interface TableHeadTable extends Maced {
  name: string;
  version: number;
  /** Hex SHA-256 over the MACs of the rows. */
  digest: string;
}

/** Secrets of the store itself, sealed: they outlive a change of the seal key. */
interface IndexKeyTable {
  name: string;
  sealed_key: Uint8Array;
}

/** What the store knows of itself: `store-marks.ts`. */
interface MarkTable extends Maced {
  name: string;
  value: string;
}

export interface ApplicationTable extends Maced {
  id: string;
  tenant: string;
  revision: number;
  state: string;
  profile: string;
  mode: string;
  display_name: string;
  identification_code: string;
  external_id: string | null;
  return_to: string | null;
  correlation_id: string | null;
  data: string;
  sign_transaction_id: string | null;
  state_hash: string | null;
  subject_hash: string | null;
  verification_id: string | null;
  /** JSON of `Verdict`. */
  verdict: string | null;
  /** JSON of `Application.failure`. */
  failure: string | null;
  start_attempted_at: number | null;
  created_at: number;
  updated_at: number;
  deadline: number;
  purge_at: number;
  /** 1 in a final state. */
  ended: number;
  /** 0 after the purge. */
  secrets_kept: number;
  sealed_prepared: Uint8Array | null;
  sealed_browser_hash: Uint8Array | null;
  sealed_login_hash: Uint8Array | null;
  sealed_hand_over: Uint8Array | null;
  sealed_state: Uint8Array | null;
  sealed_nonce: Uint8Array | null;
  sealed_code_verifier: Uint8Array | null;
  sealed_access_token: Uint8Array | null;
  sealed_refresh_token: Uint8Array | null;
  sealed_id_token: Uint8Array | null;
  sealed_subject: Uint8Array | null;
  sealed_result_jwe: Uint8Array | null;
  sealed_clear_certificate: Uint8Array | null;
  sealed_clear_signature_value: Uint8Array | null;
  sealed_receipt: Uint8Array | null;
}

/** The files beside a document, in their order: name and octets, each sealed by itself. */
interface FileTable {
  id: string;
  position: number;
  tenant: string;
  sealed_name: Uint8Array;
  sealed_octets: Uint8Array;
}

/** The octets that came in: written once with their record, gone with the purge. */
interface DocumentTable {
  id: string;
  tenant: string;
  sealed_document: Uint8Array;
}

export interface VerificationTable extends Maced {
  id: string;
  tenant: string;
  revision: number;
  state: string;
  submission_key: string;
  submission_hash: string;
  bundle_hash: string;
  service: string;
  environment: string;
  profile: string;
  mode: string;
  data: string;
  /** JSON of `Verification.signedElement`. */
  signed_element: string | null;
  correlation_id: string | null;
  check_method: string;
  result: string | null;
  /** JSON of `Report`. */
  report: string | null;
  signed_octets_sha256: string | null;
  /** JSON of `Verification.failure`. */
  failure: string | null;
  receipt: string | null;
  created_at: number;
  updated_at: number;
  decided_at: number | null;
  subject_id: string | null;
  content_taken_at: number | null;
  deleted_at: number | null;
  deadline: number;
  purge_at: number;
  ended: number;
  secrets_kept: number;
  sealed_jwe: Uint8Array | null;
}

/** A tenant's random id of the citizen of a certificate. */
interface SubjectTable extends Maced {
  tenant: string;
  /** Hex HMAC-SHA-256 under the store's index key: over the tenant and the certificate. */
  certificate_hash: string;
  subject_id: string;
  created_at: number;
}

/** Append-only. Prices in yen. */
export interface FeeTable extends Maced {
  id: string;
  /** Hex SHA-256 of the key under which it is charged once. */
  key_hash: string;
  tenant: string;
  /** Of Japan's calendar: YYYY-MM. */
  month: string;
  at: number;
  certificate: string;
  method: string;
  purpose: string;
  verification_id: string;
  result: string;
  list_price: number;
  charged_price: number;
  /** Which rule of the price list, for example its waiver; null: the plain price. */
  rule: string | null;
}

/** What was found of a certificate after its verification; goes with it. */
export interface StatusCheckTable extends Maced {
  id: string;
  tenant: string;
  verification_id: string;
  status: string;
  method: string;
  purpose: string;
  checked_at: number;
  sealed_facts: Uint8Array;
}

interface EvidenceTable {
  id: string;
  tenant: string;
  sealed_octets: Uint8Array;
}

/** Octets that several records share (CRLs), once. */
/** Outlives the verification; written once, deleted by its own clock. */
export interface ConsentTable extends Maced {
  verification_id: string;
  tenant: string;
  subject_id: string;
  /** JSON list. */
  items: string;
  purpose: string;
  wording_sha256: string;
  agreed_at: number;
  handed_out_at: number;
  keep_until: number;
}

interface EvidenceFileTable {
  /** Hex SHA-256 of the octets. */
  sha256: string;
  sealed_octets: Uint8Array;
  /** 1: every use of it is in `evidence_file_uses`, so that it may go with the last one. 0: kept for ever. */
  counted: number;
}

interface EvidenceFileUseTable {
  sha256: string;
  /** `record ID` or `period N`. */
  used_by: string;
}

/** Append-only; outlives the record. */
export interface EvidenceChainTable extends Maced {
  seq: number;
  id: string;
  /** Hex SHA-256 of the record's octets. */
  record_sha256: string;
  at: number;
  previous_hash: string;
  hash: string;
}

/** One row: where the chain ends. */
export interface EvidenceHeadTable extends Maced {
  id: number;
  seq: number;
  hash: string;
}

/** The links from `first_seq` to `last_seq` under one Merkle root. */
export interface EvidencePeriodTable extends Maced {
  period: number;
  first_seq: number;
  last_seq: number;
  root: string;
  /** Hash of the chain's link `last_seq`. */
  head: string;
  /** How many tokens there are. */
  tokens: number;
  valid_until: number;
  /** Of the newest tree. */
  hash: string;
  /** What the newest token stands on, as JSON. */
  algorithms: string;
}

interface EvidenceTokenTable extends Maced {
  period: number;
  n: number;
  /** DER TimeStampToken: hashes and the TSA's certificates, nothing to seal. */
  token: Uint8Array;
}

/** Which verification has a signature value, by its keyed hash. */
export interface SignatureClaimTable extends Maced {
  signature_hash: string;
  verification_id: string;
  at: number;
}

/** The operator's signature on a record's hash; goes with the record. */
interface EvidenceSealTable {
  id: string;
  /** Compact JWS. */
  seal: string;
}

/** Append-only: what was known of the certificate behind a token. The octets are in `evidence_files`. */
interface EvidenceTokenRevocationTable extends Maced {
  period: number;
  /** In the order in which it came, from 1. */
  n: number;
  token: number;
  at: number;
  /** JSON: `{"crls": […], "ocsp": […]}`, hex SHA-256 of each. */
  files: string;
}

/** Append-only: trees with another hash that took the first one's place. */
export interface EvidenceTreeTable extends Maced {
  period: number;
  n: number;
  hash: string;
  root: string;
  first_token: number;
}

/** Append-only: a leaf cannot be made again once its record is deleted. */
interface EvidenceTreeLeafTable extends Maced {
  period: number;
  n: number;
  seq: number;
  leaf: string;
}

export interface IdempotencyTable extends Maced {
  tenant: string;
  /** Hex SHA-256 of the key: what a caller writes there is the caller's business. */
  key_hash: string;
  request_hash: string;
  /** Null in rows of before this column. */
  request_id: string | null;
  claimed_at: number;
  /** JSON of status, headers and body. Null while the first request runs. */
  sealed_answer: Uint8Array | null;
}

/** Who waits for the service's rate. */
interface WaitingTable {
  /** Of the application. */
  id: string;
  tenant: string;
  place: number;
  entered_at: number;
  seen_at: number;
}

interface ReplayTable {
  purpose: string;
  /** Hex SHA-256 of the value. */
  value_hash: string;
  remembered_until: number;
}

export interface SessionTable extends Maced {
  id_hash: string;
  sealed_subject: Uint8Array | null;
  subject_hash: string | null;
  sid: string | null;
  sealed_csrf: Uint8Array;
  created_at: number;
  expires_at: number;
  /** JSON of tokens and attributes after a login. */
  sealed_login: Uint8Array | null;
  login_revision: number;
}

export interface LoginTable extends Maced {
  state_hash: string;
  /** JSON of browser hash, state, nonce and verifier. */
  sealed_secrets: Uint8Array;
  return_to: string;
  outcome: string;
  /** JSON of the failure's code and row. */
  failure: string | null;
  created_at: number;
  expires_at: number;
}

export interface CitizenPasskeyTable extends Maced {
  id: string;
  tenant: string;
  subject_hash: string;
  /** Hex SHA-256 of the credential id. */
  credential_hash: string;
  /** JSON of credential id, `sub` and name. */
  sealed_secrets: Uint8Array;
  /** COSE_Key. */
  public_key: Uint8Array;
  counter: number;
  /** Separated by spaces. */
  transports: string;
  backed_up: number;
  state: string;
  created_at: number;
  used_at: number | null;
  card_at: number;
}

interface PasskeyChallengeTable extends Maced {
  hash: string;
  expires_at: number;
}

interface LeaseTable extends Maced {
  name: string;
  owner: string | null;
  owned_until: number;
  sealed_value: Uint8Array | null;
  expires_at: number;
}

export interface AuditTable {
  /** 0: the one log of programs before the chains. */
  chain: number;
  /** Within its chain, from 1. */
  seq: number;
  at: number;
  event: string;
  subject: string;
  tenant: string;
  code: string | null;
  /** JSON of `AuditEvent.facts`, keys sorted. */
  facts: string | null;
  /** Hex SHA-256 of the record before; for the first one `chainGenesis`. */
  previous_hash: string;
  hash: string;
}

/** One row: where the log ended that one head served, before each process had a chain of its own. It never changes. */
interface AuditFirstLogTable extends Maced {
  id: number;
  seq: number;
  hash: string;
}

/**
 * One row a chain: where it ends. Its process alone writes it; whoever ends it for a process that is gone, under its
 * last hash.
 */
export interface AuditChainTable extends Maced {
  id: number;
  opened_at: number;
  seq: number;
  hash: string;
  /** When its process was last seen; says nothing of what is in the chain. */
  beat_at: number;
  closed_at: number | null;
  /** `process`, or `silence`: nobody closed it. */
  ended_by: string | null;
  /** Number of the seal that holds its last end. */
  final_seal: number | null;
}

/** The ends of all chains at one moment. */
export interface AuditSealTable extends Maced {
  seq: number;
  at: number;
  /** JSON of the leaves: `audit-seals.ts`. */
  leaves: string;
  /** Hex root of the Merkle tree over them (RFC 6962 section 2.1). */
  root: string;
  /** Hash of the seal before; for the first one the end of the first log. */
  previous_hash: string;
  hash: string;
}

/** One row: how many chains were ever opened, and the newest seal. */
export interface AuditSealHeadTable extends Maced {
  id: number;
  chains: number;
  seals: number;
  hash: string;
}

type JobState = 'waiting' | 'active' | 'done' | 'dead';

/** The outbox and, for the SQL queue, the queue itself. */
export interface JobTable extends Maced {
  id: string;
  name: string;
  version: number;
  subject: string;
  job_key: string;
  state: JobState;
  run_at: number;
  attempts: number;
  /** How often a worker lost it: its lease ran out without a word. */
  losses: number;
  /** +1 with every claim: who holds an older number has lost the job. */
  fence: number;
  lease_owner: string | null;
  lease_until: number;
  /** Stable error code of the last failure. */
  reason: string | null;
  created_at: number;
  /** Lane: whose server it may have to wait for; null: the same for all jobs of the name. */
  endpoint: string | null;
  tenant: string | null;
  /** When it was handed to Redis; null while it was not. */
  published_at: number | null;
  finished_at: number | null;
}

/** Where a tenant wants to hear of state changes. */
export interface WebhookEndpointTable extends Maced {
  id: string;
  tenant: string;
  url: string;
  /** JSON list of event types. */
  events: string;
  state: string;
  revision: number;
  created_at: number;
  updated_at: number;
  /** JSON of the secrets, newest first. */
  sealed_secrets: Uint8Array;
}

export interface WebhookDeliveryTable extends Maced {
  id: string;
  tenant: string;
  endpoint_id: string;
  type: string;
  subject: string;
  /** JSON of ids and states: what is signed and sent. */
  payload: string;
  state: string;
  attempts: number;
  replayed_at: number;
  created_at: number;
  updated_at: number;
}

interface WebhookAttemptTable extends Maced {
  delivery_id: string;
  number: number;
  at: number;
  status: number | null;
  code: string | null;
  duration_millis: number;
}

/** People who work with the console. */
export interface StaffTable extends Maced {
  id: string;
  name: string;
  role: string;
  state: string;
  handle: Uint8Array;
  created_at: number;
  updated_at: number;
}

interface StaffInvitationTable extends Maced {
  /** Hex SHA-256 of what the link carries. */
  secret_hash: string;
  operator_id: string;
  expires_at: number;
}

export interface StaffPasskeyTable extends Maced {
  /** Credential id, base64url. */
  id: string;
  operator_id: string;
  /** Separated by spaces. */
  transports: string;
  /** COSE_Key. */
  public_key: Uint8Array;
  counter: number;
  backed_up: number;
  created_at: number;
  used_at: number | null;
}

export interface StaffSessionTable extends Maced {
  id_hash: string;
  operator_id: string;
  sealed_csrf: Uint8Array;
  created_at: number;
  seen_at: number;
  expires_at: number;
}

/** Changes of keys and tenants that two administrators make together. */
export interface ApprovalTable extends Maced {
  id: string;
  kind: string;
  subject: string;
  /** JSON of public values. */
  payload: string;
  state: string;
  requested_by: string;
  requested_at: number;
  expires_at: number;
  decided_by: string | null;
  decided_at: number | null;
  code: string | null;
}
