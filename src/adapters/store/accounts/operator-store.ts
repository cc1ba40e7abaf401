import type { Insertable, Selectable } from 'kysely';
import type { EpochMillis } from '../../../core/brand.ts';
import { defined } from '../../../core/defined.ts';
import {
  OPERATOR_ROLES,
  type Operator,
  type OperatorInvitation,
  type OperatorPasskey,
  type OperatorSession,
  type OperatorStore,
} from '../../../ports/operator-store.ts';
import type { Sealer } from '../../../ports/sealer.ts';
import { changeWithEffects, type StoreContext } from '../context.ts';
import type { StoreTransaction } from '../engine/store-engine.ts';
import { guarded } from '../engine/store-errors.ts';
import { recordSeal } from '../records/sealing.ts';
import type { OperatorPasskeyTable, OperatorSessionTable, OperatorTable } from '../schema/schema.ts';

export function openOperatorStore(context: StoreContext): OperatorStore {
  const { db } = context.connection;
  return {
    ...openPeople(context),
    ...openSessions(context),
    findPasskey: async (id) => {
      const row = await guarded(() =>
        db.selectFrom('operator_passkeys').selectAll().where('id', '=', id).executeTakeFirst(),
      );
      return row === undefined ? undefined : passkeyOf(row);
    },
    passkeysOf: async (operatorId) => {
      const rows = await guarded(() =>
        db
          .selectFrom('operator_passkeys')
          .selectAll()
          .where('operator_id', '=', operatorId)
          .orderBy('created_at')
          .execute(),
      );
      return rows.map(passkeyOf);
    },
    login: (passkey, counterBefore, session, audit) =>
      changeWithEffects(context, { audit: [audit] }, async (transaction) => {
        const { counter, backed_up, used_at } = passkeyRow(passkey);
        const written = await transaction
          .updateTable('operator_passkeys')
          .set({ counter, backed_up, used_at })
          .where('id', '=', passkey.id)
          .where('counter', '=', counterBefore)
          .executeTakeFirst();
        if (written.numUpdatedRows !== 1n) return false;
        if (!(await isActive(transaction, session.operatorId))) return false;
        await transaction
          .insertInto('operator_sessions')
          .values(sessionRow(context.sealer, session))
          .execute();
        return true;
      }),
  };
}

type People = Pick<OperatorStore, 'invite' | 'get' | 'list' | 'findInvitation' | 'enrol' | 'disable'>;

function openPeople(context: StoreContext): People {
  const { db } = context.connection;
  return {
    invite: async (operator, invitation, audit) => {
      await changeWithEffects(context, { audit: [audit] }, async (transaction) => {
        await transaction
          .insertInto('operators')
          .values(operatorRow(operator))
          .onConflict((conflict) => conflict.column('id').doNothing())
          .execute();
        const { secretHash: secret_hash, operatorId: operator_id, expiresAt: expires_at } = invitation;
        await transaction
          .insertInto('operator_invitations')
          .values({ secret_hash, operator_id, expires_at })
          .execute();
        return true;
      });
    },
    get: async (id) => {
      const row = await guarded(() =>
        db.selectFrom('operators').selectAll().where('id', '=', id).executeTakeFirst(),
      );
      return row === undefined ? undefined : operatorOf(row);
    },
    list: async () => {
      const rows = await guarded(() => db.selectFrom('operators').selectAll().orderBy('id').execute());
      return rows.map(operatorOf);
    },
    findInvitation: async (secretHash) => {
      const row = await guarded(() =>
        db
          .selectFrom('operator_invitations')
          .selectAll()
          .where('secret_hash', '=', secretHash)
          .executeTakeFirst(),
      );
      if (row === undefined) return undefined;
      return { secretHash, operatorId: row.operator_id, expiresAt: row.expires_at as EpochMillis };
    },
    enrol: (invitation, passkey, now, audit) =>
      changeWithEffects(context, { audit: [audit] }, (transaction) =>
        enrol(transaction, invitation, passkey, now),
      ),
    disable: (id, now, audit) =>
      changeWithEffects(context, { audit: [audit] }, async (transaction) => {
        const written = await transaction
          .updateTable('operators')
          .set({ state: 'disabled', updated_at: now })
          .where('id', '=', id)
          .where('state', '<>', 'disabled')
          .executeTakeFirst();
        if (written.numUpdatedRows !== 1n) return false;
        await transaction.deleteFrom('operator_sessions').where('operator_id', '=', id).execute();
        await transaction.deleteFrom('operator_invitations').where('operator_id', '=', id).execute();
        return true;
      }),
  };
}

/** The invitation goes first: of two answers to it only one finds it there. */
async function enrol(
  transaction: StoreTransaction,
  { secretHash, operatorId }: OperatorInvitation,
  passkey: OperatorPasskey,
  now: EpochMillis,
): Promise<boolean> {
  const used = await transaction
    .deleteFrom('operator_invitations')
    .where('secret_hash', '=', secretHash)
    .where('operator_id', '=', operatorId)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  if (used.numDeletedRows !== 1n) return false;
  await transaction
    .updateTable('operators')
    .set({ state: 'active', updated_at: now })
    .where('id', '=', operatorId)
    .where('state', '=', 'invited')
    .execute();
  if (!(await isActive(transaction, operatorId))) return false;
  await transaction.insertInto('operator_passkeys').values(passkeyRow(passkey)).execute();
  return true;
}

/** Within the transaction, so that a disabling at the same time is seen by one of the two. */
async function isActive(transaction: StoreTransaction, operatorId: string): Promise<boolean> {
  const touched = await transaction
    .updateTable('operators')
    .set({ state: 'active' })
    .where('id', '=', operatorId)
    .where('state', '=', 'active')
    .executeTakeFirst();
  return touched.numUpdatedRows === 1n;
}

type Sessions = Pick<OperatorStore, 'putSession' | 'getSession' | 'touchSession' | 'endSession' | 'purge'>;

function openSessions(context: StoreContext): Sessions {
  const { sealer, connection } = context;
  const { db } = connection;
  return {
    putSession: async (session) => {
      await guarded(() => db.insertInto('operator_sessions').values(sessionRow(sealer, session)).execute());
    },
    getSession: async (idHash) => {
      const row = await guarded(() =>
        db.selectFrom('operator_sessions').selectAll().where('id_hash', '=', idHash).executeTakeFirst(),
      );
      return row === undefined ? undefined : sessionOf(sealer, row);
    },
    touchSession: async (idHash, seenAt) => {
      await guarded(() =>
        db.updateTable('operator_sessions').set({ seen_at: seenAt }).where('id_hash', '=', idHash).execute(),
      );
    },
    endSession: async (idHash, audit) => {
      await changeWithEffects(context, { audit: [audit] }, async (transaction) => {
        const ended = await transaction
          .deleteFrom('operator_sessions')
          .where('id_hash', '=', idHash)
          .executeTakeFirst();
        return ended.numDeletedRows === 1n;
      });
    },
    purge: (now) =>
      guarded(async () => {
        const tables = ['operator_sessions', 'operator_invitations'] as const;
        let gone = 0n;
        for (const table of tables) {
          const deleted = await db.deleteFrom(table).where('expires_at', '<=', now).executeTakeFirst();
          gone += deleted.numDeletedRows;
        }
        return Number(gone);
      }),
  };
}

function operatorRow({ id, name, role, state, handle, createdAt, updatedAt }: Operator) {
  return { id, name, role, state, handle, created_at: createdAt, updated_at: updatedAt };
}

function operatorOf(row: Selectable<OperatorTable>): Operator {
  return {
    id: row.id,
    name: row.name,
    // an unknown role may do the least
    role: OPERATOR_ROLES.find((role) => role === row.role) ?? 'viewer',
    state: row.state === 'active' || row.state === 'invited' ? row.state : 'disabled',
    handle: new Uint8Array(row.handle),
    createdAt: row.created_at as EpochMillis,
    updatedAt: row.updated_at as EpochMillis,
  };
}

function passkeyRow(passkey: OperatorPasskey): Insertable<OperatorPasskeyTable> {
  return {
    id: passkey.id,
    operator_id: passkey.operatorId,
    transports: passkey.transports.join(' '),
    public_key: passkey.publicKey,
    counter: passkey.counter,
    backed_up: passkey.backedUp ? 1 : 0,
    created_at: passkey.createdAt,
    used_at: passkey.usedAt ?? null,
  };
}

function passkeyOf(row: Selectable<OperatorPasskeyTable>): OperatorPasskey {
  return defined({
    id: row.id,
    operatorId: row.operator_id,
    transports: row.transports.split(' ').filter((transport) => transport !== ''),
    publicKey: new Uint8Array(row.public_key),
    counter: row.counter,
    backedUp: row.backed_up === 1,
    createdAt: row.created_at as EpochMillis,
    usedAt: row.used_at === null ? undefined : (row.used_at as EpochMillis),
  });
}

function sealOf(sealer: Sealer, idHash: string) {
  return recordSeal(sealer, { table: 'operator_sessions', record: idHash, tenant: '' });
}

function sessionRow(sealer: Sealer, session: OperatorSession): Insertable<OperatorSessionTable> {
  const { idHash, operatorId, csrf, createdAt, seenAt, expiresAt } = session;
  return {
    id_hash: idHash,
    operator_id: operatorId,
    sealed_csrf: sealOf(sealer, idHash).sealText('sealed_csrf', csrf),
    created_at: createdAt,
    seen_at: seenAt,
    expires_at: expiresAt,
  };
}

function sessionOf(sealer: Sealer, row: Selectable<OperatorSessionTable>): OperatorSession {
  return {
    idHash: row.id_hash,
    operatorId: row.operator_id,
    csrf: sealOf(sealer, row.id_hash).openText('sealed_csrf', row.sealed_csrf),
    createdAt: row.created_at as EpochMillis,
    seenAt: row.seen_at as EpochMillis,
    expiresAt: row.expires_at as EpochMillis,
  };
}
