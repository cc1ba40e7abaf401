import { randomBytes } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { sql } from 'kysely';
import Database from 'libsql';
import type { EpochMillis } from '../../../core/brand.ts';
import { defined } from '../../../core/defined.ts';
import { JitsuinError } from '../../../core/errors.ts';
import type { StoreTransaction } from '../engine/store-engine.ts';
import { guarded } from '../engine/store-errors.ts';
import { changeRows } from '../rows/change-rows.ts';
import type { Store } from '../store-options.ts';
import { markRestored, type Restored } from './store-marks.ts';

/**
 * A consistent copy of the embedded database while its role runs. The copy carries a mark, so that no program works
 * on it before it was declared restored.
 * @throws JitsuinError `usage.arguments` (not the embedded store, or the file exists), `store.*`
 */
export async function backUp(store: Store, file: string, now: EpochMillis): Promise<void> {
  if (store.engine !== 'sqlite') {
    throw new JitsuinError(
      'usage.arguments',
      'PostgreSQL is backed up with its own tools, for example pg_dump.',
    );
  }
  if (existsSync(file)) throw new JitsuinError('usage.arguments', 'The file exists already.', { at: file });
  await guarded(async () => {
    try {
      await sql`vacuum into ${file}`.execute(store.kysely);
      const copy = new Database(file);
      copy.prepare(`insert into store_marks (name, value) values ('backup', ?)`).run([String(now)]);
      copy.close();
    } catch (thrown) {
      rmSync(file, { force: true });
      throw thrown;
    }
  });
}

/** What a restore made void in the store itself. */
interface VoidedCounts {
  readonly sessions: number;
  readonly logins: number;
}

/**
 * Ends what the store alone knows (sessions, logins under way, leases with the client token), writes the audit
 * event and opens the store: one transaction. Applications are ended before it, by their machine. `ended`: how many
 * those were.
 */
export async function declareRestored(
  store: Store,
  options: { readonly now: EpochMillis; readonly ended: number; readonly keys: 'new-prefix' | 'any' },
): Promise<VoidedCounts & Restored> {
  const { now, ended, keys } = options;
  const restored: Restored = defined({
    at: now,
    keyPrefix: keys === 'any' ? undefined : `r${randomBytes(4).toString('hex')}-`,
  });
  const counts = { sessions: 0, logins: 0 };
  await guarded(() =>
    store.changes.add(async (transaction) => {
      const sessions = await transaction.deleteFrom('browser_sessions').executeTakeFirst();
      const logins = await transaction.deleteFrom('login_attempts').executeTakeFirst();
      await transaction.deleteFrom('leases').execute();
      // one that was removed since the backup must not come back: all are registered anew, by card
      await transaction.deleteFrom('citizen_passkeys').execute();
      await transaction.deleteFrom('passkey_challenges').execute();
      await transaction.deleteFrom('table_heads').where('name', 'like', 'citizen_passkeys %').execute();
      await endConsole(store, transaction, now);
      await markRestored(transaction, store.engine, store.rows, restored);
      counts.sessions = Number(sessions.numDeletedRows);
      counts.logins = Number(logins.numDeletedRows);
      const facts = { ended, ...counts };
      return [{ event: 'store.restored', subject: store.role, tenant: '', at: now, facts }];
    }),
  );
  return { ...counts, ...restored };
}

/**
 * Logins of operators, invitations that may have been used since, and changes that wait for their second
 * administrator.
 */
async function endConsole(
  { rows, heads }: Store,
  transaction: StoreTransaction,
  now: EpochMillis,
): Promise<void> {
  for (const table of ['operator_sessions', 'operator_invitations'] as const) {
    await transaction.deleteFrom(table).execute();
    await heads.make(transaction, table);
  }
  const where = sql<boolean>`state = 'pending'`;
  await heads.change(transaction, 'approvals', () =>
    changeRows(transaction, rows, { table: 'approvals', where, set: { expires_at: now } }),
  );
}
