import type { Selectable } from 'kysely';
import type { EpochMillis } from '../../../core/brand.ts';
import { defined } from '../../../core/defined.ts';
import type { ErrorCode } from '../../../core/errors.ts';
import type { Approval, ApprovalKind, ApprovalState, ApprovalStore } from '../../../ports/approval-store.ts';
import { changeWithEffects, type StoreContext } from '../context.ts';
import { guarded } from '../engine/store-errors.ts';
import type { ApprovalTable } from '../schema/schema.ts';

export function openApprovalStore(context: StoreContext): ApprovalStore {
  const { db } = context.connection;
  return {
    insert: async (approval, audit) => {
      await changeWithEffects(context, { audit: [audit] }, async (transaction) => {
        await transaction.insertInto('approvals').values(approvalRow(approval)).execute();
        return true;
      });
    },
    get: async (id) => {
      const row = await guarded(() =>
        db.selectFrom('approvals').selectAll().where('id', '=', id).executeTakeFirst(),
      );
      return row === undefined ? undefined : approvalOf(row);
    },
    list: async ({ states, limit }) => {
      let query = db.selectFrom('approvals').selectAll().orderBy('id', 'desc').limit(limit);
      if (states !== undefined) query = query.where('state', 'in', [...states]);
      return (await guarded(() => query.execute())).map(approvalOf);
    },
    update: (next, from, audit, takenUp) =>
      changeWithEffects(context, { audit: [audit] }, async (transaction) => {
        const { state, decided_by, decided_at, code } = approvalRow(next);
        let query = transaction
          .updateTable('approvals')
          .set({ state, decided_by, decided_at, code })
          .where('id', '=', next.id)
          .where('state', '=', from);
        if (state === 'approved') query = query.where('requested_by', '<>', decided_by ?? '');
        if (takenUp !== undefined) query = query.where('decided_at', '=', takenUp);
        return (await query.executeTakeFirst()).numUpdatedRows === 1n;
      }),
  };
}

function approvalRow(approval: Approval): Selectable<ApprovalTable> {
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
