import { type Selectable, sql } from 'kysely';
import { WEBHOOK_TEST } from '../../../contracts/webhooks.ts';
import type { EpochMillis, TenantId } from '../../../core/brand.ts';
import { defined } from '../../../core/defined.ts';
import type { ErrorCode } from '../../../core/errors.ts';
import type { AuditEvent } from '../../../ports/audit.ts';
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
import { changeRows } from '../rows/change-rows.ts';
import type { WebhookDeliveryTable, WebhookEndpointTable } from '../schema/schema.ts';
import { deliveryRow, firstAttempt } from './webhook-notices.ts';

type EndpointRow = Selectable<WebhookEndpointTable>;
type DeliveryRow = Selectable<WebhookDeliveryTable>;

export function openWebhookStore(context: StoreContext): WebhookStore {
  const { rows, connection } = context;
  const { db } = connection;
  const deliveries = () => db.selectFrom('webhook_deliveries').selectAll();
  return {
    ...openEndpoints(context),
    getDelivery: async (id, tenant) => {
      const byId = deliveries().where('id', '=', id);
      const query = tenant === undefined ? byId : byId.where('tenant', '=', tenant);
      const row = await guarded(() => query.executeTakeFirst());
      return row === undefined ? undefined : deliveryOf(rows.checked('webhook_deliveries', row));
    },
    listDeliveries: (query) => listDeliveries(context, query),
    attempts: (deliveryId) => attemptsOf(context, deliveryId),
    purge: (before) => purge(context, before),
    test: (endpoint, now, audit) => sendTest(context, endpoint, now, audit),
    settle: (delivery, state, now, attempt) => settle(context, delivery, state, now, attempt),
    replay: (delivery, now, audit) => {
      const key = `deliver-webhook:${delivery.id}:${delivery.attempts}`;
      const lane = { endpoint: delivery.endpointId, tenant: delivery.tenant };
      const jobs = [{ name: 'deliver-webhook' as const, subject: delivery.id, key, lane }];
      return changeWithEffects(context, { audit: [audit], jobs }, async (transaction) => {
        const where = sql<boolean>`id = ${delivery.id} and state <> 'waiting'`;
        const set = { state: 'waiting', replayed_at: delivery.attempts, updated_at: now };
        return (await changeRows(transaction, rows, { table: 'webhook_deliveries', where, set })) === 1;
      });
    },
  };
}

async function sendTest(
  context: StoreContext,
  { id, tenant, state }: WebhookEndpoint,
  now: EpochMillis,
  audit: AuditEvent,
): Promise<WebhookDelivery> {
  const notice = { type: WEBHOOK_TEST, tenant, at: now, data: { id, state } } as const;
  const row = context.rows.sealed('webhook_deliveries', deliveryRow(notice, id, now));
  const jobs = [firstAttempt(row)];
  await changeWithEffects(context, { audit: [audit], jobs }, async (transaction) => {
    await transaction.insertInto('webhook_deliveries').values(row).execute();
    return true;
  });
  return deliveryOf(row);
}

type Endpoints = 'insertEndpoint' | 'updateEndpoint' | 'deleteEndpoint' | 'getEndpoint' | 'listEndpoints';

function openEndpoints(context: StoreContext): Pick<WebhookStore, Endpoints> {
  const { sealer, connection, heads, rows } = context;
  const endpointsOf = (tenant: string) =>
    guarded(() => heads.rows(connection.db, 'webhook_endpoints', { tenant }));
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
      changeWithEffects(context, { audit: [audit] }, (transaction) => {
        const row = rows.sealed('webhook_endpoints', endpointRow(sealer, next));
        const { id, tenant, created_at: _once, ...columns } = row;
        return heads.change(
          transaction,
          'webhook_endpoints',
          async () => {
            const written = await transaction
              .updateTable('webhook_endpoints')
              .set(columns)
              .where('id', '=', id)
              .where('tenant', '=', tenant)
              .where('revision', '=', next.revision - 1)
              .executeTakeFirst();
            return written.numUpdatedRows === 1n;
          },
          { tenant },
        );
      }),
    deleteEndpoint: async (endpoint, audit) => {
      await changeWithEffects(context, { audit: [audit] }, (transaction) =>
        deleteEndpoint(context, transaction, endpoint),
      );
    },
    getEndpoint: async (id, tenant) => {
      const row = (await endpointsOf(tenant)).find((one) => one.id === id);
      return row === undefined ? undefined : endpointOf(sealer, row);
    },
    listEndpoints: async (tenant) => (await endpointsOf(tenant)).map((row) => endpointOf(sealer, row)),
  };
}

function deleteEndpoint(
  { heads }: StoreContext,
  transaction: StoreTransaction,
  { id, tenant }: Pick<WebhookEndpoint, 'id' | 'tenant'>,
): Promise<boolean> {
  return heads.change(
    transaction,
    'webhook_endpoints',
    async () => {
      const own = transaction.selectFrom('webhook_deliveries').select('id').where('endpoint_id', '=', id);
      await transaction.deleteFrom('webhook_attempts').where('delivery_id', 'in', own).execute();
      await transaction.deleteFrom('webhook_deliveries').where('endpoint_id', '=', id).execute();
      await transaction.deleteFrom('webhook_endpoints').where('id', '=', id).execute();
      return true;
    },
    { tenant },
  );
}

async function insertEndpoint(
  { sealer, heads, rows }: StoreContext,
  transaction: StoreTransaction,
  endpoint: WebhookEndpoint,
  most: number,
): Promise<'inserted' | 'exists' | 'too-many'> {
  const { tenant } = endpoint;
  let refused: 'exists' | 'too-many' | undefined;
  await heads.change(
    transaction,
    'webhook_endpoints',
    async (own) => {
      if (own.some(({ url }) => url === endpoint.url)) refused = 'exists';
      else if (own.length >= most) refused = 'too-many';
      if (refused !== undefined) return false;
      const row = rows.sealed('webhook_endpoints', endpointRow(sealer, endpoint));
      await transaction.insertInto('webhook_endpoints').values(row).execute();
      return true;
    },
    { tenant },
  );
  return refused ?? 'inserted';
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
  const { rows } = context;
  return changeWithEffects(context, { audit: [] }, async (transaction) => {
    const where = sql<boolean>`id = ${id} and state = 'waiting' and attempts = ${attempts}`;
    const set = { state, attempts: attempt?.number ?? attempts, updated_at: now };
    const change = { table: 'webhook_deliveries', where, set } as const;
    if ((await changeRows(transaction, rows, change)) !== 1) return false;
    if (attempt === undefined) return true;
    const { number, at, status = null, code = null, durationMillis } = attempt;
    const row = { delivery_id: id, number, at, status, code, duration_millis: durationMillis };
    await transaction.insertInto('webhook_attempts').values(rows.sealed('webhook_attempts', row)).execute();
    return true;
  });
}

async function listDeliveries(
  { connection, rows }: StoreContext,
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
  return (await guarded(() => query.execute())).map((row) =>
    deliveryOf(rows.checked('webhook_deliveries', row)),
  );
}

async function attemptsOf(
  { connection, rows: macs }: StoreContext,
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
  const checked = rows.map((row) => macs.checked('webhook_attempts', row));
  return checked.map(({ number, at, status, code, duration_millis: durationMillis }) =>
    defined({
      number,
      at: at as EpochMillis,
      status: status === null ? undefined : status,
      code: code === null ? undefined : (code as ErrorCode),
      durationMillis,
    }),
  );
}

function endpointRow(sealer: Sealer, endpoint: WebhookEndpoint): Omit<EndpointRow, 'mac'> {
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
