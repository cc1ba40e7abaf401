import type { EpochMillis } from '../core/brand.ts';
import type { LogProof } from '../core/transparency/log-proof.ts';

/** What goes into the log, blinded. */
export interface LogItem {
  readonly kind: LogProof['kind'];
  /** By which it is found again: a verification, or the number of a seal. */
  readonly id: string;
  readonly content: string;
}

/** What an entry was made from: where the next one goes on, and what must still be in the store. */
export interface LogState {
  readonly seal?: { readonly seq: number; readonly hash: string };
  readonly evidence?: { readonly seq: number; readonly hash: string };
  /** Decisions up to this instant were looked at. */
  readonly until: EpochMillis;
}

/** The public log of an operator, one writer at a time. */
export interface PublicLog {
  /**
   * Reads the log as it stands, another process may have gone on with it.
   * @throws JitsuinError `tlog.broken`: what is there is not what its head says
   */
  reload(): Promise<LogState | undefined>;
  has(kind: LogItem['kind'], id: string): Promise<boolean>;
  /** One entry over a batch of items, and the log's new head, signed. */
  append(at: EpochMillis, items: readonly LogItem[], state: LogState): Promise<void>;
  /**
   * Gets the head signed by the witnesses that did not sign it yet. Gives how many have, of how many.
   * @throws JitsuinError `tlog.broken`: a witness saw another history
   */
  witness(): Promise<{ readonly signed: number; readonly of: number }>;
  /** Undefined when it is in no entry yet. */
  proof(item: LogItem): Promise<LogProof | undefined>;
}

/** Where the chains of the store stand. */
export interface ChainHeads {
  newest(): Promise<Pick<LogState, 'seal' | 'evidence'>>;
  /** Hash of the seal or link of this number, if it is there. */
  hashAt(chain: 'seal' | 'evidence', seq: number): Promise<string | undefined>;
  /** Hex SHA-256 of the newest record of evidence of this id. */
  recordHash(id: string): Promise<string | undefined>;
}
