import { describe, expect, it } from 'vitest';
import { ERROR_CODES, type ErrorCode } from '../../../src/core/errors.ts';
import { needsOperator } from '../../../src/core/sign-transaction/failure.ts';

/** Kinds of our own codes that only who runs the service can heal; all others the citizen, the caller or time does. */
const FOR_THE_OPERATOR = ['operator', 'internal', 'invalid-signature'];

describe('who must act on a failure without a row of the guideline', () => {
  it.each(Object.entries(ERROR_CODES))('%s (%s)', (code, kind) => {
    expect(needsOperator({ code: code as ErrorCode })).toBe(FOR_THE_OPERATOR.includes(kind));
  });
});
