import { setImmediate } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import { JitsuinError } from '../../../core/errors.ts';
import type { AuditEvent } from '../../../ports/audit.ts';
import type { Clock } from '../../../ports/clock.ts';
import { lockSealHead } from '../evidence/audit-chain.ts';
import { isSealedSince, SEAL_PAUSE, sealChains } from '../evidence/audit-seals.ts';
import { insertEvidence, type SealedEvidence } from '../evidence/insert-evidence.ts';
import { type ChainTurn, ProcessChain } from '../evidence/process-chain.ts';
import { changeRows } from '../rows/change-rows.ts';
import type { RowMacs } from '../rows/row-macs.ts';
import type { StoreSchema } from '../schema/schema.ts';
import { markLoss, requireNoLoss } from '../upkeep/loss-marks.ts';
import { isMovedChain, isNeverCommitted, isNotThere } from './later.ts';
import { isMadeAgain } from './statement-names.ts';
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
  readonly evidence: readonly SealedEvidence[];
  readonly resolve: (changed: boolean) => void;
  readonly reject: (thrown: unknown) => void;
}

/**
 * Group commit: changes of the same turn of the event loop are made in one transaction, in their order, and each is
 * answered when it is committed. A change alone is a transaction of its own. The audit chain of this process comes
 * last, because its records are written in the order of the commits. When one of several throws, nothing of that
 * transaction stays and each is made again, alone; an outage is everybody's.
 */
export class SharedCommits {
  readonly #db: Kysely<StoreSchema>;
  readonly #engine: StoreEngine;
  readonly #atOnce: number;
  readonly #waiting: Waiting[] = [];
  #running = 0;
  #chain: ProcessChain;
  /** Chains whose commit hung: they are closed with the others once it was answered. */
  readonly #left: ProcessChain[] = [];
  /** Of the store that is opened over it; undefined: the ends of audit chains are neither checked nor given a MAC. */
  macs: RowMacs | undefined;
  clock: Clock | undefined;
  /** Of the store too: what follows when it went back in time. An sp goes on, its operator tells it what it forgot. */
  afterLoss: 'refuse' | 'go-on' = 'refuse';
  #lost: JitsuinError | undefined;

  constructor(db: Kysely<StoreSchema>, engine: StoreEngine) {
    this.#db = db;
    this.#engine = engine;
    this.#atOnce = AT_ONCE[engine];
    this.#chain = this.#newChain();
  }

  #newChain(): ProcessChain {
    return new ProcessChain(() => ({ engine: this.#engine, macs: this.macs, clock: this.clock }));
  }

  /**
   * `evidence` is kept with it, where it is made. @returns whether it was made; then it is committed.
   * @throws what the change threw, or the engine's failure
   */
  add(change: Change, evidence: readonly SealedEvidence[] = []): Promise<boolean> {
    if (this.#lost !== undefined && this.afterLoss === 'refuse') return Promise.reject(this.#lost);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ change, evidence, resolve, reject });
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
      for (const alone of await this.#commit(taken)) await this.#commitAlone(alone);
    }
    this.#running -= 1;
  }

  /** Twice where the database wants the transaction made again. */
  async #commitAlone(alone: Waiting): Promise<void> {
    const [again] = await this.#commit([alone]);
    const [left] = again === undefined ? [] : await this.#commit([again]);
    left?.reject(
      new JitsuinError('store.unavailable', 'The database let this transaction through at no time.'),
    );
  }

  /** Never throws: answers everybody, but those whom it gives back to be made again alone. */
  async #commit(taken: readonly Waiting[]): Promise<readonly Waiting[]> {
    let made = false;
    let turn: ChainTurn | undefined;
    try {
      const results = await this.#db.transaction().execute(async (transaction) => {
        const asked: (readonly AuditEvent[] | undefined)[] = [];
        for (const { change } of taken) asked.push(await change(transaction));
        const events = asked.flatMap((some) => some ?? []);
        const evidence = taken.flatMap(({ evidence }, n) => (asked[n] === undefined ? [] : evidence));
        if (events.length + evidence.length > 0) turn = await this.#turn();
        await this.#keep(transaction, evidence);
        await turn?.append(transaction, events);
        made = true;
        return asked;
      });
      turn?.committed();
      taken.forEach(({ resolve }, n) => {
        resolve(results[n] !== undefined);
      });
    } catch (thrown) {
      const undone = !made || isNeverCommitted(thrown);
      if (undone && (taken.length > 1 || isMadeAgain(thrown) || isMovedChain(thrown)) && !isOutage(thrown))
        return taken;
      if (undone && isNotThere(thrown)) {
        for (const { resolve } of taken) resolve(false);
        return [];
      }
      await this.#noticeLoss(thrown);
      for (const { reject } of taken) reject(thrown);
    } finally {
      turn?.end();
    }
    return [];
  }

  /** Next to last, because all processes that keep evidence wait for the head of its chain. */
  async #keep(transaction: StoreTransaction, records: readonly SealedEvidence[]): Promise<void> {
    if (records.length === 0) return;
    if (this.macs === undefined)
      throw new JitsuinError('internal.unexpected', 'Evidence came to a store without its seal key.');
    await insertEvidence(transaction, { engine: this.#engine, rows: this.macs }, records);
  }

  async #turn(): Promise<ChainTurn> {
    for (;;) {
      const chain = this.#chain;
      const turn = await chain.turn();
      if (turn !== undefined) return turn;
      if (this.#chain !== chain) continue;
      this.#left.push(chain);
      this.#chain = this.#newChain();
    }
  }

  #ids(): readonly number[] {
    return [...this.#left, this.#chain].flatMap(({ ids }) => ids);
  }

  /**
   * Whether all that this process committed is still there, and no other has missed any of its own.
   * @throws JitsuinError `store.went-back`
   */
  async requireWhole(): Promise<void> {
    if (this.#lost !== undefined && this.afterLoss === 'refuse') throw this.#lost;
    try {
      const found = [];
      for (const chain of [...this.#left, this.#chain]) found.push(await chain.requireEnd(this.#db));
      if (this.afterLoss === 'go-on') return;
      const committed = found.includes(true) ? 'whole' : 'unknown';
      await requireNoLoss({ db: this.#db, engine: this.#engine, macs: this.macs }, committed);
    } catch (thrown) {
      await this.#noticeLoss(thrown);
      throw thrown;
    }
  }

  async #noticeLoss(thrown: unknown): Promise<void> {
    if (!(thrown instanceof JitsuinError) || thrown.code !== 'store.went-back') return;
    this.#lost = thrown;
    if (this.afterLoss === 'refuse') {
      if (this.macs !== undefined && this.clock !== undefined)
        await markLoss(this.#db, this.macs, this.clock.now(), thrown).catch(() => undefined);
      return;
    }
    this.#left.length = 0;
    this.#chain = this.#newChain();
  }

  /** `AuditLog.seal`. Without a key there is nothing to seal with. */
  async seal(): Promise<boolean> {
    const { macs, clock } = this;
    if (macs === undefined || clock === undefined) return false;
    const lost = this.#lost;
    if (lost !== undefined) {
      // an sp tells it once and has gone on; the others tell it until they end
      if (this.afterLoss === 'go-on') this.#lost = undefined;
      throw lost;
    }
    const sealed = await this.#sealNow(macs, clock);
    await this.requireWhole();
    return sealed;
  }

  async #sealNow(macs: RowMacs, clock: Clock): Promise<boolean> {
    const now = clock.now();
    const ids = this.#ids();
    if (ids.length > 0)
      await this.#db.updateTable('audit_chains').set({ beat_at: now }).where('id', 'in', ids).execute();
    const least = SEAL_PAUSE - 5_000;
    if (await isSealedSince(this.#db, now - least, now)) return false;
    const parts = { engine: this.#engine, macs };
    return this.#db.transaction().execute((transaction) => sealChains(transaction, parts, { now, least }));
  }

  /** Closes the chain of this process, if it has one, and seals: the last act before the database is closed. */
  async end(): Promise<void> {
    const { macs, clock } = this;
    const ids = this.#ids();
    if (macs === undefined || clock === undefined || ids.length === 0 || this.#lost !== undefined) return;
    const now = clock.now();
    const parts = { engine: this.#engine, macs };
    const where = sql<boolean>`id in (${sql.join(ids)}) and closed_at is null`;
    const set = { closed_at: now, ended_by: 'process' };
    await this.#db.transaction().execute(async (transaction) => {
      await lockSealHead(transaction, parts);
      await changeRows(transaction, macs, { table: 'audit_chains', where, set });
      await sealChains(transaction, parts, { now, least: 0 });
    });
  }
}
