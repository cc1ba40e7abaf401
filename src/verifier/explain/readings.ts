import { isUtf8 } from 'node:buffer';
import { fromUtf8, toUtf8 } from '../../core/encoding.ts';
import { asJitsuinError } from '../../core/errors.ts';
import type { XmlDocument, XmlElement } from '../../core/xml/model.ts';
import { type Attributes, type Token, tokensOf } from './markup.ts';
import type { OctetBudget } from './octet-budget.ts';
import { SERIALIZER_HABITS, type SerializerHabit, together, XML_DECLARATIONS } from './serializer-habits.ts';
import { otherSpaces, type SplitSource, splitSource } from './signature-space.ts';
import { TEXT_CHANGES, type TextChange, twinChanges } from './text-changes.ts';
import { writtenAnew } from './written-anew.ts';

/** Octets that another system may have digested, with the mistake or reading that leads to them. */
export interface Reading {
  /** Stable name of the cause, for example `line-ends-crlf`. */
  readonly cause: string;
  /** For people: what the signer digested. */
  readonly explanation: string;
  readonly octets: Uint8Array;
}

/** A reading that is not made yet. */
export interface Scope {
  readonly cause: string;
  readonly explanation: string;
  /** @throws JitsuinError `xml.limit` when they would be more than `most` */
  readonly octets: (most: number) => Uint8Array;
}

/** What was canonicalized, and what else may have been. */
export interface ReadingSource {
  readonly document: XmlDocument;
  readonly apex: XmlElement;
  /** The whole document, not only the element. */
  readonly whole: boolean;
  /** The Signature, where it stands inside and is left out. */
  readonly hole?: XmlElement;
  readonly own: Scope;
  /** Other canonicalizations of the same. */
  readonly methods: readonly Scope[];
  /** Other things instead of it. */
  readonly others: readonly Scope[];
}

export const OWN = 'profile';

/**
 * Every reading that is met in practice, the profile's own first, then each single thing done otherwise, then two and
 * three together. Made one after the other, so that a caller may stop. All of them together draw on one budget of
 * octets: a reading that it has no room for is left out.
 */
export function* readings(source: ReadingSource, budget: OctetBudget): Generator<Reading> {
  const own = madeWithin(source.own, budget);
  if (own === undefined) return;
  yield own;
  const text = fromUtf8(own.octets);
  const split = splitSource(source.document, source.apex, source.whole, source.hole);
  const written = serializer(source, split, text, budget);
  const spaces = split.hole === undefined ? [] : otherSpaces(split);
  const around = yield* changed(spaces, written, budget);
  for (const scope of source.methods) yield* single(scope, budget);
  const inside = yield* changed(SERIALIZER_HABITS, written, budget);
  const twins = twinChanges(text);
  const texts = yield* changes([...TEXT_CHANGES, ...twins], own, text, budget);
  const scopes = [...source.others, ...rawScopes(source, split, spaces)];
  for (const scope of scopes) yield* single(scope, budget);
  const habits = [...inside, ...(yield* changed(XML_DECLARATIONS, written, budget))];
  yield* combined([...twoOf(inside), ...twoOf(around, habits), ...twoOf(habits)], written, budget);
  for (const habit of [...around, ...habits]) {
    const made = written(habit);
    if (made !== undefined) yield* changes(texts, made, fromUtf8(made.octets), budget);
  }
  for (const first of texts) {
    const octets = first.apply(text, budget);
    if (octets === undefined || !keepsUtf8(first)) continue;
    yield* changes(
      after(texts, first),
      { cause: first.cause, explanation: first.explanation, octets },
      fromUtf8(octets),
      budget,
    );
  }
  for (const scope of [...source.methods, ...scopes]) {
    const made = madeWithin(scope, budget);
    const textOf = made === undefined ? undefined : textIn(made.octets);
    if (made !== undefined && textOf !== undefined)
      yield* changes([...TEXT_CHANGES, ...twins], made, textOf, budget);
  }
  const few = habits.slice(0, MOST_OF_THREE);
  yield* combined(twoOf(twoOf([...around, ...few]), few), written, budget);
}

/** undefined where the octets are no text. */
function textIn(octets: Uint8Array): string | undefined {
  return isUtf8(octets) ? fromUtf8(octets) : undefined;
}

/** Habits of which three together are tried. */
const MOST_OF_THREE = 8;

function keepsUtf8({ cause }: TextChange): boolean {
  return !cause.startsWith('encoding-');
}

function after<T>(list: readonly T[], item: T): readonly T[] {
  return list.slice(list.indexOf(item) + 1);
}

function* single(scope: Scope, budget: OctetBudget): Generator<Reading> {
  const made = madeWithin(scope, budget);
  if (made !== undefined) yield made;
}

function madeWithin({ cause, explanation, octets }: Scope, budget: OctetBudget): Reading | undefined {
  if (budget.left === 0) return undefined;
  try {
    const made = octets(budget.left);
    return budget.take(made.length) ? { cause, explanation, octets: made } : undefined;
  } catch (thrown) {
    const { code } = asJitsuinError(thrown);
    if (code === 'xml.limit') budget.end();
    else if (code !== 'c14n.empty') throw thrown;
    return undefined;
  }
}

/** Octets of canonicalization that an octet written from tokens costs as much as. */
const WRITING_COSTS = 4;

type Serializer = (habit: SerializerHabit) => Reading | undefined;

/** Writes the source anew with a habit; undefined when that changes nothing, or there is no room for it. */
function serializer(source: ReadingSource, split: SplitSource, own: string, budget: OctetBudget): Serializer {
  let tokens: readonly Token[] | undefined;
  const inherited = inheritedBy(source);
  return ({ cause, explanation, habits }) => {
    if (budget.left === 0) return undefined;
    tokens ??= tokensIn(split);
    const text = writtenAnew(tokens, habits, inherited, budget.left);
    if (text === undefined) budget.end();
    if (text === undefined || !budget.take(WRITING_COSTS * text.length) || text === own) return undefined;
    return { cause, explanation, octets: toUtf8(text) };
  };
}

function tokensIn({ before, hole, after: rest }: SplitSource): readonly Token[] {
  if (hole === undefined) return tokensOf(before);
  return [...tokensOf(before), { kind: 'hole', before: hole.before, after: hole.after }, ...tokensOf(rest)];
}

function inheritedBy({ apex: { parent } }: ReadingSource): Attributes {
  return [...(parent?.namespacesInScope() ?? [])].map(([prefix, uri]) => [
    prefix === '' ? 'xmlns' : `xmlns:${prefix}`,
    uri,
  ]);
}

/** Yields each that changes something, and returns those. */
function* changed(
  habits: readonly SerializerHabit[],
  written: Serializer,
  budget: OctetBudget,
): Generator<Reading, readonly SerializerHabit[]> {
  const effective: SerializerHabit[] = [];
  for (const habit of habits) {
    if (budget.left === 0) return effective;
    const made = written(habit);
    if (made === undefined) continue;
    effective.push(habit);
    yield made;
  }
  return effective;
}

/** Yields the reading after each change that changes something, and returns those. */
function* changes(
  list: readonly TextChange[],
  { cause, explanation }: Reading,
  text: string,
  budget: OctetBudget,
): Generator<Reading, readonly TextChange[]> {
  const effective: TextChange[] = [];
  for (const change of list) {
    const octets = change.apply(text, budget);
    if (octets === undefined) continue;
    effective.push(change);
    const own = cause === OWN;
    yield {
      cause: own ? change.cause : `${cause}, ${change.cause}`,
      explanation: own ? change.explanation : `${explanation}; and ${change.explanation}`,
      octets,
    };
  }
  return effective;
}

function* combined(
  list: readonly SerializerHabit[],
  written: Serializer,
  budget: OctetBudget,
): Generator<Reading> {
  for (const habit of list) {
    if (budget.left === 0) return;
    const made = written(habit);
    if (made !== undefined) yield made;
  }
}

function twoOf(
  first: readonly SerializerHabit[],
  second: readonly SerializerHabit[] = first,
): readonly SerializerHabit[] {
  return first.flatMap((one, at) =>
    (second === first ? first.slice(at + 1) : second).flatMap((other) => together(one, other) ?? []),
  );
}

/** The file as it lay there before the Signature was put in, and its document element. */
function rawScopes(
  { document, hole }: ReadingSource,
  split: SplitSource,
  spaces: readonly SerializerHabit[],
): readonly Scope[] {
  if (hole === undefined || split.hole === undefined) return [];
  const { root, octets } = document;
  let start = hole.start;
  while (start > 0 && isSpaceOctet(octets[start - 1])) start -= 1;
  let end = hole.end;
  while (isSpaceOctet(octets[end])) end += 1;
  const crlf = octets.indexOf(0x0d) >= 0;
  const own = split.hole.before + split.hole.after;
  const places = [own, ...spaces.map(({ habits }) => habits.around ?? '')];
  return places.flatMap((space): Scope[] => {
    const middle = toUtf8(crlf ? space.replaceAll('\n', '\r\n') : space);
    const between = (from: number, to: number) => () =>
      new Uint8Array(Buffer.concat([octets.subarray(from, start), middle, octets.subarray(end, to)]));
    return [
      {
        cause: 'file-before-signature',
        explanation: 'the file as it lay there before the Signature was put in, not its canonical form',
        octets: between(0, octets.length),
      },
      {
        cause: 'file-before-signature',
        explanation:
          'the file as it lay there before the Signature was put in, without the line end after it',
        octets: between(0, root.end),
      },
      {
        cause: 'element-before-signature',
        explanation:
          'the document element as it is written, before the Signature was put in, not its canonical form',
        octets: between(root.start, root.end),
      },
    ];
  });
}

function isSpaceOctet(octet: number | undefined): boolean {
  return octet === 0x20 || octet === 0x0a || octet === 0x0d || octet === 0x09;
}
