/** `JITSUIN_FAULTS=long` runs everything; the short form is what CI runs. `JITSUIN_FAULTS_SEED` repeats a run. */
export const LONG = process.env['JITSUIN_FAULTS'] === 'long';
export const SEED = Number(process.env['JITSUIN_FAULTS_SEED'] ?? Date.now() % 1_000_000);
/** Kills of the kill loop: `JITSUIN_FAULTS_KILLS`, default 1,000 in the long form. */
export const KILLS = Number(process.env['JITSUIN_FAULTS_KILLS'] ?? (LONG ? 1_000 : 24));
const MINUTES = process.env['JITSUIN_FAULTS_MINUTES'];
const UNBOUNDED = LONG || process.env['JITSUIN_FAULTS_KILLS'] !== undefined;
/** Milliseconds after which no further point is taken: `JITSUIN_FAULTS_MINUTES`; the short form has half a minute. */
export const BUDGET =
  MINUTES === undefined ? (UNBOUNDED ? 24 * 3_600_000 : 30_000) : Number(MINUTES) * 60_000;

/** A small generator (mulberry32): the same seed, the same run. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function shuffled<T>(values: readonly T[], random: () => number): readonly T[] {
  return values
    .map((value) => ({ value, order: random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ value }) => value);
}

/** `values` must not be empty. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** One line that a person or a log reader can find. */
export function report(line: string): void {
  process.stdout.write(`faults: ${line}\n`);
}
