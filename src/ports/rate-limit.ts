/** Counts requests by a name, over all processes that share it. */
export interface RateLimit {
  /** Counts one request. Milliseconds to wait when it was one too many, undefined when it may go on. */
  take(name: string): Promise<number | undefined>;
  close(): Promise<void>;
}
