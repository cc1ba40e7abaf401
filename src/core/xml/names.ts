import { isNcName, isNcNameUtf8 } from './characters.ts';
import { fault, type Window } from './faults.ts';
import { IntegerRows } from './integer-rows.ts';
import { OctetTable } from './octet-table.ts';
import { isNameOctet, isOfKind, KIND, OCTET, sameOctets } from './octets.ts';

const { COLON } = OCTET;
const { VALUE_STOP } = KIND;

/**
 * Numbers of the names that every table begins with: prefixes in the table of names, then namespace names in
 * theirs.
 */
export const RESERVED = {
  EMPTY_NAME: 0,
  XML_PREFIX: 1,
  XMLNS_PREFIX: 2,
  NO_NAMESPACE: 0,
  XML_NAMESPACE: 1,
  XMLNS_NAMESPACE: 2,
  UNBOUND: -1,
} as const;
const { EMPTY_NAME } = RESERVED;

export const XML_NAMESPACE_NAME = 'http://www.w3.org/XML/1998/namespace';
const XMLNS_NAMESPACE_NAME = 'http://www.w3.org/2000/xmlns/';

const octetsOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const RESERVED_NAMES = ['', 'xml', 'xmlns'].map(octetsOf);
const RESERVED_NAMESPACE_NAMES = ['', XML_NAMESPACE_NAME, XMLNS_NAMESPACE_NAME].map(octetsOf);

/** What is known of a name, as a row of integers. Zero, the number of the empty name, is none. */
const WIDTH = 6;
const PREFIX = 0;
/** Zero until the name has been checked. */
const LOCAL = 1;
/** A name known to come after it in octet order, so that attributes in order need no comparison. */
const SUCCESSOR = 2;
/** The serial number of the tag that carried it last. */
const STAMP = 3;
/** Records repeat: the element that began next the last time, looked for before anything is hashed. */
const NEXT_ELEMENT = 4;
/** By name in a tag: the attribute that came next the last time. */
const NEXT_ATTRIBUTE = 5;

/**
 * Qualified names, checked and split once per distinct name (XML 1.0 fifth edition; Namespaces in XML 1.0 section
 * 4).
 */
export class NameTable extends OctetTable {
  private readonly rows = new IntegerRows(WIDTH, 64);
  private serial = 0;
  private lastElement: number = EMPTY_NAME;
  private readonly mostNames: number;
  private readonly mostOctets: number;

  constructor(limits: { readonly distinctNames: number; readonly nameLength: number }) {
    super(128);
    this.mostNames = limits.distinctNames;
    this.mostOctets = limits.nameLength;
    for (const name of RESERVED_NAMES) this.intern(name, 0, name.length);
  }

  /** Prefix of a checked name, EMPTY_NAME without one, as a number of this table. */
  prefixOf(name: number): number {
    return this.rows.cells[name * WIDTH + PREFIX] as number;
  }

  /** Its local part, which without a prefix is the name itself. */
  localOf(name: number): number {
    return this.rows.cells[name * WIDTH + LOCAL] as number;
  }

  /** Whether `second` is remembered to come after `first` in octet order. */
  follows(first: number, second: number): boolean {
    return this.rows.cells[first * WIDTH + SUCCESSOR] === second;
  }

  rememberOrder(first: number, second: number): void {
    this.rows.cells[first * WIDTH + SUCCESSOR] = second;
  }

  /** From here on, names are stamped for another tag. */
  nextTag(): void {
    this.serial = (this.serial + 1) | 0; // cells hold 32 bits
  }

  /** Stamps a name of the present tag. Returns whether it was stamped before: it occurs twice. */
  stamp(name: number): boolean {
    const { cells } = this.rows;
    const at = name * WIDTH + STAMP;
    if (cells[at] === this.serial) return true;
    cells[at] = this.serial;
    return false;
  }

  /** The qualified name at `from`, checked. @throws JitsuinError `xml.not-well-formed`, `xml.namespace`, `xml.limit` */
  qualifiedNameAt(window: Window, from: number, end: number): number {
    const id = this.internNameAt(window.octets, from, end);
    const { rows } = this;
    rows.reserve(id);
    if (rows.cells[id * WIDTH + LOCAL] === 0) this.check(id, window, from, end);
    return id;
  }

  /** The same for the name that a start tag begins with. */
  elementNameAt(window: Window, from: number, end: number): number {
    const name = this.guessedNameAt(window, from, end, this.lastElement * WIDTH + NEXT_ELEMENT);
    this.lastElement = name;
    return name;
  }

  /** The same for an attribute, in a tag where `before` is the name that was read last. */
  attributeNameAt(window: Window, from: number, end: number, before: number): number {
    return this.guessedNameAt(window, from, end, before * WIDTH + NEXT_ATTRIBUTE);
  }

  /** The name at `from`, for which the cell holds a guess. */
  private guessedNameAt(window: Window, from: number, end: number, cell: number): number {
    const guess = this.rows.cells[cell] as number;
    if (guess !== EMPTY_NAME && this.standsAt(guess, window.octets, from, end)) return guess;
    const name = this.qualifiedNameAt(window, from, end);
    // A name that the end of a streamed window cuts is not checked yet, and no guess.
    const { cells } = this.rows;
    if (cells[name * WIDTH + LOCAL] !== 0) cells[cell] = name;
    return name;
  }

  /** Whether the whole name at `at` is this one. */
  private standsAt(id: number, octets: Uint8Array, at: number, end: number): boolean {
    const { starts } = this;
    const start = starts[id] as number;
    const length = (starts[id + 1] as number) - start;
    if (at + length >= end || isNameOctet(octets[at + length] as number)) return false;
    return sameOctets(this.pool.octets, start, octets, at, length);
  }

  hasColon(id: number): boolean {
    return this.colonIn(this.starts[id] as number, this.lengthOf(id)) >= 0;
  }

  private check(id: number, window: Window, at: number, end: number): void {
    // A name cut by the end of a streamed window is judged when the rest has come.
    const complete = at + this.lengthOf(id) < end;
    if (this.lengthOf(id) > this.mostOctets || this.count > this.mostNames) {
      throw fault('xml.limit', 'A name is too long, or there are too many different names.', window, at);
    }
    if (!complete) return;
    const start = this.starts[id] as number;
    const length = this.lengthOf(id);
    const colon = this.colonIn(start, length);
    if (colon < 0 ? !this.isPart(start, length) : !this.areParts(start, colon, length))
      throw this.notAName(this.textOf(id), window, at);
    const prefixId = colon < 0 ? EMPTY_NAME : this.intern(this.pool.octets, start, start + colon);
    const localId = colon < 0 ? id : this.intern(this.pool.octets, start + colon + 1, start + length);
    this.rows.reserve(this.count);
    const { cells } = this.rows;
    cells[id * WIDTH + PREFIX] = prefixId;
    cells[id * WIDTH + LOCAL] = localId;
  }

  /** Where the first colon is, counted from the start of the name; -1 without one. */
  private colonIn(start: number, length: number): number {
    const { octets } = this.pool;
    for (let i = 0; i < length; i += 1) if (octets[start + i] === COLON) return i;
    return -1;
  }

  private areParts(start: number, colon: number, length: number): boolean {
    return this.isPart(start, colon) && this.isPart(start + colon + 1, length - colon - 1);
  }

  private isPart(start: number, length: number): boolean {
    return isNcNameUtf8(this.pool.octets, start, start + length);
  }

  private notAName(text: string, window: Window, at: number): Error {
    if (text !== '' && isNcName(text.replaceAll(':', '_'))) {
      return fault('xml.namespace', 'A colon stands where a qualified name cannot have one.', window, at);
    }
    return text.includes(':') && text.split(':').length === 2 && isNcName(text.split(':')[0] ?? '')
      ? fault('xml.namespace', 'The local part of a qualified name is not a name.', window, at)
      : fault('xml.not-well-formed', 'Not a name.', window, at);
  }
}

/** Namespace names: '' is 0, the two reserved ones 1 and 2. */
export class NamespaceNames extends OctetTable {
  /** How many of the names, from the first, are known to be absolute or reserved. */
  absolute = RESERVED_NAMESPACE_NAMES.length;
  private readonly markup: (boolean | undefined)[] = [];

  constructor() {
    super(16);
    for (const name of RESERVED_NAMESPACE_NAMES) this.intern(name, 0, name.length);
  }

  /** Whether the name holds a character that canonical XML escapes in a value; found out once per name. */
  hasMarkup(id: number): boolean {
    let known = this.markup[id];
    if (known === undefined) {
      const octets = this.pool.octets.subarray(this.starts[id], this.starts[id + 1]);
      known = octets.some((octet) => isOfKind(octet, VALUE_STOP));
      this.markup[id] = known;
    }
    return known;
  }
}
