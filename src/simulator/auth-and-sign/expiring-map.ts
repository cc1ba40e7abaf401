import { MINUTE_MILLIS } from '../../core/spans.ts';
/** A map that forgets: each entry has an end, and entries past theirs go when others come. */
export class ExpiringMap<Value> {
  readonly #entries = new Map<string, { readonly value: Value; readonly until: number }>();
  readonly #now: () => number;
  #nextSweep = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Keeps `value` for so many seconds. */
  set(key: string, value: Value, seconds: number): void {
    const now = this.#now();
    if (now >= this.#nextSweep) {
      for (const [old, { until }] of this.#entries) if (until <= now) this.#entries.delete(old);
      this.#nextSweep = now + MINUTE_MILLIS;
    }
    this.#entries.set(key, { value, until: now + seconds * 1000 });
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.until > this.#now() ? entry.value : undefined;
  }

  /** Reads and forgets, for what works once. */
  take(key: string): Value | undefined {
    const value = this.get(key);
    this.#entries.delete(key);
    return value;
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  /** Living values, oldest first. */
  values(): readonly Value[] {
    const now = this.#now();
    return [...this.#entries.values()].filter(({ until }) => until > now).map(({ value }) => value);
  }
}
