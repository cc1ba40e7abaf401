import type { StoreSchema } from '../schema/schema.ts';

/** How one table's rows are protected against who can write the database. */
export interface MacTable {
  /** Columns of the primary key. */
  readonly key: readonly string[];
  /**
   * Columns that the MAC leaves out: they say when something runs, never what; a change costs time and nothing
   * else.
   */
  readonly free?: readonly string[];
  /**
   * The rows belong to a head, so that none can be added, left out or put back: one for the table, or one for each
   * value of these columns.
   */
  readonly head?: 'table' | readonly string[];
  /** The table's name when its rows got their MACs, which are over it. */
  readonly was?: string;
}

const TABLES = {
  applications: { key: ['id'] },
  verifications: { key: ['id'] },
  subjects: { key: ['tenant', 'certificate_hash'] },
  consents: { key: ['verification_id'] },
  fee_ledger: { key: ['id'] },
  status_checks: { key: ['id'] },
  evidence_chain: { key: ['seq'] },
  evidence_head: { key: ['id'] },
  audit_first_log: { key: ['id'], was: 'audit_head' },
  audit_chains: { key: ['id'], free: ['beat_at'] },
  audit_seals: { key: ['seq'] },
  audit_seal_head: { key: ['id'] },
  evidence_periods: { key: ['period'] },
  evidence_tokens: { key: ['period', 'n'] },
  evidence_token_revocation: { key: ['period', 'n'] },
  evidence_trees: { key: ['period', 'n'] },
  evidence_tree_leaves: { key: ['period', 'n', 'seq'] },
  idempotency_keys: { key: ['tenant', 'key_hash'] },
  browser_sessions: { key: ['id_hash'] },
  login_attempts: { key: ['state_hash'] },
  citizen_passkeys: { key: ['id'], head: ['tenant', 'subject_hash'] },
  passkey_challenges: { key: ['hash'] },
  signature_claims: { key: ['signature_hash'] },
  leases: { key: ['name'], free: ['owner', 'owned_until'] },
  jobs: {
    key: ['id'],
    free: [
      'state',
      'run_at',
      'attempts',
      'losses',
      'fence',
      'lease_owner',
      'lease_until',
      'reason',
      'published_at',
      'finished_at',
    ],
  },
  webhook_endpoints: { key: ['id'], head: ['tenant'] },
  webhook_deliveries: { key: ['id'] },
  webhook_attempts: { key: ['delivery_id', 'number'] },
  operators: { key: ['id'], head: 'table' },
  operator_invitations: { key: ['secret_hash'], head: 'table' },
  operator_passkeys: { key: ['id'], head: 'table' },
  operator_sessions: { key: ['id_hash'], head: 'table' },
  approvals: { key: ['id'], head: 'table' },
  store_marks: { key: ['name'] },
  table_heads: { key: ['name'] },
} as const satisfies Partial<Record<keyof StoreSchema, MacTable>>;

export type MacTableName = keyof typeof TABLES;

export type HeadedTable = {
  [T in MacTableName]: (typeof TABLES)[T] extends { readonly head: unknown } ? T : never;
}[MacTableName];

/** Every table whose rows carry a MAC. */
export const MAC_TABLES: Readonly<Record<MacTableName, MacTable>> = TABLES;

/** Tables without a MAC, and why none is needed. */
export const UNMACED_TABLES = {
  application_documents: 'id and tenant are associated data of the sealed document',
  verification_documents: 'id and tenant are associated data of the sealed document',
  application_files: 'id, position and tenant are associated data; the sealed state holds names and digests',
  verification_files:
    'id, position and tenant are associated data; SignedInfo of the skeleton holds the digests',
  evidence: 'id and tenant are associated data of the sealed record, and its link holds its hash',
  evidence_seals: 'a signature of the operator over the hash of the record, judged with it',
  evidence_files:
    'the hash is associated data of the sealed octets; `counted` says only whether it may ever go',
  evidence_file_uses: 'says only that a file is kept',
  waiting_places:
    'says only who waits and in which order; who changes it lets somebody go first, and nobody sign who may not',
  replay_values:
    'says only that a value is used up; who takes it away can have it used again within its minutes',
  index_keys: 'the name is associated data of the sealed key',
  audit_records: 'chained by their hashes up to the end of their chain, which carries a MAC',
} as const satisfies Partial<Record<keyof StoreSchema, string>>;
