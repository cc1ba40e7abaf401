/** Time and chance, as the retries need them. */
export interface Pacing {
  /** Milliseconds since the epoch. */
  now(): number;
  /** From 0 up to, not including, 1. */
  random(): number;
  /** Resolves after so long; rejects with the signal's reason when it is aborted before. */
  sleep(millis: number, signal: AbortSignal | undefined): Promise<void>;
}

export interface ClientOptions {
  /** Where the role is: its JITSUIN_PUBLIC_URL. */
  readonly baseUrl: string;
  /** The bearer credential: an API key (sp, gov), or what makes a new one for each attempt (pf: `clientAssertions`). */
  readonly bearer: string | (() => string | Promise<string>);
  /** Times that a request is sent at most. Default 4; 1: never again. */
  readonly attempts?: number;
  /** Milliseconds for one attempt, its whole answer included. Default 30,000. */
  readonly attemptMillis?: number;
  /** Milliseconds for a call with all its attempts and the waits between. Default 120,000. */
  readonly totalMillis?: number;
  /** Default: the runtime's own. */
  readonly fetch?: typeof fetch;
  /** Default: the system's clock, chance and timers. */
  readonly pacing?: Pacing;
}

/** Of one call. */
export interface CallOptions {
  /** Ends the call; it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Milliseconds for this call with all its attempts. Default: the client's. */
  readonly totalMillis?: number;
  /** The same for the same request, over restarts of your program. Default: a new UUID for each call. */
  readonly idempotencyKey?: string;
  /** A UUID of yours, to be found again in logs and at the platform operator. */
  readonly requestId?: string;
  /** Content-Type of a body of octets. Default: the first that the operation knows (`application/xml`). */
  readonly mediaType?: string;
}

export const SYSTEM_PACING: Pacing = {
  now: () => Date.now(),
  random: () => Math.random(),
  sleep: (millis, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason);
      const stop = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop);
        resolve();
      }, millis);
      signal?.addEventListener('abort', stop, { once: true });
    }),
};
