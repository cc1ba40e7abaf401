/**
 * One text that holds all faults of a file at once, each asleep until its number is called: nothing is transformed or started anew
 * for a fault, and what a test reaches is counted on the way.
 */
import { loopsOf, type Mutant } from './mutators.ts';

/** The function that the instrumented text asks; `probe.ts` puts it there. */
const PROBE = 'globalThis.__jitsuinMutant';

interface Range {
  readonly start: number;
  readonly end: number;
  readonly form: Mutant['form'] | 'loop';
  readonly mutants: Mutant[];
  readonly inner: Range[];
}

export function instrumented(source: string, mutants: readonly Mutant[]): string {
  const octets = Buffer.from(source);
  const whole: Range = { start: 0, end: octets.length, form: 'expression', mutants: [], inner: [] };
  const everywhere = mutants.flatMap((mutant) => [
    ...(mutant.uses.length > 0 && !mutant.atLoad ? [] : [mutant]),
    ...mutant.uses.map((use): Mutant => ({ ...mutant, ...use, form: 'expression' })),
  ]);
  const sorted = everywhere.sort((a, b) => a.start - b.start || b.end - a.end || rank(a) - rank(b));
  for (const mutant of sorted) place(whole, mutant);
  for (const at of loopsOf(source)) placeLoop(whole, at);
  return inside(whole, octets);
}

// a statement and its expression may be the same octets but for the semicolon: the statement is outside
const rank = ({ form }: Mutant) => (form === 'statement' ? 0 : 1);

function place(parent: Range, mutant: Mutant): void {
  const { start, end, form } = mutant;
  const last = parent.inner.at(-1);
  if (last !== undefined && last.start === start && last.end === end && last.form === form) {
    last.mutants.push(mutant);
  } else if (last !== undefined && start >= last.start && end <= last.end) {
    place(last, mutant);
  } else {
    parent.inner.push({ start, end, form, mutants: [mutant], inner: [] });
  }
}

/** Where the fault itself is left out, its loop is too. */
function placeLoop(parent: Range, at: number): void {
  const index = parent.inner.findIndex(({ start, end }) => start < at && at < end);
  const around = parent.inner[index];
  if (around !== undefined) {
    placeLoop(around, at);
    return;
  }
  const loop: Range = { start: at, end: at, form: 'loop', mutants: [], inner: [] };
  const next = parent.inner.findIndex(({ start }) => start >= at);
  parent.inner.splice(next < 0 ? parent.inner.length : next, 0, loop);
}

function inside(range: Range, octets: Buffer): string {
  let at = range.start;
  let text = '';
  for (const inner of range.inner) {
    text += octets.subarray(at, inner.start).toString() + rendered(inner, octets);
    at = inner.end;
  }
  return text + octets.subarray(at, range.end).toString();
}

function rendered(range: Range, octets: Buffer): string {
  if (range.form === 'loop') return `${PROBE}?.('');`;
  const original = inside(range, octets);
  const call = ({ id }: Mutant) => `${PROBE}?.(${JSON.stringify(id)})`;
  if (range.form === 'statement') {
    return `if (!(${range.mutants.map(call).join(' || ')})) { ${original} }`;
  }
  const others = range.mutants.map((mutant) => `${call(mutant)} ? (${mutant.mutated}) : `).join('');
  return `(${others}(${original}))`;
}
