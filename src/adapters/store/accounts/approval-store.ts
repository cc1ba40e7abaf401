import { type Selectable, sql } from 'kysely';
import type { EpochMillis } from '../../../core/brand.ts';
import { defined } from '../../../core/defined.ts';
import type { ErrorCode } from '../../../core/errors.ts';
import type { Approval, ApprovalKind, ApprovalState, ApprovalStore } from '../../../ports/approval-store.ts';
import { changeWithEffects, type StoreContext } from '../context.ts';
import { guarded } from '../engine/store-errors.ts';
import { changeRows } from '../rows/change-rows.ts';
import type { ApprovalTable } from '../schema/schema.ts';

export function openApprovalStore(context: StoreContext): ApprovalStore {
  const { connection, heads, rows } = context;
  const all = () => guarded(() => heads.rows(connection.db, 'approvals'));
  return {
    insert: async (approval, audit) => {
      await changeWithEffects(context, { audit: [audit] }, (transaction) =>
        heads.change(transaction, 'approvals', async () => {
          const row = rows.sealed('approvals', approvalRow(approval));
          await transaction.insertInto('approvals').values(row).execute();
          return true;
        }),
      );
    },
    get: async (id) => {
      const row = (await all()).find((one) => one.id === id);
      return row === undefined ? undefined : approvalOf(row);
    },
    list: async ({ states, limit }) => {
      const newest = (await all()).toReversed();
      const wanted: readonly string[] | undefined = states;
      return newest
        .filter(({ state }) => wanted?.includes(state) ?? true)
        .slice(0, limit)
        .map(approvalOf);
    },
    update: (next, from, audit, takenUp) =>
      changeWithEffects(context, { audit: [audit] }, (transaction) =>
        heads.change(transaction, 'approvals', async (before) => {
          const stored = before.find(({ id, state }) => id === next.id && state === from);
          if (stored === undefined) return false;
          const { state, decided_by, decided_at, code } = approvalRow(next);
          if (state === 'approved' && stored.requested_by === decided_by) return false;
          if (takenUp !== undefined && stored.decided_at !== takenUp) return false;
          const set = { state, decided_by, decided_at, code };
          const where = sql<boolean>`id = ${next.id}`;
          return (await changeRows(transaction, rows, { table: 'approvals', where, set })) === 1;
        }),
      ),
  };
}

function approvalRow(approval: Approval): Omit<Selectable<ApprovalTable>, 'mac'> {
  const { id, kind, subject, payload, state } = approval;
  return {
    id,
    kind,
    subject,
    payload,
    state,
    requested_by: approval.requestedBy,
    requested_at: approval.requestedAt,
    expires_at: approval.expiresAt,
    decided_by: approval.decidedBy ?? null,
    decided_at: approval.decidedAt ?? null,
    code: approval.code ?? null,
  };
}

function approvalOf(row: Selectable<ApprovalTable>): Approval {
  return defined({
    id: row.id,
    kind: row.kind as ApprovalKind,
    subject: row.subject,
    payload: row.payload,
    state: row.state as ApprovalState,
    requestedBy: row.requested_by,
    requestedAt: row.requested_at as EpochMillis,
    expiresAt: row.expires_at as EpochMillis,
    decidedBy: row.decided_by === null ? undefined : row.decided_by,
    decidedAt: row.decided_at === null ? undefined : (row.decided_at as EpochMillis),
    code: row.code === null ? undefined : (row.code as ErrorCode),
  });
}
