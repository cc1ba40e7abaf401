import type { SimulatedEndpoint } from './auth-and-sign/faults.ts';
import type { Explanation } from './explanation.ts';

/** A request that came, and what became of it. No value of a token, code, assertion or person stands in it. */
export interface JournalEntry {
  /** Epoch milliseconds, by the simulator's clock. */
  readonly at: number;
  readonly endpoint: SimulatedEndpoint | 'citizen' | 'logout';
  readonly clientId?: string;
  readonly status: number;
  /** `error` of the answer. */
  readonly error?: string;
  readonly explanation?: Explanation;
  /** A fault that was asked for made the answer. */
  readonly fault?: string;
}

export interface Journal {
  /** Newest first. */
  entries(): readonly JournalEntry[];
  note(entry: JournalEntry): void;
}

const MOST = 200;

export function makeJournal(heard: ((entry: JournalEntry) => void) | undefined): Journal {
  const kept: JournalEntry[] = [];
  return {
    entries: () => kept,
    note(entry) {
      kept.unshift(entry);
      kept.length = Math.min(kept.length, MOST);
      heard?.(entry);
    },
  };
}
