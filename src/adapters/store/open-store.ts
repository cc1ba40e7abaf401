import { openApplicationStore } from './application-store.ts';
import { openApprovalStore } from './approval-store.ts';
import { openAuditLog } from './audit-log.ts';
import { openConnection, type StoreConnection } from './connection.ts';
import { openConsentStore } from './consent-store.ts';
import type { StoreContext } from './context.ts';
import { openEvidenceArchive } from './evidence-archive.ts';
import { openEvidenceStore } from './evidence-store.ts';
import { openFeeLedger } from './fee-ledger.ts';
import { openIdempotencyStore } from './idempotency-store.ts';
import { openLeaseStore } from './lease-store.ts';
import { openLoginStore } from './login-store.ts';
import { migrate, requireMigrated } from './migrator.ts';
import { openOperatorStore } from './operator-store.ts';
import { openPasskeyStore } from './passkey-store.ts';
import { openReplayStore } from './replay-store.ts';
import { openSessionStore } from './session-store.ts';
import { type Restored, readRestored, refusePutBack } from './store-marks.ts';
import type { Store, StoreOptions, StoreRole } from './store-options.ts';
import { openSubjectStore } from './subject-store.ts';
import { openVerificationStore } from './verification-store.ts';
import { openWebhookStore } from './webhook-store.ts';

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
  const context: StoreContext = {
    ...{ connection, role, sealer, clock },
    ...(restored === undefined ? {} : { restored }),
  };
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
