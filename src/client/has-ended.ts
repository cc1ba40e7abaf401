import type { Application } from './generated/sp.ts';

const ENDS: readonly Application['state'][] = [
  'decided',
  'refused',
  'failed',
  'restart-needed',
  'expired',
  'cancelled',
];

/** Whether an application has come to its end; only `decided` has a verdict. */
export function hasEnded({ state }: Pick<Application, 'state'>): boolean {
  return ENDS.includes(state);
}
