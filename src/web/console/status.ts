import type { Bilingual } from '../bilingual.ts';
import type { Html } from '../html.ts';
import { toned } from '../parts.ts';
import type { ConsoleRecords } from './console-ports.ts';

/** `decided` is not here: a verdict may be a bad one. */
const GOOD: ReadonlySet<string> = new Set(['OK', 'TOTAL-PASSED', 'active', 'done', 'GOOD']);
const BAD: ReadonlySet<string> = new Set([
  'SIGNATURE_MISMATCH',
  'CERTIFICATE_REVOKED',
  'CERTIFICATE_EXPIRED',
  'CERTIFICATE_INVALID',
  'TOTAL-FAILED',
  'failed',
  'refused',
  'REVOKED',
  'EXPIRED',
]);

/** A state in words; its colour says nothing that the words do not. */
export function statusBadge(statuses: ConsoleRecords['statuses'], status: string): Html {
  return badge(status, statuses.find(({ value }) => value === status)?.label);
}

export function badge(value: string, label: Bilingual = { ja: value, en: '' }): Html {
  return toned(GOOD.has(value) ? 'good' : BAD.has(value) ? 'bad' : 'care', label);
}
