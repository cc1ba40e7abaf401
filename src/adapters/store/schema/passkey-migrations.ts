import { sql } from 'kysely';
import type { StoreEngine } from '../engine/store-engine.ts';
import { type AnyDb, blobType, textKeyTable, withColumns } from './migration-columns.ts';

/** Citizens' passkeys, and the challenges given out for them. */
export async function createCitizenPasskeys(db: AnyDb, engine: StoreEngine): Promise<void> {
  let passkeys = withColumns(
    textKeyTable(db, 'citizen_passkeys'),
    ['tenant', 'subject_hash', 'credential_hash', 'transports', 'state'],
    'text',
    false,
  );
  passkeys = withColumns(passkeys, ['sealed_secrets', 'public_key'], blobType(engine), false);
  passkeys = withColumns(passkeys, ['counter', 'backed_up', 'created_at', 'card_at'], 'bigint', false);
  await withColumns(passkeys, ['used_at'], 'bigint', true).execute();
  await sql`create unique index citizen_passkeys_credential on citizen_passkeys (tenant, credential_hash)`.execute(
    db,
  );
  await sql`create index citizen_passkeys_subject on citizen_passkeys (subject_hash)`.execute(db);
  await sql`create index citizen_passkeys_age on citizen_passkeys (card_at)`.execute(db);
  const challenges = db.schema
    .createTable('passkey_challenges')
    .addColumn('hash', 'text', (c) => c.primaryKey().notNull());
  await withColumns(challenges, ['expires_at'], 'bigint', false).execute();
  await sql`create index passkey_challenges_age on passkey_challenges (expires_at)`.execute(db);
}
