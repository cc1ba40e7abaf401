import { type DeleteQueryBuilder, type DeleteResult, type RawBuilder, type Selectable, sql } from 'kysely';
import type { EpochMillis } from '../../../core/brand.ts';
import { defined } from '../../../core/defined.ts';
import type {
  CitizenPasskey,
  PasskeyOwner,
  PasskeyState,
  PasskeyStore,
} from '../../../ports/passkey-store.ts';
import type { Sealer } from '../../../ports/sealer.ts';
import { valueHash } from '../claims/value-hash.ts';
import type { StoreContext } from '../context.ts';
import type { StoreTransaction } from '../engine/store-engine.ts';
import { guarded } from '../engine/store-errors.ts';
import { recordSeal } from '../records/sealing.ts';
import { changeRows } from '../rows/change-rows.ts';
import type { ColumnValue } from '../rows/row-macs.ts';
import type { CitizenPasskeyTable, StoreSchema } from '../schema/schema.ts';

type Row = Selectable<CitizenPasskeyTable>;
type Secrets = Pick<CitizenPasskey, 'id' | 'subject' | 'name'>;

export function openPasskeyStore(context: StoreContext): PasskeyStore {
  return { ...challenges(context), ...records(context), ...changes(context) };
}

function challenges(context: StoreContext): Pick<PasskeyStore, 'putChallenge' | 'takeChallenge' | 'purge'> {
  const { rows } = context;
  const { db } = context.connection;
  return {
    putChallenge: async (hash, expiresAt) => {
      const row = rows.sealed('passkey_challenges', { hash, expires_at: expiresAt });
      await guarded(() => db.insertInto('passkey_challenges').values(row).execute());
    },
    takeChallenge: async (hash, now) => {
      const taken = await guarded(() =>
        db
          .deleteFrom('passkey_challenges')
          .where('hash', '=', hash)
          .where('expires_at', '>', now)
          .returningAll()
          .executeTakeFirst(),
      );
      return taken !== undefined && rows.checked('passkey_challenges', taken).hash === hash;
    },
    purge: async (now, cardBefore) => {
      await guarded(() => db.deleteFrom('passkey_challenges').where('expires_at', '<', now).execute());
      const old = await guarded(() =>
        db
          .selectFrom('citizen_passkeys')
          .select(['tenant', 'subject_hash'])
          .distinct()
          .where('card_at', '<', cardBefore)
          .execute(),
      );
      let gone = 0;
      for (const { tenant, subject_hash } of old) {
        const owner = { tenant, subjectHash: subject_hash };
        gone += await changeOwned(context, owner, async (transaction) => {
          const deleted = ofOwner(transaction.deleteFrom('citizen_passkeys'), owner);
          return Number((await deleted.where('card_at', '<', cardBefore).executeTakeFirst()).numDeletedRows);
        });
      }
      return gone;
    },
  };
}

type Owned = Pick<PasskeyOwner, 'tenant' | 'subjectHash'>;

function scopeOf({ tenant, subjectHash }: Owned) {
  return { tenant, subject_hash: subjectHash };
}

function ofOwner(
  rows: DeleteQueryBuilder<StoreSchema, 'citizen_passkeys', DeleteResult>,
  { tenant, subjectHash }: Owned,
) {
  return rows.where('tenant', '=', tenant).where('subject_hash', '=', subjectHash);
}

/** One citizen's passkeys, changed under their head. */
function changeOwned<R>(
  { connection, heads }: StoreContext,
  owner: Owned,
  change: (transaction: StoreTransaction, rows: readonly Row[]) => Promise<R>,
): Promise<R> {
  return guarded(() =>
    connection.db
      .transaction()
      .execute((transaction) =>
        heads.change(transaction, 'citizen_passkeys', (rows) => change(transaction, rows), scopeOf(owner)),
      ),
  );
}

function records(context: StoreContext): Pick<PasskeyStore, 'add' | 'find' | 'list'> {
  const { connection, sealer, heads, rows } = context;
  const { db } = connection;
  const rowsOf = (owner: Owned) => guarded(() => heads.rows(db, 'citizen_passkeys', scopeOf(owner)));
  return {
    add: (passkey, most) =>
      changeOwned(context, passkey, async (transaction, own) => {
        if (own.length >= most) return false;
        const written = await transaction
          .insertInto('citizen_passkeys')
          .values(rows.sealed('citizen_passkeys', passkeyRow(sealer, passkey)))
          .onConflict((conflict) => conflict.columns(['tenant', 'credential_hash']).doNothing())
          .executeTakeFirst();
        return written.numInsertedOrUpdatedRows === 1n;
      }),
    find: async (tenant, credentialId) => {
      const credential_hash = valueHash(credentialId);
      const owner = await guarded(() =>
        db
          .selectFrom('citizen_passkeys')
          .select('subject_hash')
          .where('tenant', '=', tenant)
          .where('credential_hash', '=', credential_hash)
          .executeTakeFirst(),
      );
      if (owner === undefined) return undefined;
      const own = await rowsOf({ tenant, subjectHash: owner.subject_hash });
      const row = own.find((one) => one.credential_hash === credential_hash);
      return row === undefined ? undefined : passkeyOf(sealer, row);
    },
    list: async (owner) =>
      (await rowsOf(owner))
        .toSorted((a, b) => a.created_at - b.created_at || (a.id < b.id ? -1 : 1))
        .map((row) => passkeyOf(sealer, row)),
  };
}

type Changes = 'use' | 'suspend' | 'rename' | 'remove' | 'sleep' | 'confirmCard';

function changes(context: StoreContext): Pick<PasskeyStore, Changes> {
  const { connection, sealer, rows } = context;
  const { db } = connection;
  const change = (owner: Owned, where: RawBuilder<boolean>, set: Readonly<Record<string, ColumnValue>>) =>
    changeOwned(context, owner, (transaction) => {
      const owned = sql<boolean>`tenant = ${owner.tenant} and subject_hash = ${owner.subjectHash} and ${where}`;
      return changeRows(transaction, rows, { table: 'citizen_passkeys', where: owned, set });
    });
  const ownersOf = async (where: RawBuilder<boolean>) => {
    const found = await guarded(() =>
      db.selectFrom('citizen_passkeys').select(['tenant', 'subject_hash']).distinct().where(where).execute(),
    );
    return found.map(({ tenant, subject_hash }) => ({ tenant, subjectHash: subject_hash }));
  };
  return {
    use: async ({ tenant, subjectHash, key, counter, backedUp, usedAt }, counterBefore) => {
      const where = sql<boolean>`id = ${key} and counter = ${counterBefore} and state = 'active'`;
      const set = { counter, backed_up: backedUp ? 1 : 0, used_at: usedAt ?? null };
      return (await change({ tenant, subjectHash }, where, set)) === 1;
    },
    suspend: async (key) => {
      const where = sql<boolean>`id = ${key}`;
      for (const owner of await ownersOf(where)) await change(owner, where, { state: 'suspended' });
    },
    rename: (owner, key, name) =>
      changeOwned(context, owner, async (transaction, own) => {
        const row = own.find(({ id }) => id === key);
        if (row === undefined) return false;
        const { sealed_secrets } = passkeyRow(sealer, { ...passkeyOf(sealer, row), name });
        const where = sql<boolean>`id = ${key}`;
        const set = { sealed_secrets };
        return (await changeRows(transaction, rows, { table: 'citizen_passkeys', where, set })) === 1;
      }),
    remove: (owner, key) =>
      changeOwned(context, owner, async (transaction) => {
        const gone = ofOwner(transaction.deleteFrom('citizen_passkeys'), owner).where('id', '=', key);
        return (await gone.executeTakeFirst()).numDeletedRows === 1n;
      }),
    sleep: async (subjectHash) => {
      let asleep = 0;
      for (const owner of await ownersOf(sql<boolean>`subject_hash = ${subjectHash}`))
        asleep += await change(owner, sql<boolean>`state = 'active'`, { state: 'asleep' });
      return asleep;
    },
    confirmCard: async (owner, at) => {
      await change(owner, sql<boolean>`state = 'asleep'`, { state: 'active' });
      await change(owner, sql<boolean>`true`, { card_at: at });
    },
  };
}

function passkeyRow(sealer: Sealer, passkey: CitizenPasskey): Omit<Row, 'mac'> {
  const { key, id, tenant, subject, name } = passkey;
  const secrets: Secrets = { id, subject, name };
  const seal = recordSeal(sealer, { table: 'citizen_passkeys', record: key, tenant });
  return {
    id: key,
    tenant,
    subject_hash: passkey.subjectHash,
    credential_hash: valueHash(id),
    sealed_secrets: seal.sealText('sealed_secrets', JSON.stringify(secrets)),
    public_key: passkey.publicKey,
    counter: passkey.counter,
    transports: passkey.transports.join(' '),
    backed_up: passkey.backedUp ? 1 : 0,
    state: passkey.state,
    created_at: passkey.createdAt,
    used_at: passkey.usedAt ?? null,
    card_at: passkey.cardAt,
  };
}

function passkeyOf(sealer: Sealer, row: Row): CitizenPasskey {
  const seal = recordSeal(sealer, { table: 'citizen_passkeys', record: row.id, tenant: row.tenant });
  // written by this store only, and authenticated by the seal
  const secrets = JSON.parse(seal.openText('sealed_secrets', row.sealed_secrets)) as Secrets;
  return defined({
    key: row.id,
    tenant: row.tenant,
    subjectHash: row.subject_hash,
    ...secrets,
    publicKey: new Uint8Array(row.public_key),
    counter: row.counter,
    transports: row.transports === '' ? [] : row.transports.split(' '),
    backedUp: row.backed_up === 1,
    state: row.state as PasskeyState,
    createdAt: row.created_at as EpochMillis,
    usedAt: row.used_at === null ? undefined : (row.used_at as EpochMillis),
    cardAt: row.card_at as EpochMillis,
  });
}
