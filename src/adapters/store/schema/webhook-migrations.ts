import { sql } from 'kysely';
import type { StoreEngine } from '../engine/store-engine.ts';
import { type AnyDb, blobType, textKeyTable, withColumns } from './migration-columns.ts';

/** What the purge asks for stays as cheap as what is old. */
export async function addWebhookAge(db: AnyDb): Promise<void> {
  await sql`create index webhook_deliveries_age on webhook_deliveries (updated_at) where state <> 'waiting'`.execute(
    db,
  );
}

/** Endpoints of tenants, what is to be delivered to them, and every attempt. */
export async function createWebhooks(db: AnyDb, engine: StoreEngine): Promise<void> {
  let endpoints = withColumns(
    textKeyTable(db, 'webhook_endpoints'),
    ['tenant', 'url', 'events', 'state'],
    'text',
    false,
  );
  endpoints = withColumns(endpoints, ['revision', 'created_at', 'updated_at'], 'bigint', false);
  await withColumns(endpoints, ['sealed_secrets'], blobType(engine), false).execute();
  await sql`create unique index webhook_endpoints_url on webhook_endpoints (tenant, url)`.execute(db);
  let deliveries = withColumns(
    textKeyTable(db, 'webhook_deliveries'),
    ['tenant', 'endpoint_id', 'type', 'subject', 'payload', 'state'],
    'text',
    false,
  );
  deliveries = withColumns(
    deliveries,
    ['attempts', 'replayed_at', 'created_at', 'updated_at'],
    'bigint',
    false,
  );
  await deliveries.execute();
  await sql`create index webhook_deliveries_newest on webhook_deliveries (endpoint_id, id)`.execute(db);
  let attempts = withColumns(db.schema.createTable('webhook_attempts'), ['delivery_id'], 'text', false);
  attempts = withColumns(attempts, ['number', 'at', 'duration_millis'], 'bigint', false);
  attempts = withColumns(withColumns(attempts, ['status'], 'bigint', true), ['code'], 'text', true);
  await attempts.addPrimaryKeyConstraint('webhook_attempts_pk', ['delivery_id', 'number']).execute();
}
