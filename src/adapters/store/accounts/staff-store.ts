import { type Insertable, type Selectable, sql } from 'kysely';
import type { EpochMillis } from '../../../core/brand.ts';
import { defined } from '../../../core/defined.ts';
import type { Sealer } from '../../../ports/sealer.ts';
import {
  STAFF_ROLES,
  type StaffInvitation,
  type StaffMember,
  type StaffPasskey,
  type StaffSession,
  type StaffStore,
} from '../../../ports/staff-store.ts';
import { changeWithEffects, type StoreContext } from '../context.ts';
import type { StoreTransaction } from '../engine/store-engine.ts';
import { guarded } from '../engine/store-errors.ts';
import { recordSeal } from '../records/sealing.ts';
import { changeRows } from '../rows/change-rows.ts';
import type { StaffPasskeyTable, StaffSessionTable, StaffTable } from '../schema/schema.ts';

export function openStaffStore(context: StoreContext): StaffStore {
  const { connection, heads, rows } = context;
  const passkeys = () => guarded(() => heads.rows(connection.db, 'operator_passkeys'));
  return {
    ...openPeople(context),
    ...openSessions(context),
    findPasskey: async (id) => {
      const row = (await passkeys()).find((one) => one.id === id);
      return row === undefined ? undefined : passkeyOf(row);
    },
    passkeysOf: async (operatorId) =>
      (await passkeys())
        .filter((row) => row.operator_id === operatorId)
        .toSorted((a, b) => a.created_at - b.created_at)
        .map(passkeyOf),
    login: (passkey, counterBefore, session, audit) =>
      changeWithEffects(context, { audit: [audit] }, async (transaction) => {
        if (!(await isActive(context, transaction, session.operatorId))) return false;
        const { counter, backed_up, used_at = null } = passkeyRow(passkey);
        const used = await heads.change(transaction, 'operator_passkeys', () =>
          changeRows(transaction, rows, {
            table: 'operator_passkeys',
            where: sql<boolean>`id = ${passkey.id} and counter = ${counterBefore}`,
            set: { counter, backed_up, used_at },
          }),
        );
        if (used !== 1) return false;
        await insertSession(context, transaction, session);
        return true;
      }),
  };
}

type People = Pick<StaffStore, 'invite' | 'get' | 'list' | 'findInvitation' | 'enrol' | 'disable'>;

function openPeople(context: StoreContext): People {
  const { connection, heads } = context;
  const all = () => guarded(() => heads.rows(connection.db, 'operators'));
  return {
    invite: async (operator, invitation, audit) => {
      await changeWithEffects(context, { audit: [audit] }, (transaction) =>
        invite(context, transaction, operator, invitation),
      );
    },
    get: async (id) => {
      const row = (await all()).find((one) => one.id === id);
      return row === undefined ? undefined : operatorOf(row);
    },
    list: async () => (await all()).map(operatorOf),
    findInvitation: async (secretHash) => {
      const invitations = await guarded(() => heads.rows(connection.db, 'operator_invitations'));
      const row = invitations.find(({ secret_hash }) => secret_hash === secretHash);
      if (row === undefined) return undefined;
      return { secretHash, operatorId: row.operator_id, expiresAt: row.expires_at as EpochMillis };
    },
    enrol: (invitation, passkey, now, audit) =>
      changeWithEffects(context, { audit: [audit] }, (transaction) =>
        enrol(context, transaction, { invitation, passkey, now }),
      ),
    disable: (id, now, audit) =>
      changeWithEffects(context, { audit: [audit] }, (transaction) => disable(context, transaction, id, now)),
  };
}

async function invite(
  { heads, rows }: StoreContext,
  transaction: StoreTransaction,
  operator: StaffMember,
  { secretHash: secret_hash, operatorId: operator_id, expiresAt: expires_at }: StaffInvitation,
): Promise<boolean> {
  await heads.change(transaction, 'operators', async () => {
    const written = await transaction
      .insertInto('operators')
      .values(rows.sealed('operators', staffRow(operator)))
      .onConflict((conflict) => conflict.column('id').doNothing())
      .executeTakeFirst();
    return written.numInsertedOrUpdatedRows === 1n;
  });
  const row = rows.sealed('operator_invitations', { secret_hash, operator_id, expires_at });
  await heads.change(transaction, 'operator_invitations', () =>
    transaction.insertInto('operator_invitations').values(row).execute(),
  );
  return true;
}

async function disable(
  { heads, rows }: StoreContext,
  transaction: StoreTransaction,
  id: string,
  now: EpochMillis,
): Promise<boolean> {
  const disabled = await heads.change(transaction, 'operators', () =>
    changeRows(transaction, rows, {
      table: 'operators',
      where: sql<boolean>`id = ${id} and state <> 'disabled'`,
      set: { state: 'disabled', updated_at: now },
    }),
  );
  if (disabled !== 1) return false;
  for (const table of ['operator_invitations', 'operator_sessions'] as const) {
    await heads.change(transaction, table, async () => {
      const gone = await transaction.deleteFrom(table).where('operator_id', '=', id).executeTakeFirst();
      return Number(gone.numDeletedRows);
    });
  }
  return true;
}

/** An invitation with the passkey that answers it. */
interface Enrolment {
  readonly invitation: StaffInvitation;
  readonly passkey: StaffPasskey;
  readonly now: EpochMillis;
}

/** Under the invitations' head: of two answers to one only one finds it there. */
async function enrol(
  context: StoreContext,
  transaction: StoreTransaction,
  { invitation: { secretHash, operatorId }, passkey, now }: Enrolment,
): Promise<boolean> {
  const { heads, rows } = context;
  const accepted = await heads.change(transaction, 'operators', async (operators) => {
    const used = await takeInvitation(context, transaction, secretHash, operatorId, now);
    if (!used) return false;
    const state = operators.find(({ id }) => id === operatorId)?.state;
    if (state === 'active') return true;
    const where = sql<boolean>`id = ${operatorId} and state = 'invited'`;
    const set = { state: 'active', updated_at: now };
    return (await changeRows(transaction, rows, { table: 'operators', where, set })) === 1;
  });
  if (!accepted) return false;
  await heads.change(transaction, 'operator_passkeys', () =>
    transaction
      .insertInto('operator_passkeys')
      .values(rows.sealed('operator_passkeys', passkeyRow(passkey)))
      .execute(),
  );
  return true;
}

function takeInvitation(
  { heads }: StoreContext,
  transaction: StoreTransaction,
  secretHash: string,
  operatorId: string,
  now: EpochMillis,
): Promise<boolean> {
  return heads.change(transaction, 'operator_invitations', async () => {
    const used = await transaction
      .deleteFrom('operator_invitations')
      .where('secret_hash', '=', secretHash)
      .where('operator_id', '=', operatorId)
      .where('expires_at', '>', now)
      .executeTakeFirst();
    return used.numDeletedRows === 1n;
  });
}

/** Under the head, so that a disabling at the same time comes before or after. */
function isActive(
  { heads }: StoreContext,
  transaction: StoreTransaction,
  operatorId: string,
): Promise<boolean> {
  return heads.change(transaction, 'operators', async (operators) =>
    operators.some(({ id, state }) => id === operatorId && state === 'active'),
  );
}

type Sessions = Pick<StaffStore, 'putSession' | 'getSession' | 'touchSession' | 'endSession' | 'purge'>;

function openSessions(context: StoreContext): Sessions {
  const { sealer, connection, heads, rows } = context;
  const { db } = connection;
  const inTransaction = <R>(act: (transaction: StoreTransaction) => Promise<R>) =>
    guarded(() => db.transaction().execute(act));
  return {
    putSession: (session) => inTransaction((transaction) => insertSession(context, transaction, session)),
    getSession: async (idHash) => {
      const sessions = await guarded(() => heads.rows(db, 'operator_sessions'));
      const row = sessions.find(({ id_hash }) => id_hash === idHash);
      return row === undefined ? undefined : sessionOf(sealer, row);
    },
    touchSession: async (idHash, seenAt) => {
      const where = sql<boolean>`id_hash = ${idHash}`;
      const change = { table: 'operator_sessions', where, set: { seen_at: seenAt } } as const;
      await inTransaction((transaction) =>
        heads.change(transaction, 'operator_sessions', () => changeRows(transaction, rows, change)),
      );
    },
    endSession: async (idHash, audit) => {
      await changeWithEffects(context, { audit: [audit] }, (transaction) =>
        heads.change(transaction, 'operator_sessions', async () => {
          const ended = await transaction
            .deleteFrom('operator_sessions')
            .where('id_hash', '=', idHash)
            .executeTakeFirst();
          return ended.numDeletedRows === 1n;
        }),
      );
    },
    purge: async (now) => {
      let gone = 0;
      for (const table of ['operator_invitations', 'operator_sessions'] as const) {
        gone += await inTransaction((transaction) =>
          heads.change(transaction, table, async () => {
            const deleted = transaction.deleteFrom(table).where('expires_at', '<=', now);
            return Number((await deleted.executeTakeFirst()).numDeletedRows);
          }),
        );
      }
      return gone;
    },
  };
}

async function insertSession(
  { sealer, heads, rows }: StoreContext,
  transaction: StoreTransaction,
  session: StaffSession,
): Promise<void> {
  const row = rows.sealed('operator_sessions', sessionRow(sealer, session));
  await heads.change(transaction, 'operator_sessions', () =>
    transaction.insertInto('operator_sessions').values(row).execute(),
  );
}

function staffRow({ id, name, role, state, handle, createdAt, updatedAt }: StaffMember) {
  return { id, name, role, state, handle, created_at: createdAt, updated_at: updatedAt };
}

function operatorOf(row: Selectable<StaffTable>): StaffMember {
  return {
    id: row.id,
    name: row.name,
    // an unknown role may do the least
    role: STAFF_ROLES.find((role) => role === row.role) ?? 'viewer',
    state: row.state === 'active' || row.state === 'invited' ? row.state : 'disabled',
    handle: new Uint8Array(row.handle),
    createdAt: row.created_at as EpochMillis,
    updatedAt: row.updated_at as EpochMillis,
  };
}

function passkeyRow(passkey: StaffPasskey): Insertable<StaffPasskeyTable> {
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

function passkeyOf(row: Selectable<StaffPasskeyTable>): StaffPasskey {
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

function sessionRow(sealer: Sealer, session: StaffSession): Insertable<StaffSessionTable> {
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

function sessionOf(sealer: Sealer, row: Selectable<StaffSessionTable>): StaffSession {
  return {
    idHash: row.id_hash,
    operatorId: row.operator_id,
    csrf: sealOf(sealer, row.id_hash).openText('sealed_csrf', row.sealed_csrf),
    createdAt: row.created_at as EpochMillis,
    seenAt: row.seen_at as EpochMillis,
    expiresAt: row.expires_at as EpochMillis,
  };
}
