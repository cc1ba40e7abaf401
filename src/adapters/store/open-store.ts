import { defined } from '../../core/defined.ts';
import type { Step } from '../../core/step.ts';
import type { Sealer } from '../../ports/sealer.ts';
import { openApprovalStore } from './accounts/approval-store.ts';
import { openLoginStore } from './accounts/login-store.ts';
import { openPasskeyStore } from './accounts/passkey-store.ts';
import { openSessionStore } from './accounts/session-store.ts';
import { openStaffStore } from './accounts/staff-store.ts';
import { openCrlMarks } from './claims/crl-marks.ts';
import { openIdempotencyStore } from './claims/idempotency-store.ts';
import { openLeaseStore } from './claims/lease-store.ts';
import { openReplayStore } from './claims/replay-store.ts';
import { openSignatureMemory } from './claims/signature-memory.ts';
import { openWaitingStore } from './claims/waiting-store.ts';
import type { StoreContext } from './context.ts';
import { openConnection, type StoreConnection } from './engine/connection.ts';
import { migrate, pending, requireMigrated } from './engine/migrator.ts';
import { guarded, openingError } from './engine/store-errors.ts';
import { requireTableRights, tryRow } from './engine/trial.ts';
import { openAuditLog } from './evidence/audit-log.ts';
import { openChainHeads } from './evidence/chain-heads.ts';
import { openEvidenceArchive } from './evidence/evidence-archive.ts';
import { openEvidenceStore } from './evidence/evidence-store.ts';
import { openApplicationStore } from './records/application-store.ts';
import { openConsentStore } from './records/consent-store.ts';
import { openFeeLedger } from './records/fee-ledger.ts';
import { openStatusCheckStore } from './records/status-check-store.ts';
import { openSubjectStore } from './records/subject-store.ts';
import { openVerificationStore } from './records/verification-store.ts';
import { type RowMacs, rowMacs } from './rows/row-macs.ts';
import { type TableHeads, tableHeads } from './rows/table-heads.ts';
import { AUDIT_CHAINS, ROW_MACS } from './schema/migrations.ts';
import type { Store, StoreOptions, StoreRole } from './store-options.ts';
import { introduceMacs, openIndexHash, requireMacs } from './upkeep/introduce-macs.ts';
import { requireNoLoss } from './upkeep/loss-marks.ts';
import { type Restored, readRestored, refusePutBack } from './upkeep/store-marks.ts';
import { openWebhookStore } from './webhooks/webhook-store.ts';

export type { Store, StoreOptions, StoreRole };

/**
 * Opens the store of one role.
 * @throws JitsuinError `store.unavailable`, `store.migration` (the schema is behind: run `jitsuin migrate`),
 * `store.put-back`,
 *   `config.invalid`
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const connection = await openConnection(options);
  const rows = rowMacs(options.sealer);
  // The stores of one process share a connection: who opens without a key takes nothing from the others.
  const afterLoss = options.role === 'sp' ? 'go-on' : 'refuse';
  if (!rows.closed) Object.assign(connection.changes, { macs: rows, clock: options.clock, afterLoss });
  const parts = { sealer: options.sealer, rows, heads: tableHeads(rows, connection.engine) };
  try {
    const mode = options.migrations ?? (connection.engine === 'sqlite' ? 'migrate' : 'require');
    if (mode === 'migrate' && (await pending(connection)).length > 0) {
      await migrate(connection, (transaction, ran) =>
        introduceMacs(transaction, parts, {
          macs: ran.includes(ROW_MACS),
          audit: ran.includes(AUDIT_CHAINS),
        }),
      );
    }
    if (mode === 'require') await requireMigrated(connection);
    if (mode === 'skip') return storeOf(options, connection, parts, undefined);
    if (connection.engine === 'postgres') await requireTableRights(connection);
    await requireMacs(connection, parts);
    if (options.putBack !== 'accepted') {
      await refusePutBack(connection, options.role);
      if (options.role !== 'sp')
        await guarded(() =>
          requireNoLoss({ db: connection.db, engine: connection.engine, macs: rows }, 'unknown'),
        );
    }
    const restored = await readRestored(connection, rows);
    await tryRow(connection);
    return storeOf(options, connection, parts, restored);
  } catch (cause) {
    await connection.close();
    throw openingError(cause, options.databaseUrl);
  }
}

function storeOf(
  { role, sealer, clock, databaseUrl }: StoreOptions,
  connection: StoreConnection,
  parts: { readonly sealer: Sealer; readonly rows: RowMacs; readonly heads: TableHeads },
  restored: Restored | undefined,
): Store {
  const { rows, heads } = parts;
  const context: StoreContext = defined({
    connection,
    role,
    sealer,
    rows,
    heads,
    indexHash: openIndexHash(connection, sealer),
    clock,
    restored,
  });
  return defined({
    role,
    engine: connection.engine,
    applications: openApplicationStore(context),
    verifications: openVerificationStore(context),
    signatures: openSignatureMemory(context),
    crlMarks: openCrlMarks(context),
    evidence: openEvidenceStore(context),
    archive: openEvidenceArchive(context),
    subjects: openSubjectStore(context),
    fees: openFeeLedger(context),
    consents: openConsentStore(context),
    statusChecks: openStatusCheckStore(context),
    idempotency: openIdempotencyStore(context),
    replay: openReplayStore(context),
    sessions: openSessionStore(context),
    logins: openLoginStore(context),
    passkeys: openPasskeyStore(context),
    leases: openLeaseStore(context),
    waiting: openWaitingStore(context),
    webhooks: openWebhookStore(context),
    operators: openStaffStore(context),
    approvals: openApprovalStore(context),
    audit: openAuditLog(context),
    chainHeads: openChainHeads(context),
    changes: connection.changes,
    rows,
    heads,
    kysely: connection.db,
    amongProcesses: connection.amongProcesses,
    onJobs: connection.onJobs,
    ping: connection.ping,
    trial: () =>
      guarded(async () => {
        await tryRow(connection);
        await connection.changes.requireWhole();
      }),
    server: connection.server,
    migrate: async (step?: Step) => {
      try {
        return await migrate(
          connection,
          (transaction) => introduceMacs(transaction, parts, { macs: true, audit: true }),
          step,
        );
      } catch (thrown) {
        throw openingError(thrown, databaseUrl);
      }
    },
    close: connection.close,
  });
}
