import { type Selectable, sql } from 'kysely';
import type { EpochMillis, TenantId, VerificationId } from '../../../core/brand.ts';
import { defined } from '../../../core/defined.ts';
import type { CheckMethod } from '../../../core/fees/price-list.ts';
import type {
  CertificateStatus,
  KeptStatusCheck,
  StatusCheckStore,
} from '../../../ports/status-check-store.ts';
import { changeWithEffects, type StoreContext } from '../context.ts';
import { guarded } from '../engine/store-errors.ts';
import type { StatusCheckTable } from '../schema/schema.ts';
import { parsedJson } from './row-values.ts';
import { recordSeal } from './sealing.ts';

const TABLE = 'status_checks';
const COLUMN = 'sealed_facts';

/** What would tell of whom a certificate is: when its list was made, when and why it was revoked. */
type SealedFacts = Pick<KeptStatusCheck, 'sourceUpdatedAt' | 'revokedAt' | 'reason'>;

export function openStatusCheckStore(context: StoreContext): StatusCheckStore {
  const { connection, rows } = context;
  const { db } = connection;
  const newestFirst = () =>
    db.selectFrom(TABLE).selectAll().orderBy('checked_at', 'desc').orderBy('id', 'desc');
  const open = (row: Selectable<StatusCheckTable>) => checkOf(context, rows.checked(TABLE, row));
  return {
    record: async (check, effects, replaces) => {
      const row = rows.sealed(TABLE, rowOf(context, check));
      await changeWithEffects(context, effects, async (transaction) => {
        const written = await transaction
          .insertInto(TABLE)
          .values(row)
          .onConflict((conflict) => conflict.column('id').doNothing())
          .executeTakeFirst();
        if (written.numInsertedOrUpdatedRows !== 1n) return false;
        if (replaces !== undefined) await transaction.deleteFrom(TABLE).where('id', '=', replaces).execute();
        return true;
      });
    },
    list: (verification, tenant, limit) =>
      guarded(async () => {
        const found = await newestFirst()
          .where('verification_id', '=', verification)
          .where('tenant', '=', tenant)
          .limit(limit)
          .execute();
        return found.map(open);
      }),
    newest: (verifications) =>
      guarded(async () => {
        const newest = new Map<VerificationId, KeptStatusCheck>();
        if (verifications.length === 0) return newest;
        const found = await newestFirst()
          .where('verification_id', 'in', verifications)
          .where(
            sql<boolean>`checked_at = (select max(checked_at) from status_checks as other
              where other.verification_id = status_checks.verification_id)`,
          )
          .execute();
        for (const row of found) {
          const check = open(row);
          if (!newest.has(check.verificationId)) newest.set(check.verificationId, check);
        }
        return newest;
      }),
    forget: (verification, tenant) =>
      guarded(async () => {
        await db
          .deleteFrom(TABLE)
          .where('verification_id', '=', verification)
          .where('tenant', '=', tenant)
          .execute();
      }),
  };
}

function rowOf({ sealer }: StoreContext, check: KeptStatusCheck) {
  const { id, tenant, sourceUpdatedAt, revokedAt, reason } = check;
  const facts: SealedFacts = defined({ sourceUpdatedAt, revokedAt, reason });
  const seal = recordSeal(sealer, { table: TABLE, record: id, tenant });
  return {
    id,
    tenant,
    verification_id: check.verificationId,
    status: check.status,
    method: check.method,
    purpose: check.purpose,
    checked_at: check.checkedAt,
    sealed_facts: seal.sealText(COLUMN, JSON.stringify(facts)),
  };
}

function checkOf({ sealer }: StoreContext, row: Selectable<StatusCheckTable>): KeptStatusCheck {
  const seal = recordSeal(sealer, { table: TABLE, record: row.id, tenant: row.tenant });
  return {
    ...parsedJson<SealedFacts>(seal.openText(COLUMN, row.sealed_facts)),
    id: row.id,
    tenant: row.tenant as TenantId,
    verificationId: row.verification_id as VerificationId,
    status: row.status as CertificateStatus,
    method: row.method as CheckMethod,
    purpose: row.purpose === 'STATUS_NOTICE' ? 'STATUS_NOTICE' : 'STATUS_CHECK',
    checkedAt: row.checked_at as EpochMillis,
  };
}
