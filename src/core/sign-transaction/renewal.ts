import { MINUTE_MILLIS } from '../spans.ts';
import type { ApplicationState } from './application.ts';

/** Unchanged for so long, a worker's job may lie among the dead letters; a result must be fetched within the hour. */
export const RENEWALS: readonly { readonly states: readonly ApplicationState[]; readonly after: number }[] = [
  { states: ['authorized'], after: 5 * MINUTE_MILLIS },
  { states: ['fetched', 'submitted'], after: 60 * MINUTE_MILLIS },
];

/**
 * The same of a verification; longer than the longest wait between two tries, so that only lost jobs count as
 * stuck.
 */
export const VERIFICATION_RENEWAL = 15 * MINUTE_MILLIS;
