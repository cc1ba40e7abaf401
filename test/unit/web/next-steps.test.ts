import { describe, expect, it } from 'vitest';
import { UPSTREAM_ERROR_ROWS } from '../../../src/core/sign-transaction/upstream-errors.ts';
import { nextSteps } from '../../../src/web/applicant/next-steps.ts';

const CITIZENS = UPSTREAM_ERROR_ROWS.filter((row) => row.code === 'upstream.citizen');

describe('what a citizen can do next', () => {
  it.each(CITIZENS.map((row) => [row.id, row] as const))('%s has steps of its own', (_, { id, code }) => {
    const own = nextSteps({ code, row: id }, 'possible');
    expect(own.steps.length).toBeGreaterThan(0);
    expect(own).not.toEqual(nextSteps({ code }, 'possible'));
  });

  it('rows of the card lead to the place that helps with it', () => {
    for (const row of ['result-3', 'result-4', 'result-5', 'result-7', 'result-8']) {
      expect(nextSteps({ code: 'upstream.citizen', row }, 'possible').link?.href).toBe(
        'https://www.jpki.go.jp/',
      );
    }
    expect(nextSteps({ code: 'upstream.citizen', row: 'authorization-7' }, 'possible').link).toBeUndefined();
  });

  it('where nothing can begin again, no page speaks of it', () => {
    for (const { id, code } of UPSTREAM_ERROR_ROWS) {
      const { steps } = nextSteps({ code, row: id }, 'impossible');
      expect(steps.length).toBeGreaterThan(0);
      expect(steps.filter(({ ja }) => ja.includes('もう一度署名する'))).toEqual([]);
    }
  });
});
