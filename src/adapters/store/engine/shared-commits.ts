import { setImmediate } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { AuditEvent } from '../../../ports/audit.ts';
import { appendAudit } from '../evidence/audit-chain.ts';
import type { RowMacs } from '../rows/row-macs.ts';
import type { StoreSchema } from '../schema/schema.ts';
import type { StoreEngine, StoreTransaction } from './store-engine.ts';
import { isOutage } from './store-errors.ts';

/** What one transaction holds at most: so long may the first of them wait for the last. */
const MOST = 32;

/** Transactions of a process that run beside each other: a connection that hangs holds up only what it has taken. */
const AT_ONCE: Readonly<Record<StoreEngine, number>> = { sqlite: 1, postgres: 4 };

/**
 * A change with the audit records that it asks for; undefined when it was not to be, and then it must have written
 * nothing.
 */
export type Change = (transaction: StoreTransaction) => Promise<readonly AuditEvent[] | undefined>;

interface Waiting {
  readonly change: Change;
  readonly resolve: (changed: boolean) => void;
  readonly reject: (thrown: unknown) => void;
}

/**
 * Group commit: changes of the same turn of the event loop are made in one transaction, in their order, and each is
 * answered when it is committed. A change alone is a transaction of its own. The audit chain comes last, because
 * its head is locked until the commit. When one of several throws, nothing of that transaction stays and each is
 * made again, alone; an outage is everybody's.
 */
export class SharedCommits {
  readonly #db: Kysely<StoreSchema>;
  readonly #engine: StoreEngine;
  readonly #atOnce: number;
  readonly #waiting: Waiting[] = [];
  #running = 0;
  /** Of the store that is opened over it; undefined: the audit chain's head is neither checked nor given a MAC. */
  macs: RowMacs | undefined;

  constructor(db: Kysely<StoreSchema>, engine: StoreEngine) {
    this.#db = db;
    this.#engine = engine;
    this.#atOnce = AT_ONCE[engine];
  }

  /** @returns whether it was made; then it is committed. @throws what the change threw, or the engine's failure */
  add(change: Change): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ change, resolve, reject });
      if (this.#running < this.#atOnce) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#running += 1;
    for (;;) {
      // SQLite does a whole transaction in one go: without this nobody could ever come while another is made
      await setImmediate();
      const taken = this.#waiting.splice(0, MOST);
      if (taken.length === 0) break;
      for (const alone of await this.#commit(taken)) await this.#commit([alone]);
    }
    this.#running -= 1;
  }

  /** Never throws: answers everybody, but those whom it gives back to be made again alone. */
  async #commit(taken: readonly Waiting[]): Promise<readonly Waiting[]> {
    let made = false;
    try {
      const results = await this.#db.transaction().execute(async (transaction) => {
        const asked: (readonly AuditEvent[] | undefined)[] = [];
        for (const { change } of taken) asked.push(await change(transaction));
        const events = asked.flatMap((some) => some ?? []);
        await appendAudit(transaction, this.#engine, this.macs, events);
        made = true;
        return asked;
      });
      taken.forEach(({ resolve }, n) => {
        resolve(results[n] !== undefined);
      });
    } catch (thrown) {
      if (!made && taken.length > 1 && !isOutage(thrown)) return taken;
      for (const { reject } of taken) reject(thrown);
    }
    return [];
  }
}
