import { toUtf8 } from '../encoding.ts';
import { JitsuinError } from '../errors.ts';
import type { XmlDocument, XmlElement } from '../xml/model.ts';

/** Text to stand in place of the octets from `start` to `end`. */
interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The document's octets with markup put in as the last content of the document element; nothing else changes. */
export function appendToRoot(document: XmlDocument, markup: string): Uint8Array {
  const { root } = document;
  if (!root.emptyTag)
    return replace(document.octets, [{ start: root.contentEnd, end: root.contentEnd, text: markup }]);
  const name = root.prefix === '' ? root.localName : `${root.prefix}:${root.localName}`;
  return replace(document.octets, [{ start: root.end - 2, end: root.end, text: `>${markup}</${name}>` }]);
}

/**
 * The start and end tag of the document element with markup between them, and nothing else of the document.
 * `left`: how many octets further on the markup stands where `appendToRoot` puts it.
 */
export function rootAround(
  { root, octets }: XmlDocument,
  markup: string,
): { readonly octets: Uint8Array; readonly left: number } {
  const name = root.prefix === '' ? root.localName : `${root.prefix}:${root.localName}`;
  const startEnd = root.emptyTag ? root.end - 2 : root.contentStart;
  const parts = [
    octets.subarray(root.start, startEnd),
    toUtf8(`${root.emptyTag ? '>' : ''}${markup}</${name}>`),
  ];
  const left = (root.emptyTag ? startEnd : root.contentEnd) - (startEnd - root.start);
  return { octets: Uint8Array.from(Buffer.concat(parts)), left };
}

/** Octets with texts put in at these places; nothing else changes. */
export function putIn(
  octets: Uint8Array,
  texts: readonly { readonly at: number; readonly text: string }[],
): Uint8Array {
  return replace(
    octets,
    texts.map(({ at, text }) => ({ start: at, end: at, text })),
  );
}

/**
 * The document's octets with text put into empty elements; nothing else changes. @throws JitsuinError
 * `xmldsig.shape` when one is not `<x></x>`
 */
export function fillElements(
  document: XmlDocument,
  contents: readonly { readonly element: XmlElement; readonly text: string }[],
): Uint8Array {
  return replace(
    document.octets,
    contents.map(({ element, text }) => {
      expectEmpty(element);
      return { start: element.contentStart, end: element.contentStart, text };
    }),
  );
}

/**
 * @throws JitsuinError `xmldsig.shape` unless the element is written as a start tag and an end tag with nothing
 * between
 */
export function expectEmpty(element: XmlElement): void {
  if (element.emptyTag || element.contentStart !== element.contentEnd) {
    throw new JitsuinError(
      'xmldsig.shape',
      `${element.localName} of a skeleton must be a start tag and an end tag.`,
      {
        at: `octet ${element.start}`,
      },
    );
  }
}

function replace(octets: Uint8Array, replacements: readonly Replacement[]): Uint8Array {
  const parts: Uint8Array[] = [];
  let position = 0;
  for (const { start, end, text } of [...replacements].sort((a, b) => a.start - b.start)) {
    parts.push(octets.subarray(position, start), toUtf8(text));
    position = end;
  }
  parts.push(octets.subarray(position));
  return Uint8Array.from(Buffer.concat(parts));
}
