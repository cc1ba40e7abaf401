import type { Clock } from '../../ports/clock.ts';

interface CachedDocumentOptions<T> {
  readonly fetch: () => Promise<T>;
  readonly clock: Clock;
  /** How long a document serves after it was fetched while no newer one can be had. Milliseconds. */
  readonly lifeMillis: number;
}

/**
 * A document at the service that many need at once: at most one request in flight, whoever comes meanwhile joins it. A
 * failed fetch never replaces a good document, but a good one does not serve beyond its life.
 */
export interface CachedDocument<T> {
  /** The document, at most `maxAgeMillis` old, else fetched. 0 fetches always (or joins the request in flight). */
  get(maxAgeMillis: number): Promise<T>;
  /** The good one at hand, within its life; without any request. */
  latest(): T | undefined;
}

export function createCachedDocument<T>(options: CachedDocumentOptions<T>): CachedDocument<T> {
  let good: { readonly value: T; readonly fetchedAt: number } | undefined;
  let inFlight: Promise<T> | undefined;
  const age = () => (good === undefined ? Number.POSITIVE_INFINITY : options.clock.now() - good.fetchedAt);
  const latest = () => (age() < options.lifeMillis ? good?.value : undefined);

  async function fetchAndKeep(): Promise<T> {
    const value = await options.fetch();
    good = { value, fetchedAt: options.clock.now() };
    return value;
  }

  function join(): Promise<T> {
    inFlight ??= fetchAndKeep().finally(() => {
      inFlight = undefined;
    });
    return inFlight;
  }

  return {
    latest,
    get: async (maxAgeMillis) => {
      if (good !== undefined && age() < maxAgeMillis) return good.value;
      try {
        return await join();
      } catch (thrown) {
        const fallback = latest();
        if (fallback === undefined) throw thrown;
        return fallback;
      }
    },
  };
}
