import { fault, TruncatedInput, type Window } from './faults.ts';
import { isNonCharacter } from './markup.ts';
import { type NameTable, RESERVED } from './names.ts';
import { isWhiteSpace, KIND, OCTET, skipPlain, skipWhiteSpace } from './octets.ts';
import { isCanonicalValueReference, referenceEnd } from './references.ts';

const { EMPTY_NAME, XMLNS_PREFIX } = RESERVED;
const { AMP, APOS, CR, EQUALS, GT, HIGH_PLANE_LEAD, LF, LT, QUOT, SLASH, SPACE, TAB } = OCTET;
const { VALUE_STOP } = KIND;

interface TagLimits {
  readonly attributes: number;
  readonly declarations: number;
}

/**
 * One start tag taken apart: the scratch in which a tag is read, resolved and written. Entries from 0 to `count` are
 * attributes and namespace declarations in document order; all offsets are into the octets read.
 */
export class StartTag {
  start = 0;
  /** After `>`. */
  end = 0;
  name = 0;
  empty = false;
  /** One space before each attribute, double quotes, nothing before `>`, and every value as canonical XML writes it. */
  canonicalSpelling = true;
  count = 0;
  declarations = 0;
  readonly names: number[] = [];
  readonly valueStarts: number[] = [];
  readonly valueEnds: number[] = [];
  /** 1 when the value must be expanded and escaped again. */
  readonly irregular: number[] = [];
  /** 1 for a namespace declaration. */
  readonly isDeclaration: number[] = [];
  /** Namespace name of an attribute, or the one that a declaration declares; filled when resolved. */
  readonly namespaces: number[] = [];
  /** Entries in canonical order: declarations by prefix, then attributes by namespace name and local name. */
  readonly order: number[] = [];
  namespace = 0;

  /** One attribute more, not yet in order: its value stands elsewhere in the same octets. */
  add(name: number, valueStart: number, valueEnd: number, namespace: number): void {
    const entry = this.count;
    this.names[entry] = name;
    this.valueStarts[entry] = valueStart;
    this.valueEnds[entry] = valueEnd;
    this.irregular[entry] = 1;
    this.isDeclaration[entry] = 0;
    this.namespaces[entry] = namespace;
    this.count = entry + 1;
  }
}

/** Prefix that an entry declares; EMPTY_NAME for the default namespace. */
export function declaredPrefix(tag: StartTag, entry: number, names: NameTable): number {
  const name = tag.names[entry] as number;
  return name === XMLNS_PREFIX ? EMPTY_NAME : names.localOf(name);
}

/**
 * Reads the start tag or empty-element tag whose `<` is at `start` (XML 1.0 productions [40], [41], [44]).
 * @throws JitsuinError `xml.not-well-formed`, `xml.namespace` (a name), `xml.limit`
 */
export function readStartTag(
  tag: StartTag,
  window: Window,
  start: number,
  end: number,
  names: NameTable,
  limits: TagLimits,
): void {
  const { octets } = window;
  tag.start = start;
  tag.count = 0;
  tag.declarations = 0;
  tag.canonicalSpelling = true;
  tag.empty = false;
  tag.name = names.elementNameAt(window, start + 1, end);
  let p = start + 1 + names.lengthOf(tag.name);
  for (;;) {
    if (p >= end) throw new TruncatedInput();
    const octet = octets[p] as number;
    if (octet === GT) break;
    if (octet === SLASH) {
      if (p + 1 >= end) throw new TruncatedInput();
      if (octets[p + 1] !== GT) throw fault('xml.not-well-formed', "'/' is not followed by '>'.", window, p);
      tag.empty = true;
      p += 1;
      break;
    }
    if (!isWhiteSpace(octet))
      throw fault('xml.not-well-formed', 'White space is missing in a tag.', window, p);
    const name = skipWhiteSpace(octets, p, end);
    if (name >= end) throw new TruncatedInput();
    const next = octets[name];
    if (octet !== SPACE || name !== p + 1 || next === GT || next === SLASH) tag.canonicalSpelling = false;
    p = next === GT || next === SLASH ? name : readAttribute(tag, window, name, end, names, limits);
  }
  tag.end = p + 1;
}

function readAttribute(
  tag: StartTag,
  window: Window,
  start: number,
  end: number,
  names: NameTable,
  limits: TagLimits,
): number {
  const { octets } = window;
  const entry = tag.count;
  const before = entry === 0 ? tag.name : (tag.names[entry - 1] as number);
  const name = names.attributeNameAt(window, start, end, before);
  let p = start + names.lengthOf(name);
  if (octets[p] !== EQUALS) {
    p = skipWhiteSpace(octets, p, end);
    tag.canonicalSpelling = false;
    if (p >= end) throw new TruncatedInput();
    if (octets[p] !== EQUALS) throw fault('xml.not-well-formed', "An attribute has no '='.", window, p);
  }
  p += 1;
  if (octets[p] !== QUOT) {
    tag.canonicalSpelling = false;
    p = skipWhiteSpace(octets, p, end);
    if (p >= end) throw new TruncatedInput();
    if (octets[p] !== QUOT && octets[p] !== APOS) {
      throw fault('xml.not-well-formed', 'An attribute value is not quoted.', window, p);
    }
  }
  const declaration = name === XMLNS_PREFIX || names.prefixOf(name) === XMLNS_PREFIX;
  if (declaration) tag.declarations += 1;
  if (tag.declarations > limits.declarations || entry + 1 - tag.declarations > limits.attributes) {
    throw fault('xml.limit', 'An element has too many attributes or namespace declarations.', window, start);
  }
  tag.count = entry + 1;
  tag.names[entry] = name;
  tag.isDeclaration[entry] = declaration ? 1 : 0;
  return readValue(tag, entry, window, p, end);
}

/** Reads the value whose opening quote is at `open`; returns the offset after the closing quote. */
function readValue(tag: StartTag, entry: number, window: Window, open: number, end: number): number {
  const { octets } = window;
  const quote = octets[open];
  let irregular = 0;
  let p = open + 1;
  for (;;) {
    p = skipPlain(octets, p, end, VALUE_STOP);
    if (p >= end) throw new TruncatedInput();
    const octet = octets[p];
    if (octet === quote) break;
    switch (octet) {
      case AMP: {
        if (!isCanonicalValueReference(octets, p)) irregular = 1;
        p = referenceEnd(window, p, end);
        break;
      }
      case QUOT:
      case TAB:
      case LF:
      case CR:
        irregular = 1;
        p += 1;
        break;
      case APOS:
        p += 1;
        break;
      case HIGH_PLANE_LEAD:
        if (isNonCharacter(window, p, end)) throw fault('xml.not-well-formed', 'A noncharacter.', window, p);
        p += 3;
        break;
      case LT:
        throw fault('xml.not-well-formed', "'<' in an attribute value.", window, p);
      default:
        throw fault('xml.not-well-formed', 'A control character in an attribute value.', window, p);
    }
  }
  if (irregular === 1) tag.canonicalSpelling = false;
  tag.irregular[entry] = irregular;
  tag.valueStarts[entry] = open + 1;
  tag.valueEnds[entry] = p;
  return p + 1;
}
