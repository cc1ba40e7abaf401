import { fromUtf8 } from '../../core/encoding.ts';
import type { XmlDocument, XmlElement } from '../../core/xml/model.ts';
import type { SerializerHabit } from './serializer-habits.ts';

/** The source around a Signature, with the white space that touches it. Line ends normalized. */
export interface SplitSource {
  readonly before: string;
  readonly after: string;
  /** White space of the file before and after the Signature; undefined where none is left out. */
  readonly hole?: { readonly before: string; readonly after: string };
}

export function splitSource(
  { octets }: XmlDocument,
  apex: XmlElement,
  whole: boolean,
  hole: XmlElement | undefined,
): SplitSource {
  const from = whole ? 0 : apex.start;
  const to = whole ? octets.length : apex.end;
  if (hole === undefined) return { before: textOf(octets, from, to), after: '' };
  const before = textOf(octets, from, hole.start);
  const after = textOf(octets, hole.end, to);
  const start = before.length - spaceBefore(before);
  const end = spaceAfter(after);
  return {
    before: before.slice(0, start),
    after: after.slice(end),
    hole: { before: before.slice(start), after: after.slice(0, end) },
  };
}

function textOf(octets: Uint8Array, from: number, to: number): string {
  const text = fromUtf8(octets.subarray(from, to)).replace(/\r\n?/g, '\n');
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

function spaceBefore(text: string): number {
  let at = text.length;
  while (at > 0 && isSpace(text.charCodeAt(at - 1))) at -= 1;
  return text.length - at;
}

function spaceAfter(text: string): number {
  let at = 0;
  while (at < text.length && isSpace(text.charCodeAt(at))) at += 1;
  return at;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** Characters of white space that are cut at every place; of a longer run only its lines are. */
const LONGEST_CUT = 16;
const USUAL = ['', '\n', '\n  ', '\n    ', '\n\t', '\n\n', ' '];

/** What may have stood where the Signature stands now: what touches it was put there with it, or taken away. */
export function otherSpaces({ hole, before, after }: SplitSource): readonly SerializerHabit[] {
  if (hole === undefined) return [];
  const cut = (text: string) => text.slice(0, LONGEST_CUT);
  const first = cut(hole.before);
  const last = cut(hole.after);
  const prefixes = Array.from(first, (_, index) => first.slice(0, index));
  const suffixes = Array.from(last, (_, index) => last.slice(index + 1));
  const inside = /^(?:[^>]*\?>\s*)?[^>]*>([\t\n ]{0,16})</.exec(before.slice(0, 4096))?.[1] ?? '';
  const end = /^<\//.test(after) ? '\n' : inside;
  const candidates = [hole.before, hole.after, ...prefixes, ...suffixes, inside, end, ...USUAL];
  const own = hole.before + hole.after;
  return [...new Set(candidates)]
    .filter((space) => space !== own)
    .map((space) => ({
      cause: 'space-around-signature',
      explanation:
        `with ${shown(space)} where the Signature stands, not ${shown(own)}: white space was put ` +
        'there, or taken away, together with the Signature',
      habits: { around: space },
    }));
}

function shown(space: string): string {
  return space === '' ? 'nothing' : JSON.stringify(space);
}
