import type { Kysely } from 'kysely';
import type { Step } from '../../core/step.ts';
import type { ApplicationStore } from '../../ports/application-store.ts';
import type { ApprovalStore } from '../../ports/approval-store.ts';
import type { AuditLog, AuditSealing, AuditTrail } from '../../ports/audit.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ConsentStore } from '../../ports/consent-store.ts';
import type { CrlMarks } from '../../ports/crl-marks.ts';
import type { EvidenceArchive } from '../../ports/evidence-archive.ts';
import type { EvidenceStore } from '../../ports/evidence-store.ts';
import type { FeeLedger } from '../../ports/fee-ledger.ts';
import type { IdempotencyStore } from '../../ports/idempotency-store.ts';
import type { LeaseStore } from '../../ports/lease-store.ts';
import type { LoginStore } from '../../ports/login-store.ts';
import type { PasskeyStore } from '../../ports/passkey-store.ts';
import type { ChainHeads } from '../../ports/public-log.ts';
import type { ReplayStore } from '../../ports/replay-store.ts';
import type { Sealer } from '../../ports/sealer.ts';
import type { SessionStore } from '../../ports/session-store.ts';
import type { SignatureMemory } from '../../ports/signature-memory.ts';
import type { StaffStore } from '../../ports/staff-store.ts';
import type { StatusCheckStore } from '../../ports/status-check-store.ts';
import type { SubjectStore } from '../../ports/subject-store.ts';
import type { VerificationStore } from '../../ports/verification-store.ts';
import type { WaitingStore } from '../../ports/waiting-store.ts';
import type { WebhookStore } from '../../ports/webhook-store.ts';
import type { SharedCommits } from './engine/shared-commits.ts';
import type { JobListener, StoreEngine } from './engine/store-engine.ts';
import type { PostgresFacts } from './engine/trial.ts';
import type { RowMacs } from './rows/row-macs.ts';
import type { TableHeads } from './rows/table-heads.ts';
import type { StoreSchema } from './schema/schema.ts';

export type StoreRole = 'sp' | 'gov' | 'pf';

export interface StoreOptions {
  /** `postgres://…` or `postgresql://…`; absent: SQLite in `dataDir`. */
  readonly databaseUrl?: string;
  /**
   * Folder of the embedded database `<role>.sqlite3` (made when missing), or `:memory:` for a store that is gone on
   * close.
   */
  readonly dataDir?: string;
  readonly role: StoreRole;
  /** PostgreSQL schema; default `jitsuin_<role>`. Roles never share one. */
  readonly schema?: string;
  readonly sealer: Sealer;
  readonly clock: Clock;
  /** Connections to PostgreSQL; default 10. */
  readonly poolSize?: number;
  /**
   * `require`: refuse a schema that is behind (PostgreSQL's default); `migrate`: bring it up (SQLite's default);
   * `skip`: for `jitsuin migrate`.
   */
  readonly migrations?: 'require' | 'migrate' | 'skip';
  /** A backup that was put back: `refused` (default, `store.put-back`) until it is declared restored. */
  readonly putBack?: 'refused' | 'accepted';
}

export interface Store {
  readonly role: StoreRole;
  readonly engine: StoreEngine;
  readonly applications: ApplicationStore;
  readonly verifications: VerificationStore;
  readonly signatures: SignatureMemory;
  readonly crlMarks: CrlMarks;
  readonly evidence: EvidenceStore;
  readonly archive: EvidenceArchive;
  readonly subjects: SubjectStore;
  readonly fees: FeeLedger;
  readonly consents: ConsentStore;
  readonly statusChecks: StatusCheckStore;
  readonly idempotency: IdempotencyStore;
  readonly replay: ReplayStore;
  readonly sessions: SessionStore;
  readonly logins: LoginStore;
  readonly passkeys: PasskeyStore;
  readonly leases: LeaseStore;
  readonly waiting: WaitingStore;
  readonly webhooks: WebhookStore;
  readonly operators: StaffStore;
  readonly approvals: ApprovalStore;
  readonly audit: AuditLog & AuditSealing & AuditTrail;
  readonly chainHeads: ChainHeads;
  /** For what upkeep changes with its audit records. */
  readonly changes: Pick<SharedCommits, 'add'>;
  /** MACs and heads of rows, for the queue adapter, re-sealing and commands. */
  readonly rows: RowMacs;
  readonly heads: TableHeads;
  /** For the queue adapter, re-sealing and moving; use-cases take the ports above. */
  readonly kysely: Kysely<StoreSchema>;
  /** The same for what only running processes care about (`StoreConnection.amongProcesses`). */
  readonly amongProcesses: Kysely<StoreSchema>;
  /** Called in this process after a commit that wrote jobs. Returns the way to stop listening. */
  onJobs(listener: JobListener): () => void;
  /** Cheap question whether the database answers. @throws JitsuinError `store.unavailable` */
  ping(): Promise<void>;
  /** Writes a row, reads it back and takes it back: the store can do the work. @throws JitsuinError `store.*` */
  trial(): Promise<void>;
  /** What a PostgreSQL server is; the embedded store has none. */
  readonly server?: PostgresFacts;
  /** Brings the schema up; several starters at once are safe. Returns the names of the migrations it ran. */
  migrate(step?: Step): Promise<readonly string[]>;
  close(): Promise<void>;
}
