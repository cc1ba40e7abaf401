import { expect, it } from 'vitest';
import { hasEnded } from '../../../src/client/index.ts';
import { applicationStateSchema } from '../../../src/contracts/public-api.ts';
import { isFinal } from '../../../src/core/sign-transaction/machine.ts';

it('hasEnded says of every state what the state machine says', () => {
  expect(applicationStateSchema.options).toHaveLength(13);
  for (const state of applicationStateSchema.options) expect(hasEnded({ state }), state).toBe(isFinal(state));
});
