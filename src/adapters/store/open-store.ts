import { defined } from '../../core/defined.ts';
import { openApprovalStore } from './accounts/approval-store.ts';
import { openLoginStore } from './accounts/login-store.ts';
import { openOperatorStore } from './accounts/operator-store.ts';
import { openPasskeyStore } from './accounts/passkey-store.ts';
import { openSessionStore } from './accounts/session-store.ts';
import { openIdempotencyStore } from './claims/idempotency-store.ts';
import { openLeaseStore } from './claims/lease-store.ts';
import { openReplayStore } from './claims/replay-store.ts';
import type { StoreContext } from './context.ts';
import { openConnection, type StoreConnection } from './engine/connection.ts';
import { migrate, requireMigrated } from './engine/migrator.ts';
import { openAuditLog } from './evidence/audit-log.ts';
import { openEvidenceArchive } from './evidence/evidence-archive.ts';
import { openEvidenceStore } from './evidence/evidence-store.ts';
import { openApplicationStore } from './records/application-store.ts';
import { openConsentStore } from './records/consent-store.ts';
import { openFeeLedger } from './records/fee-ledger.ts';
import { openSubjectStore } from './records/subject-store.ts';
import { openVerificationStore } from './records/verification-store.ts';
import type { Store, StoreOptions, StoreRole } from './store-options.ts';
import { type Restored, readRestored, refusePutBack } from './upkeep/store-marks.ts';
import { openWebhookStore } from './webhooks/webhook-store.ts';

export type { Store, StoreOptions, StoreRole };

/**
 * Opens the store of one role.
 * @throws JitsuinError `store.unavailable`, `store.migration` (the schema is behind: run `jitsuin migrate`), `store.put-back`,
 *   `config.invalid`
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const connection = await openConnection(options);
  try {
    const mode = options.migrations ?? (connection.engine === 'sqlite' ? 'migrate' : 'require');
    if (mode === 'migrate') await migrate(connection);
    if (mode === 'require') await requireMigrated(connection);
    if (mode === 'skip') return storeOf(options, connection, undefined);
    if (options.putBack !== 'accepted') await refusePutBack(connection, options.role);
    return storeOf(options, connection, await readRestored(connection));
  } catch (cause) {
    await connection.close();
    throw cause;
  }
}

function storeOf(
  { role, sealer, clock }: StoreOptions,
  connection: StoreConnection,
  restored: Restored | undefined,
): Store {
  const context: StoreContext = defined({
    connection,
    role,
    sealer,
    clock,
    restored,
  });
  return {
    role,
    engine: connection.engine,
    applications: openApplicationStore(context),
    verifications: openVerificationStore(context),
    evidence: openEvidenceStore(context),
    archive: openEvidenceArchive(context),
    subjects: openSubjectStore(context),
    fees: openFeeLedger(context),
    consents: openConsentStore(context),
    idempotency: openIdempotencyStore(context),
    replay: openReplayStore(context),
    sessions: openSessionStore(context),
    logins: openLoginStore(context),
    passkeys: openPasskeyStore(context),
    leases: openLeaseStore(context),
    webhooks: openWebhookStore(context),
    operators: openOperatorStore(context),
    approvals: openApprovalStore(context),
    audit: openAuditLog(context),
    kysely: connection.db,
    amongProcesses: connection.amongProcesses,
    onJobs: connection.onJobs,
    ping: connection.ping,
    migrate: () => migrate(connection),
    close: connection.close,
  };
}
