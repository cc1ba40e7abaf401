/**
 * Unicode normalization puts the marks of a run in order by a sort that takes time by the square of the run; text
 * of strangers may be one run. UAX #15 section 13 (Stream-Safe Text Format) knows no use of more than this many.
 */
const MOST_MARKS = 30;

const MARK = /\p{M}/u;
const RUNS_OF_MARKS = /\p{M}+/gu;

/**
 * The text in a normalization form, undefined when a run of combining marks in it is longer than any writing has.
 * The only place that calls `String.prototype.normalize`: linear in the text.
 */
export function normalizedText(text: string, form: 'NFC' | 'NFD' | 'NFKC'): string | undefined {
  if (!MARK.test(text)) return text.normalize(form);
  for (const [run] of text.matchAll(RUNS_OF_MARKS)) if (run.length > MOST_MARKS) return undefined;
  return text.normalize(form);
}
