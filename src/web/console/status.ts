import type { Bilingual } from '../bilingual.ts';
import type { Html } from '../html.ts';
import { toned } from '../parts.ts';

const GOOD: ReadonlySet<string> = new Set(['active', 'done', 'GOOD']);
const BAD: ReadonlySet<string> = new Set(['failed', 'REVOKED', 'EXPIRED']);

/**
 * The state of a key, a job, a person or a certificate in words; its colour says nothing that the words do not. What
 * came of a record has its own table (`core/outcomes.ts`).
 */
export function badge(value: string, label: Bilingual = { ja: value, en: '' }): Html {
  return toned(GOOD.has(value) ? 'good' : BAD.has(value) ? 'bad' : 'care', label);
}
