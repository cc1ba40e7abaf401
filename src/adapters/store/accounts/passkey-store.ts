import type { Selectable } from 'kysely';
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
import { guarded } from '../engine/store-errors.ts';
import { recordSeal } from '../records/sealing.ts';
import type { CitizenPasskeyTable } from '../schema/schema.ts';

type Row = Selectable<CitizenPasskeyTable>;
type Secrets = Pick<CitizenPasskey, 'id' | 'subject' | 'name'>;

export function openPasskeyStore(context: StoreContext): PasskeyStore {
  return { ...challenges(context), ...records(context), ...changes(context) };
}

function challenges({
  connection: { db },
}: StoreContext): Pick<PasskeyStore, 'putChallenge' | 'takeChallenge' | 'purge'> {
  return {
    putChallenge: async (hash, expiresAt) => {
      const row = { hash, expires_at: expiresAt };
      await guarded(() => db.insertInto('passkey_challenges').values(row).execute());
    },
    takeChallenge: async (hash, now) => {
      const taken = await guarded(() =>
        db
          .deleteFrom('passkey_challenges')
          .where('hash', '=', hash)
          .where('expires_at', '>', now)
          .executeTakeFirst(),
      );
      return taken.numDeletedRows === 1n;
    },
    purge: async (now, cardBefore) => {
      await guarded(() => db.deleteFrom('passkey_challenges').where('expires_at', '<', now).execute());
      const gone = await guarded(() =>
        db.deleteFrom('citizen_passkeys').where('card_at', '<', cardBefore).executeTakeFirst(),
      );
      return Number(gone.numDeletedRows);
    },
  };
}

function records({ connection, sealer }: StoreContext): Pick<PasskeyStore, 'add' | 'find' | 'list'> {
  const { db } = connection;
  const rowsOf = ({ tenant, subjectHash }: PasskeyOwner) =>
    db
      .selectFrom('citizen_passkeys')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('subject_hash', '=', subjectHash)
      .orderBy('created_at')
      .orderBy('id');
  return {
    add: (passkey, most) =>
      guarded(() =>
        db.transaction().execute(async (transaction) => {
          const row = passkeyRow(sealer, passkey);
          const written = await transaction
            .insertInto('citizen_passkeys')
            .values(row)
            .onConflict((conflict) => conflict.columns(['tenant', 'credential_hash']).doNothing())
            .executeTakeFirst();
          if (written.numInsertedOrUpdatedRows !== 1n) return false;
          const { count } = await transaction
            .selectFrom('citizen_passkeys')
            .select((expression) => expression.fn.countAll().as('count'))
            .where('tenant', '=', row.tenant)
            .where('subject_hash', '=', row.subject_hash)
            .executeTakeFirstOrThrow();
          if (Number(count) <= most) return true;
          await transaction.deleteFrom('citizen_passkeys').where('id', '=', row.id).execute();
          return false;
        }),
      ),
    find: async (tenant, credentialId) => {
      const row = await guarded(() =>
        db
          .selectFrom('citizen_passkeys')
          .selectAll()
          .where('tenant', '=', tenant)
          .where('credential_hash', '=', valueHash(credentialId))
          .executeTakeFirst(),
      );
      return row === undefined ? undefined : passkeyOf(sealer, row);
    },
    list: async (owner) =>
      (await guarded(() => rowsOf(owner).execute())).map((row) => passkeyOf(sealer, row)),
  };
}

type Changes = 'use' | 'suspend' | 'rename' | 'remove' | 'sleep' | 'confirmCard';

function changes({ connection, sealer }: StoreContext): Pick<PasskeyStore, Changes> {
  const { db } = connection;
  const change = (set: Partial<Row>) => db.updateTable('citizen_passkeys').set(set);
  return {
    use: async ({ key, counter, backedUp, usedAt }, counterBefore) => {
      const used = await guarded(() =>
        change({ counter, backed_up: backedUp ? 1 : 0, used_at: usedAt ?? null })
          .where('id', '=', key)
          .where('counter', '=', counterBefore)
          .where('state', '=', 'active')
          .executeTakeFirst(),
      );
      return used.numUpdatedRows === 1n;
    },
    suspend: async (key) => {
      await guarded(() => change({ state: 'suspended' }).where('id', '=', key).execute());
    },
    rename: async ({ tenant, subjectHash }, key, name) => {
      const row = await guarded(() =>
        db.selectFrom('citizen_passkeys').selectAll().where('id', '=', key).executeTakeFirst(),
      );
      if (row?.tenant !== tenant || row.subject_hash !== subjectHash) return false;
      const { sealed_secrets } = passkeyRow(sealer, { ...passkeyOf(sealer, row), name });
      const renamed = await guarded(() =>
        change({ sealed_secrets }).where('id', '=', key).executeTakeFirst(),
      );
      return renamed.numUpdatedRows === 1n;
    },
    remove: async ({ tenant, subjectHash }, key) => {
      const gone = await guarded(() =>
        db
          .deleteFrom('citizen_passkeys')
          .where('id', '=', key)
          .where('tenant', '=', tenant)
          .where('subject_hash', '=', subjectHash)
          .executeTakeFirst(),
      );
      return gone.numDeletedRows === 1n;
    },
    sleep: async (subjectHash) => {
      const asleep = await guarded(() =>
        change({ state: 'asleep' })
          .where('subject_hash', '=', subjectHash)
          .where('state', '=', 'active')
          .executeTakeFirst(),
      );
      return Number(asleep.numUpdatedRows);
    },
    confirmCard: async ({ tenant, subjectHash }, at) => {
      const owned = (set: Partial<Row>) =>
        change(set).where('tenant', '=', tenant).where('subject_hash', '=', subjectHash);
      await guarded(() => owned({ card_at: at }).execute());
      await guarded(() => owned({ state: 'active' }).where('state', '=', 'asleep').execute());
    },
  };
}

function passkeyRow(sealer: Sealer, passkey: CitizenPasskey): Row {
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
