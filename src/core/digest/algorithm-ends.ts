/**
 * Hashes, and keys by the strength that their length has (NIST SP 800-57 part 1 rev. 5, table 2): `rsa-2048` is
 * 2,048 to 3,071 bits, `rsa-3072` to 7,679, `rsa-7680` all above.
 */
export const AGEING_ALGORITHMS = [
  ...(['sha256', 'sha384', 'sha512'] as const),
  ...(['rsa-2048', 'rsa-3072', 'rsa-7680', 'p-256', 'p-384', 'p-521', 'ed25519'] as const),
] as const;
export type AgeingAlgorithm = (typeof AGEING_ALGORITHMS)[number];

/** The last instant at which each is taken for sound, where an end is known (milliseconds since the epoch). */
export type AlgorithmEnds = Readonly<Partial<Record<AgeingAlgorithm, number>>>;

/**
 * SP 800-57 part 1 rev. 5 (May 2020), table 4: 112 bits of strength through 2030; 128 and more have no end there.
 * An operator adds ends that are set later, or moves this one, in `JITSUIN_ALGORITHM_ENDS`.
 */
export const ALGORITHM_ENDS: AlgorithmEnds = { 'rsa-2048': Date.UTC(2031, 0, 1) - 1 };

/** The end of the one that ends first; infinite where none has an end. */
export function firstEnd(algorithms: readonly AgeingAlgorithm[], ends: AlgorithmEnds): number {
  return Math.min(...algorithms.map((algorithm) => ends[algorithm] ?? Number.POSITIVE_INFINITY));
}
