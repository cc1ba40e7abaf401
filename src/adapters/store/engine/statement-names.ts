/** Statements that a server keeps for each connection; those of few uses beyond that are parsed each time. */
const MOST = 200;
const KEPT = /^\s*(?:select|insert|update|delete|with)\b/i;

/**
 * Under which name a server keeps a statement that was parsed and planned once (PostgreSQL 15, section 55.2.3). One for
 * all connections of a pool: the driver tells each server of it at its first use there.
 */
export class StatementNames {
  readonly #names = new Map<string, string>();
  #generation = 0;
  /** Until it is known that sessions are ours alone. */
  #most = 0;

  /** Sessions are ours. */
  begin(): void {
    this.#most = MOST;
  }

  /** Sessions are ours: what one was sent it carries out in that order, whoever waits for which answer. */
  get ours(): boolean {
    return this.#most > 0;
  }

  /** Sessions are lent after all: nothing has a name any more. */
  end(): void {
    this.#most = 0;
    this.#names.clear();
  }

  /** Undefined: it is sent without a name. */
  nameOf(text: string): string | undefined {
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    if (this.#names.size >= this.#most || !KEPT.test(text)) return undefined;
    const name = `jitsuin_${this.#generation}_${this.#names.size}`;
    this.#names.set(text, name);
    return name;
  }

  /** What the server keeps is of no use any more: from now on everything has another name. */
  forget(): void {
    this.#generation += 1;
    this.#names.clear();
  }
}

/** No such prepared statement, or one that is there already: a pooler lends one session to several. */
const OTHER_SESSION: readonly string[] = ['26000', '42P05'];

/**
 * Whether what was prepared is of no use, and the same statement is right when it is prepared anew: a table got columns
 * (a migration beside running processes), or sessions are lent after all. Learns from it.
 */
export function learnStale(names: StatementNames | undefined, thrown: unknown): boolean {
  if (!(thrown instanceof Error && 'code' in thrown)) return false;
  if (OTHER_SESSION.includes(String(thrown.code))) {
    names?.end();
    return true;
  }
  const changed =
    thrown.code === '0A000' && 'routine' in thrown && thrown.routine === 'RevalidateCachedQuery';
  if (changed) names?.forget();
  return changed;
}

/** `serialization_failure`: nothing of the transaction stays, and the same again may well succeed. */
export const MADE_AGAIN = '40001';

export function isMadeAgain(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === MADE_AGAIN;
}
