import { expect } from 'vitest';

/** Matches an error by its code. */
export const code = (expected: string) => expect.objectContaining({ code: expected });
