/** Counts requests by a name, over all processes that share it. */
export interface RateLimit {
  /**
   * Counts one request of `points` (1 for a small one). Milliseconds to wait when it was one too many, undefined
   * when it may go on.
   */
  take(name: string, points?: number): Promise<number | undefined>;
  close(): Promise<void>;
}
