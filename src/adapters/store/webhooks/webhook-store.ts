import { type Selectable, sql } from 'kysely';
import type { EpochMillis, TenantId } from '../../../core/brand.ts';
import { defined } from '../../../core/defined.ts';
import type { ErrorCode } from '../../../core/errors.ts';
import type { Sealer } from '../../../ports/sealer.ts';
import type {
  DeliveryQuery,
  DeliveryState,
  WebhookAttempt,
  WebhookDelivery,
  WebhookEndpoint,
  WebhookSecret,
  WebhookStore,
} from '../../../ports/webhook-store.ts';
import { changeWithEffects, type StoreContext } from '../context.ts';
import type { StoreTransaction } from '../engine/store-engine.ts';
import { guarded } from '../engine/store-errors.ts';
import { parsedJson } from '../records/row-values.ts';
import { recordSeal, versionedRecord } from '../records/sealing.ts';
import type { WebhookDeliveryTable, WebhookEndpointTable } from '../schema/schema.ts';

type EndpointRow = Selectable<WebhookEndpointTable>;
type DeliveryRow = Selectable<WebhookDeliveryTable>;

export function openWebhookStore(context: StoreContext): WebhookStore {
  const { sealer, connection } = context;
  const { db } = connection;
  const endpoints = () => db.selectFrom('webhook_endpoints').selectAll();
  const deliveries = () => db.selectFrom('webhook_deliveries').selectAll();
  return {
    insertEndpoint: async (endpoint, most, audit) => {
      let outcome: Awaited<ReturnType<WebhookStore['insertEndpoint']>> = 'inserted';
      await changeWithEffects(context, { audit: [audit] }, async (transaction) => {
        outcome = await insertEndpoint(context, transaction, endpoint, most);
        return outcome === 'inserted';
      });
      return outcome;
    },
    updateEndpoint: (next, audit) =>
      changeWithEffects(context, { audit: [audit] }, async (transaction) => {
        const { id, tenant, created_at: _once, ...columns } = endpointRow(sealer, next);
        const written = await transaction
          .updateTable('webhook_endpoints')
          .set(columns)
          .where('id', '=', id)
          .where('tenant', '=', tenant)
          .where('revision', '=', next.revision - 1)
          .executeTakeFirst();
        return written.numUpdatedRows === 1n;
      }),
    deleteEndpoint: async ({ id }, audit) => {
      await changeWithEffects(context, { audit: [audit] }, async (transaction) => {
        const own = transaction.selectFrom('webhook_deliveries').select('id').where('endpoint_id', '=', id);
        await transaction.deleteFrom('webhook_attempts').where('delivery_id', 'in', own).execute();
        await transaction.deleteFrom('webhook_deliveries').where('endpoint_id', '=', id).execute();
        await transaction.deleteFrom('webhook_endpoints').where('id', '=', id).execute();
        return true;
      });
    },
    getEndpoint: async (id, tenant) => {
      const row = await guarded(() =>
        endpoints().where('id', '=', id).where('tenant', '=', tenant).executeTakeFirst(),
      );
      return row === undefined ? undefined : endpointOf(sealer, row);
    },
    listEndpoints: async (tenant) => {
      const rows = await guarded(() => endpoints().where('tenant', '=', tenant).orderBy('id').execute());
      return rows.map((row) => endpointOf(sealer, row));
    },
    getDelivery: async (id, tenant) => {
      const byId = deliveries().where('id', '=', id);
      const query = tenant === undefined ? byId : byId.where('tenant', '=', tenant);
      const row = await guarded(() => query.executeTakeFirst());
      return row === undefined ? undefined : deliveryOf(row);
    },
    listDeliveries: (query) => listDeliveries(context, query),
    attempts: (deliveryId) => attemptsOf(context, deliveryId),
    purge: (before) => purge(context, before),
    settle: (delivery, state, now, attempt) => settle(context, delivery, state, now, attempt),
    replay: (delivery, now, audit) => {
      const key = `deliver-webhook:${delivery.id}:${delivery.attempts}`;
      const lane = { endpoint: delivery.endpointId, tenant: delivery.tenant };
      const jobs = [{ name: 'deliver-webhook' as const, subject: delivery.id, key, lane }];
      return changeWithEffects(context, { audit: [audit], jobs }, async (transaction) => {
        const written = await transaction
          .updateTable('webhook_deliveries')
          .set({ state: 'waiting', replayed_at: delivery.attempts, updated_at: now })
          .where('id', '=', delivery.id)
          .where('state', '<>', 'waiting')
          .executeTakeFirst();
        return written.numUpdatedRows === 1n;
      });
    },
  };
}

async function insertEndpoint(
  { sealer, connection }: StoreContext,
  transaction: StoreTransaction,
  endpoint: WebhookEndpoint,
  most: number,
): Promise<'inserted' | 'exists' | 'too-many'> {
  const own = transaction.selectFrom('webhook_endpoints').select('url').where('tenant', '=', endpoint.tenant);
  // the rows are locked, so that two that come at once are counted one after the other
  const urls = await (connection.engine === 'postgres' ? own.forUpdate() : own).execute();
  if (urls.some(({ url }) => url === endpoint.url)) return 'exists';
  if (urls.length >= most) return 'too-many';
  const written = await transaction
    .insertInto('webhook_endpoints')
    .values(endpointRow(sealer, endpoint))
    .onConflict((conflict) => conflict.columns(['tenant', 'url']).doNothing())
    .executeTakeFirst();
  return written.numInsertedOrUpdatedRows === 1n ? 'inserted' : 'exists';
}

const PURGE_BATCH = 1_000;

async function purge({ connection }: StoreContext, before: EpochMillis): Promise<number> {
  return guarded(() =>
    connection.db.transaction().execute(async (transaction) => {
      const old = await transaction
        .selectFrom('webhook_deliveries')
        .select('id')
        .where(sql<boolean>`state <> 'waiting'`)
        .where('updated_at', '<', before)
        .limit(PURGE_BATCH)
        .execute();
      const ids = old.map(({ id }) => id);
      if (ids.length === 0) return 0;
      await transaction.deleteFrom('webhook_attempts').where('delivery_id', 'in', ids).execute();
      const gone = await transaction
        .deleteFrom('webhook_deliveries')
        .where('id', 'in', ids)
        .where('state', '<>', 'waiting')
        .executeTakeFirst();
      return Number(gone.numDeletedRows);
    }),
  );
}

async function settle(
  context: StoreContext,
  { id, attempts }: WebhookDelivery,
  state: DeliveryState,
  now: EpochMillis,
  attempt: WebhookAttempt | undefined,
): Promise<boolean> {
  return changeWithEffects(context, { audit: [] }, async (transaction) => {
    const written = await transaction
      .updateTable('webhook_deliveries')
      .set({ state, attempts: attempt?.number ?? attempts, updated_at: now })
      .where('id', '=', id)
      .where('state', '=', 'waiting')
      .where('attempts', '=', attempts)
      .executeTakeFirst();
    if (written.numUpdatedRows !== 1n) return false;
    if (attempt === undefined) return true;
    const { number, at, status = null, code = null, durationMillis } = attempt;
    const row = { delivery_id: id, number, at, status, code, duration_millis: durationMillis };
    await transaction.insertInto('webhook_attempts').values(row).execute();
    return true;
  });
}

async function listDeliveries(
  { connection }: StoreContext,
  { tenant, endpointId, state, after, limit }: DeliveryQuery,
): Promise<readonly WebhookDelivery[]> {
  let query = connection.db
    .selectFrom('webhook_deliveries')
    .selectAll()
    .where('endpoint_id', '=', endpointId)
    .where('tenant', '=', tenant)
    .orderBy('id', 'desc')
    .limit(limit);
  if (state !== undefined) query = query.where('state', '=', state);
  if (after !== undefined) query = query.where('id', '<', after);
  return (await guarded(() => query.execute())).map(deliveryOf);
}

async function attemptsOf(
  { connection }: StoreContext,
  deliveryId: string,
): Promise<readonly WebhookAttempt[]> {
  const rows = await guarded(() =>
    connection.db
      .selectFrom('webhook_attempts')
      .selectAll()
      .where('delivery_id', '=', deliveryId)
      .orderBy('number')
      .execute(),
  );
  return rows.map(({ number, at, status, code, duration_millis: durationMillis }) =>
    defined({
      number,
      at: at as EpochMillis,
      status: status === null ? undefined : status,
      code: code === null ? undefined : (code as ErrorCode),
      durationMillis,
    }),
  );
}

function endpointRow(sealer: Sealer, endpoint: WebhookEndpoint): EndpointRow {
  const { id, tenant, url, events, state, revision, secrets, createdAt, updatedAt } = endpoint;
  return {
    id,
    tenant,
    url,
    state,
    revision,
    events: JSON.stringify(events),
    created_at: createdAt,
    updated_at: updatedAt,
    sealed_secrets: sealOf(sealer, endpoint).sealText('sealed_secrets', JSON.stringify(secrets)),
  };
}

function endpointOf(sealer: Sealer, row: EndpointRow): WebhookEndpoint {
  const { id, url, revision } = row;
  const secrets = sealOf(sealer, row).openText('sealed_secrets', row.sealed_secrets);
  return {
    id,
    url,
    revision,
    tenant: row.tenant as TenantId,
    events: parsedJson<WebhookEndpoint['events']>(row.events),
    state: row.state as WebhookEndpoint['state'],
    secrets: parsedJson<readonly WebhookSecret[]>(secrets),
    createdAt: row.created_at as EpochMillis,
    updatedAt: row.updated_at as EpochMillis,
  };
}

function sealOf(
  sealer: Sealer,
  row: { readonly id: string; readonly revision: number; readonly tenant: string },
) {
  const { id, revision, tenant } = row;
  return recordSeal(sealer, { table: 'webhook_endpoints', record: versionedRecord(id, revision), tenant });
}

function deliveryOf(row: DeliveryRow): WebhookDelivery {
  const { id, subject, payload, attempts } = row;
  return {
    id,
    subject,
    payload,
    attempts,
    tenant: row.tenant as TenantId,
    endpointId: row.endpoint_id,
    type: row.type as WebhookDelivery['type'],
    state: row.state as DeliveryState,
    replayedAt: row.replayed_at,
    createdAt: row.created_at as EpochMillis,
    updatedAt: row.updated_at as EpochMillis,
  };
}
