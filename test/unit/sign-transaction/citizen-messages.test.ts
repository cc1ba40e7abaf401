import { describe, expect, it } from 'vitest';
import { citizenMessage } from '../../../src/core/sign-transaction/citizen-messages.ts';
import { UPSTREAM_ERROR_ROWS } from '../../../src/core/sign-transaction/upstream-errors.ts';

describe('what a citizen reads for a row of the guideline', () => {
  it.each(UPSTREAM_ERROR_ROWS.map((row) => [row.id, row] as const))('%s', (id, row) => {
    const { ja, en } = citizenMessage({ code: row.code, row: id });
    expect(ja.startsWith(row.messageJa)).toBe(true);
    expect(ja).not.toContain('。。');
    expect(ja.length).toBeGreaterThan(5);
    expect(en.length).toBeGreaterThan(5);
  });
});
