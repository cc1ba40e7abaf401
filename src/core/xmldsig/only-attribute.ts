import type { XmlElement } from '../xml/model.ts';
import { isNameOctet, OCTET, startsWith } from '../xml/octets.ts';

const { AMP, EQUALS, GT, QUOT, SPACE } = OCTET;

/** What an element says in the one attribute that it may have. */
interface OnlyAttribute {
  /** undefined when it is absent. */
  readonly value: string | undefined;
  /** It has other attributes too. */
  readonly others: boolean;
}

const NOTHING: OnlyAttribute = { value: undefined, others: false };
const LAST_ASCII = 0x7e;

/**
 * Reads the attribute `name` (without prefix). A start tag `<x>` or `<x name="value">` with a value of plain ASCII
 * is read from its octets; every other spelling through the list of attributes.
 */
export function onlyAttribute(element: XmlElement, name: string): OnlyAttribute {
  const { octets } = element.document;
  const at = nameEnd(octets, element.start + 1);
  if (octets[at] === GT) return NOTHING;
  const open = at + name.length + 2;
  if (octets[at] === SPACE && startsWith(octets, at + 1, name) && octets[open - 1] === EQUALS) {
    const close = plainValueEnd(octets, open);
    if (close > 0) return { value: ascii(octets, open + 1, close), others: false };
  }
  const { attributes } = element;
  const found = attributes.find((attribute) => attribute.name === name);
  return { value: found?.value, others: attributes.some((attribute) => attribute !== found) };
}

/** Whether the start tag has no attribute; namespace declarations do not count. */
export function hasNoAttributes(element: XmlElement): boolean {
  const { octets } = element.document;
  return octets[nameEnd(octets, element.start + 1)] === GT || element.attributes.length === 0;
}

/** Offset after the name at `from`. */
function nameEnd(octets: Uint8Array, from: number): number {
  let p = from;
  while (isNameOctet(octets[p] as number)) p += 1;
  return p;
}

/**
 * Where the value opened at `open` ends, when it is printable ASCII without references and the tag ends there; else
 * 0.
 */
function plainValueEnd(octets: Uint8Array, open: number): number {
  if (octets[open] !== QUOT) return 0;
  for (let p = open + 1; ; p += 1) {
    const octet = octets[p] as number;
    if (octet === QUOT) return octets[p + 1] === GT ? p : 0;
    if (!(octet >= SPACE && octet <= LAST_ASCII) || octet === AMP) return 0;
  }
}

function ascii(octets: Uint8Array, from: number, to: number): string {
  return Buffer.from(octets.buffer, octets.byteOffset + from, to - from).toString('latin1');
}
