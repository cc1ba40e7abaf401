import type { Insertable, Selectable } from 'kysely';
import type { EpochMillis } from '../../../core/brand.ts';
import { defined } from '../../../core/defined.ts';
import type { Sealer } from '../../../ports/sealer.ts';
import type { BrowserSession, SessionLogin, SessionStore } from '../../../ports/session-store.ts';
import type { StoreContext } from '../context.ts';
import { compiledOnce } from '../engine/compiled-once.ts';
import { guarded } from '../engine/store-errors.ts';
import { type RecordSeal, recordSeal, versionedRecord } from '../records/sealing.ts';
import type { SessionTable } from '../schema/schema.ts';

const rowByHash = compiledOnce((db, { idHash }: { readonly idHash: string }) =>
  db.selectFrom('browser_sessions').selectAll().where('id_hash', '=', idHash).compile(),
);

const putRow = compiledOnce((db, row: Insertable<SessionTable>) => {
  const { id_hash, ...columns } = row;
  return db
    .insertInto('browser_sessions')
    .values(row)
    .onConflict((conflict) => conflict.column('id_hash').doUpdateSet(columns))
    .compile();
});

export function openSessionStore({ connection, sealer, rows }: StoreContext): SessionStore {
  const { db, amongProcesses } = connection;
  return {
    put: async (session) => {
      const row = rows.sealed('browser_sessions', sessionRow(sealer, session));
      // one that a power cut takes back is a login to be made again
      await guarded(() => putRow(amongProcesses, row));
    },
    get: async (idHash) => {
      const [row] = (await guarded(() => rowByHash(db, { idHash }))).rows;
      return row === undefined ? undefined : sessionOf(sealer, rows.checked('browser_sessions', row));
    },
    updateLogin: async (next) => {
      const { id_hash, created_at, ...columns } = rows.sealed('browser_sessions', sessionRow(sealer, next));
      const written = await guarded(() =>
        db
          .updateTable('browser_sessions')
          .set(columns)
          .where('id_hash', '=', id_hash)
          .where('login_revision', '=', columns.login_revision - 1)
          .executeTakeFirst(),
      );
      return written.numUpdatedRows === 1n;
    },
    delete: async (idHash) => {
      await guarded(() => db.deleteFrom('browser_sessions').where('id_hash', '=', idHash).execute());
    },
    endAll: async (subjectHash, sid) => {
      let query = db.deleteFrom('browser_sessions').where('subject_hash', '=', subjectHash);
      if (sid !== undefined) query = query.where('sid', '=', sid);
      return Number((await guarded(() => query.executeTakeFirst())).numDeletedRows);
    },
    purge: async (before) => {
      const gone = await guarded(() =>
        db.deleteFrom('browser_sessions').where('expires_at', '<', before).executeTakeFirst(),
      );
      return Number(gone.numDeletedRows);
    },
  };
}

function sealOf(sealer: Sealer, idHash: string): RecordSeal {
  return recordSeal(sealer, { table: 'browser_sessions', record: idHash, tenant: '' });
}

/** Tokens and attributes change within a session: an older value put back does not open. */
function loginSealOf(sealer: Sealer, idHash: string, revision: number): RecordSeal {
  const record = versionedRecord(idHash, revision);
  return recordSeal(sealer, { table: 'browser_sessions', record, tenant: '' });
}

function sessionRow(sealer: Sealer, session: BrowserSession): Omit<Selectable<SessionTable>, 'mac'> {
  const seal = sealOf(sealer, session.idHash);
  const { login } = session;
  const loginRevision = login?.revision ?? 0;
  const loginSeal = loginSealOf(sealer, session.idHash, loginRevision);
  return {
    id_hash: session.idHash,
    sealed_subject: session.subject === undefined ? null : seal.sealText('sealed_subject', session.subject),
    subject_hash: session.subjectHash ?? null,
    sid: session.sid ?? null,
    sealed_csrf: seal.sealText('sealed_csrf', session.csrf),
    created_at: session.createdAt,
    expires_at: session.expiresAt,
    sealed_login: login === undefined ? null : loginSeal.sealText('sealed_login', JSON.stringify(login)),
    login_revision: loginRevision,
  };
}

function sessionOf(sealer: Sealer, row: Selectable<SessionTable>): BrowserSession {
  const seal = sealOf(sealer, row.id_hash);
  return defined({
    idHash: row.id_hash,
    csrf: seal.openText('sealed_csrf', row.sealed_csrf),
    createdAt: row.created_at as EpochMillis,
    expiresAt: row.expires_at as EpochMillis,
    subject: row.sealed_subject === null ? undefined : seal.openText('sealed_subject', row.sealed_subject),
    subjectHash: row.subject_hash === null ? undefined : row.subject_hash,
    sid: row.sid === null ? undefined : row.sid,
    login: row.sealed_login === null ? undefined : loginOf(sealer, row, row.sealed_login),
  });
}

function loginOf(sealer: Sealer, row: Selectable<SessionTable>, sealed: Uint8Array): SessionLogin {
  const seal = loginSealOf(sealer, row.id_hash, row.login_revision);
  // written by this store only, and authenticated by the seal
  return JSON.parse(seal.openText('sealed_login', sealed)) as SessionLogin;
}
