import type { Kysely } from 'kysely';
import { JitsuinError } from '../../../core/errors.ts';
import type { AuditEvent } from '../../../ports/audit.ts';
import type { StoreTransaction } from '../engine/store-engine.ts';
import { brokenRow } from '../rows/row-macs.ts';
import type { StoreSchema } from '../schema/schema.ts';
import { type AuditChainRow, type AuditParts, appendRecords, openChain } from './audit-chain.ts';

/**
 * So long a commit may hold the chain before the next one begins another: a connection that hangs holds up nobody else.
 */
const PATIENCE_MILLIS = 2_000;

/** The right to be the next commit of the chain. */
export interface ChainTurn {
  /**
   * The last act before the commit. @throws JitsuinError `seal.integrity`: somebody else wrote our chain;
   * `store.went-back`: what we committed is gone
   */
  append(transaction: StoreTransaction, events: readonly AuditEvent[]): Promise<void>;
  /** The commit was answered. */
  committed(): void;
  /** Whatever came of it: the next one's turn. */
  end(): void;
}

/**
 * The audit chain of this process over one store: opened with its first record, gone on with in the order of the
 * commits. Nobody else writes it, so its end is known here; after a commit whose outcome is not known it is read again.
 */
export class ProcessChain {
  readonly #parts: () => AuditParts;
  #last: Promise<void> = Promise.resolve();
  /** Where the chain surely ends; undefined: there is none yet. */
  #end: AuditChainRow | undefined;
  /** Where it ends if the last commit went through after all. */
  #perhaps: AuditChainRow | undefined;

  constructor(parts: () => AuditParts) {
    this.#parts = parts;
  }

  /** The chain that it is, or two where the commit that opened the second may have failed. */
  get ids(): readonly number[] {
    return [...new Set([this.#end, this.#perhaps].flatMap((row) => (row === undefined ? [] : [row.id])))];
  }

  /** Undefined when the turn before did not end in time; then this chain is not waited for. */
  async turn(patience = PATIENCE_MILLIS): Promise<ChainTurn | undefined> {
    const before = this.#last;
    let release: () => void = () => undefined;
    this.#last = new Promise((resolve) => {
      release = resolve;
    });
    if (!(await inTime(before, patience))) {
      void before.then(release);
      return undefined;
    }
    return this.#turn(release);
  }

  /**
   * True: what was surely committed is still there; false: nothing was.
   * @throws JitsuinError `store.went-back`, `seal.integrity`
   */
  async requireEnd(db: Kysely<StoreSchema>): Promise<boolean> {
    const end = this.#end;
    if (end === undefined) return false;
    const stored = await chainOf(db, end.id);
    if (stored === undefined || isBefore(stored, end)) throw faultOf(stored, end);
    return true;
  }

  #turn(end: () => void): ChainTurn {
    return {
      append: async (transaction, events) => {
        const at = events[0]?.at;
        if (at === undefined) return;
        const parts = this.#parts();
        for (const opened of [false, true]) {
          const from = opened ? await openChain(transaction, parts, at) : await this.#endIn(transaction, at);
          this.#perhaps = from;
          const to = await appendRecords(transaction, parts, from, events);
          if (to === undefined) {
            const stored = await chainOf(transaction, from.id);
            if (opened || stored?.closed_at == null) throw faultOf(stored, from);
            continue;
          }
          this.#perhaps = to;
          return;
        }
      },
      committed: () => {
        this.#end = this.#perhaps;
        this.#perhaps = undefined;
      },
      end,
    };
  }

  async #endIn(transaction: StoreTransaction, at: number): Promise<AuditChainRow> {
    const [sure, perhaps] = [this.#end, this.#perhaps];
    if (perhaps === undefined) return sure ?? openChain(transaction, this.#parts(), at);
    const { engine, macs } = this.#parts();
    const query = transaction.selectFrom('audit_chains').selectAll().where('id', '=', perhaps.id);
    const stored = await (engine === 'postgres' ? query.forUpdate() : query).executeTakeFirst();
    // the commit that opened it did not go through
    if (stored === undefined && sure?.id !== perhaps.id)
      return sure ?? openChain(transaction, this.#parts(), at);
    if (stored === undefined) throw faultOf(stored, perhaps);
    macs?.checked('audit_chains', stored);
    if (stored.closed_at !== null) return openChain(transaction, this.#parts(), at);
    const known = [sure, perhaps].some((row) => row?.id === stored.id && row.hash === stored.hash);
    if (!known) throw faultOf(stored, sure ?? perhaps);
    this.#end = stored;
    return stored;
  }
}

function chainOf(db: Kysely<StoreSchema> | StoreTransaction, id: number): Promise<AuditChainRow | undefined> {
  return db.selectFrom('audit_chains').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Shorter than it was, or another process's under the same number. */
function isBefore(stored: AuditChainRow, end: AuditChainRow): boolean {
  return stored.opened_at !== end.opened_at || stored.seq < end.seq;
}

function faultOf(stored: AuditChainRow | undefined, end: AuditChainRow): JitsuinError {
  if (stored !== undefined && !isBefore(stored, end)) return brokenRow('audit_chains');
  return new JitsuinError(
    'store.went-back',
    `Audit record ${end.seq} of chain ${end.id}, which this process committed, is not in the database any more.`,
    { at: `${end.id}:${end.seq}` },
  );
}

async function inTime(awaited: Promise<void>, millis: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, millis, false);
  });
  const came = await Promise.race([awaited.then(() => true), late]);
  clearTimeout(timer);
  return came;
}
