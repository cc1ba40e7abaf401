import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Store } from '../../../src/adapters/store/open-store.ts';
import { AUDIT_CHAINS } from '../../../src/adapters/store/schema/migrations.ts';
import type { Sealer } from '../../../src/ports/sealer.ts';

/**
 * Makes of a store's audit log what a program of before the chains had written: one log under one head, hashed and
 * given its MAC as that program did, in its tables. `sealer`: absent for a store of before rows had MACs.
 */
export async function makeOldAuditLog({ kysely, engine }: Store, sealer?: Sealer): Promise<number> {
  const records = await kysely
    .selectFrom('audit_records')
    .selectAll()
    .orderBy('at')
    .orderBy('chain')
    .orderBy('seq')
    .execute();
  for (const table of ['audit_chains', 'audit_seals', 'audit_seal_head', 'audit_records'])
    await sql`drop table ${sql.table(table)}`.execute(kysely);
  await sql`create table audit_records (seq bigint primary key not null, event text not null, subject text not null,
    tenant text not null, previous_hash text not null, hash text not null, code text, facts text, at bigint not null)`.execute(
    kysely,
  );
  await sql`create unique index audit_records_previous on audit_records (previous_hash)`.execute(kysely);
  await sql`create index audit_records_subject on audit_records (subject, seq)`.execute(kysely);
  await sql`create index audit_records_event on audit_records (event, seq)`.execute(kysely);
  let hash = '0'.repeat(64);
  for (const [index, { at, event, subject, tenant, code, facts }] of records.entries()) {
    const seq = index + 1;
    const previous = hash;
    const text = JSON.stringify([seq, at, event, subject, tenant, code, facts, previous]);
    hash = createHash('sha256').update(text).digest('hex');
    await sql`insert into audit_records (seq, at, event, subject, tenant, code, facts, previous_hash, hash)
      values (${seq}, ${at}, ${event}, ${subject}, ${tenant}, ${code}, ${facts}, ${previous}, ${hash})`.execute(
      kysely,
    );
  }
  if (engine === 'postgres') {
    await sql`do $$ begin
      execute format('comment on table audit_records is %L', 'jitsuin place ' || 'audit_records'::regclass::oid);
    end $$`.execute(kysely);
    await sql`create trigger audit_records_append_only before update or delete or truncate on audit_records
      for each statement execute function audit_records_append_only()`.execute(kysely);
  } else
    for (const act of ['update', 'delete'])
      await sql`create trigger ${sql.raw(`audit_records_no_${act}`)} before ${sql.raw(act)} on audit_records
        begin select raise(abort, 'audit records are append-only'); end`.execute(kysely);
  await sql`alter table audit_first_log rename to audit_head`.execute(kysely);
  const end = ['hash', hash, 'id', 1, 'seq', records.length];
  const mac = sealer?.mac(JSON.stringify(['jitsuin row', 1, 'audit_head', ...end])) ?? null;
  await sql`update audit_head set seq = ${records.length}, hash = ${hash}, mac = ${mac}`.execute(kysely);
  // what came later
  for (const table of ['application_files', 'verification_files', 'status_checks', 'waiting_places'])
    await sql`drop table ${sql.table(table)}`.execute(kysely);
  for (const column of ['external_id', 'correlation_id'])
    await sql`drop index ${sql.raw(`applications_${column}`)}`.execute(kysely);
  await sql`delete from kysely_migration where name >= ${AUDIT_CHAINS}`.execute(kysely);
  return records.length;
}
