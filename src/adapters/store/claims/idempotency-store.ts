import { type Insertable, type RawBuilder, type Selectable, sql } from 'kysely';
import { BoundedMap } from '../../../core/bounded-map.ts';
import { defined } from '../../../core/defined.ts';
import { fromBase64, fromUtf8, toBase64, toUtf8 } from '../../../core/encoding.ts';
import { DAY_MILLIS } from '../../../core/spans.ts';
import type { IdempotencyClaim, IdempotencyStore, StoredAnswer } from '../../../ports/idempotency-store.ts';
import type { SealContext, Sealer } from '../../../ports/sealer.ts';
import type { StoreContext } from '../context.ts';
import { compiledOnce } from '../engine/compiled-once.ts';
import { guarded } from '../engine/store-errors.ts';
import { parsedJson } from '../records/row-values.ts';
import { changeRows } from '../rows/change-rows.ts';
import type { ColumnValue } from '../rows/row-macs.ts';
import type { IdempotencyTable } from '../schema/schema.ts';
import { valueHash } from './value-hash.ts';

/** A first request that never answered (its process died) gives the key back after this time. */
const ABANDONED_MILLIS = 30_000;
/** How long a key is remembered. */
const KEY_LIFE = DAY_MILLIS;

type Row = Selectable<IdempotencyTable>;

/** Claims of this process that wait for their answers; of what is more the row is read again. */
const MOST_CLAIMS = 1_000;
type OwnClaims = BoundedMap<string, Insertable<IdempotencyTable>>;

interface Answer extends Pick<Row, 'tenant' | 'key_hash' | 'sealed_answer' | 'mac'> {
  readonly macBefore: Uint8Array | null;
}

/** Where the row is still the one that this process wrote. */
const answerOwn = compiledOnce((db, { tenant, key_hash, sealed_answer, mac, macBefore }: Answer) =>
  db
    .updateTable('idempotency_keys')
    .set({ sealed_answer, mac })
    .where('tenant', '=', tenant)
    .where('key_hash', '=', key_hash)
    .where('mac', '=', macBefore)
    .compile(),
);

const insertClaim = compiledOnce((db, row: Insertable<IdempotencyTable>) =>
  db
    .insertInto('idempotency_keys')
    .values(row)
    .onConflict((conflict) => conflict.columns(['tenant', 'key_hash']).doNothing())
    .compile(),
);

/**
 * Claims and answers need no fsync of their own (`amongProcesses`): the commit of the request's effect comes after
 * its claim and brings it to the disk, and an answer that a power cut took back is made again from that effect.
 */
export function openIdempotencyStore(context: StoreContext): IdempotencyStore {
  const { sealer, rows } = context;
  const { amongProcesses: db } = context.connection;
  const change = async (where: RawBuilder<boolean>, set: Readonly<Record<string, ColumnValue>>) => {
    await guarded(() => changeRows(db, rows, { table: 'idempotency_keys', where, set }));
  };
  const own: OwnClaims = new BoundedMap(MOST_CLAIMS);
  return {
    claim: (tenant, key, requestHash, now, requestId) =>
      guarded(() => claim(context, own, { tenant, key, requestHash, now, requestId })),
    answer: async (tenant, key, answer) => {
      const key_hash = valueHash(key);
      const sealed_answer = sealer.seal(answerOctets(answer), sealContext(tenant, key_hash));
      const claimed = own.get(claimName(tenant, key_hash));
      own.delete(claimName(tenant, key_hash));
      if (claimed?.mac !== undefined) {
        const { mac } = rows.sealed('idempotency_keys', { ...claimed, sealed_answer });
        const set = { tenant, key_hash, sealed_answer, mac, macBefore: claimed.mac };
        if ((await guarded(() => answerOwn(db, set))).numAffectedRows === 1n) return;
      }
      await change(unanswered(tenant, key), { sealed_answer });
    },
    release: async (tenant, key, claimedAt) => {
      await guarded(() =>
        db
          .deleteFrom('idempotency_keys')
          .where('tenant', '=', tenant)
          .where('key_hash', '=', valueHash(key))
          .where('claimed_at', '=', claimedAt)
          .where('sealed_answer', 'is', null)
          .execute(),
      );
    },
    abandon: async (tenant, key, claimedAt) => {
      const claimed_at = claimedAt - ABANDONED_MILLIS;
      await change(sql<boolean>`${unanswered(tenant, key)} and claimed_at = ${claimedAt}`, { claimed_at });
    },
    purge: async (before) => {
      const gone = await guarded(() =>
        db.deleteFrom('idempotency_keys').where('claimed_at', '<', before).executeTakeFirst(),
      );
      return Number(gone.numDeletedRows);
    },
  };
}

interface Claim {
  readonly tenant: string;
  readonly key: string;
  readonly requestHash: string;
  readonly now: number;
  readonly requestId: string;
}

function claimName(tenant: string, keyHash: string): string {
  return `${keyHash} ${tenant}`;
}

async function claim(
  context: StoreContext,
  own: OwnClaims,
  { tenant, key, requestHash, now, requestId }: Claim,
): Promise<IdempotencyClaim> {
  const { db, amongProcesses } = context.connection;
  const key_hash = valueHash(key);
  const spoilt = await spoiltByRestore(context, { tenant, key, now });
  if (spoilt !== undefined) return spoilt;
  const fresh = { tenant, key_hash, request_hash: requestHash, request_id: requestId, claimed_at: now };
  const row = context.rows.sealed('idempotency_keys', fresh);
  const written = await insertClaim(amongProcesses, row);
  if (written.numAffectedRows === 1n) {
    own.set(claimName(tenant, key_hash), row);
    return { kind: 'first', requestId };
  }
  const stored = await db
    .selectFrom('idempotency_keys')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('key_hash', '=', key_hash)
    .executeTakeFirst();
  if (stored === undefined) return { kind: 'running' };
  context.rows.checked('idempotency_keys', stored);
  if (stored.request_hash !== requestHash) return { kind: 'mismatch' };
  if (stored.sealed_answer !== null) return { kind: 'answered', answer: openAnswer(context.sealer, stored) };
  if (!(await takeOver(context, stored, now))) return { kind: 'running' };
  return { kind: 'first', requestId: stored.request_id ?? requestId };
}

/**
 * After a restore, for as long as a key lives: a key that the store does not know may have been used after the
 * backup was taken, and one without an answer may have had its effect since. Answers that were kept are still good.
 */
async function spoiltByRestore(
  { connection, rows, restored }: StoreContext,
  { tenant, key, now }: Pick<Claim, 'tenant' | 'key' | 'now'>,
): Promise<IdempotencyClaim | undefined> {
  if (restored === undefined || now > restored.at + KEY_LIFE) return undefined;
  const { at, keyPrefix } = restored;
  if (keyPrefix !== undefined && key.startsWith(keyPrefix)) return undefined;
  const known = await connection.db
    .selectFrom('idempotency_keys')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('key_hash', '=', valueHash(key))
    .executeTakeFirst();
  if (known !== undefined) rows.checked('idempotency_keys', known);
  if (known !== undefined && (known.sealed_answer !== null || known.claimed_at > at)) return undefined;
  if (known === undefined && keyPrefix === undefined) return undefined;
  return defined({
    kind: 'restored',
    keyPrefix,
  });
}

/** One of the later requests takes the place of a first one that has been silent for too long. */
async function takeOver({ connection, rows }: StoreContext, stored: Row, now: number): Promise<boolean> {
  if (stored.claimed_at + ABANDONED_MILLIS > now) return false;
  const { tenant, key_hash, claimed_at } = stored;
  const where = sql<boolean>`tenant = ${tenant} and key_hash = ${key_hash} and claimed_at = ${claimed_at}
    and sealed_answer is null`;
  const change = { table: 'idempotency_keys', where, set: { claimed_at: now } } as const;
  return (await changeRows(connection.amongProcesses, rows, change)) === 1;
}

function unanswered(tenant: string, key: string): RawBuilder<boolean> {
  return sql<boolean>`tenant = ${tenant} and key_hash = ${valueHash(key)} and sealed_answer is null`;
}

function sealContext(tenant: string, keyHash: string): SealContext {
  return { table: 'idempotency_keys', column: 'sealed_answer', record: keyHash, tenant };
}

function answerOctets({ status, headers, body }: StoredAnswer): Uint8Array {
  return toUtf8(JSON.stringify({ status, headers, body: toBase64(body) }));
}

function openAnswer(sealer: Sealer, { tenant, key_hash, sealed_answer }: Row): StoredAnswer {
  const octets = sealer.open(sealed_answer ?? new Uint8Array(), sealContext(tenant, key_hash));
  const { status, headers, body } = parsedJson<{
    status: number;
    headers: Record<string, string>;
    body: string;
  }>(fromUtf8(octets));
  return { status, headers, body: fromBase64(body) };
}
