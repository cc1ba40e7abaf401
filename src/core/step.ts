/** Told by long work how many more it has done; rejects when the work is to stop there. */
export type Step = (more: number) => Promise<void>;
