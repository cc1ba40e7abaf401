import { isNcName, isNcNameUtf8 } from './characters.ts';
import { fault, type Window } from './faults.ts';
import { OctetTable } from './octet-table.ts';
import { COLON, NAME_OCTETS, VALUE_STOPS } from './octets.ts';

export const EMPTY_NAME = 0;
export const XML_PREFIX = 1;
export const XMLNS_PREFIX = 2;

export const NO_NAMESPACE = 0;
export const XML_NAMESPACE = 1;
export const XMLNS_NAMESPACE = 2;
export const UNBOUND = -1;

export const XML_NAMESPACE_NAME = 'http://www.w3.org/XML/1998/namespace';
const XMLNS_NAMESPACE_NAME = 'http://www.w3.org/2000/xmlns/';

const octetsOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const RESERVED_NAMES = ['', 'xml', 'xmlns'].map(octetsOf);
const RESERVED_NAMESPACE_NAMES = ['', XML_NAMESPACE_NAME, XMLNS_NAMESPACE_NAME].map(octetsOf);
const UNKNOWN = -1;

/** Qualified names, checked and split once per distinct name (XML 1.0 fifth edition; Namespaces in XML 1.0 section 4). */
export class NameTable extends OctetTable {
  /** By name: its prefix (EMPTY_NAME without one) and its local part, both in this table; local is -1 until checked. */
  readonly prefixes: number[] = [];
  readonly locals: number[] = [];
  /** By name: a name known to come after it in octet order, so that attributes in order need no comparison. */
  readonly successors: number[] = [];
  /** By name: the serial number of the tag that carried it last. */
  readonly stamps: number[] = [];
  serial = 0;
  /** Records repeat: by element, the element that began next the last time; looked for before anything is hashed. */
  private readonly nextElements: number[] = [];
  /** By name in a tag: the attribute that came next the last time. */
  private readonly nextAttributes: number[] = [];
  private lastElement = EMPTY_NAME;
  private readonly mostNames: number;
  private readonly mostOctets: number;

  constructor(limits: { readonly distinctNames: number; readonly nameLength: number }) {
    super();
    this.mostNames = limits.distinctNames;
    this.mostOctets = limits.nameLength;
    for (const name of RESERVED_NAMES) this.intern(name, 0, name.length);
    this.fit();
  }

  /** The qualified name at `from`, checked. @throws JitsuinError `xml.not-well-formed`, `xml.namespace`, `xml.limit` */
  qualifiedNameAt(window: Window, from: number, end: number): number {
    const id = this.internNameAt(window.octets, from, end);
    if (id >= this.locals.length || this.locals[id] === UNKNOWN) this.check(id, window, from, end);
    return id;
  }

  /** The same for the name that a start tag begins with. */
  elementNameAt(window: Window, from: number, end: number): number {
    const guess = this.nextElements[this.lastElement] as number;
    if (guess !== UNKNOWN && this.standsAt(guess, window.octets, from, end)) {
      this.lastElement = guess;
      return guess;
    }
    const id = this.qualifiedNameAt(window, from, end);
    if (this.locals[id] !== UNKNOWN) {
      this.nextElements[this.lastElement] = id;
      this.lastElement = id;
    }
    return id;
  }

  /** The same for an attribute, in a tag where `before` is the name that was read last. */
  attributeNameAt(window: Window, from: number, end: number, before: number): number {
    const guess = this.nextAttributes[before] as number;
    if (guess !== UNKNOWN && this.standsAt(guess, window.octets, from, end)) return guess;
    const id = this.qualifiedNameAt(window, from, end);
    if (this.locals[id] !== UNKNOWN) this.nextAttributes[before] = id;
    return id;
  }

  /** Whether the whole name at `at` is this one. */
  private standsAt(id: number, octets: Uint8Array, at: number, end: number): boolean {
    const { starts } = this;
    const start = starts[id] as number;
    const length = (starts[id + 1] as number) - start;
    if (at + length >= end || NAME_OCTETS[octets[at + length] as number] !== 0) return false;
    const pool = this.pool.octets;
    for (let i = 0; i < length; i += 1) if (pool[start + i] !== octets[at + i]) return false;
    return true;
  }

  private check(id: number, window: Window, at: number, end: number): void {
    this.fit();
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
    this.fit();
    this.prefixes[id] = prefixId;
    this.locals[id] = localId;
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

  private fit(): void {
    while (this.locals.length < this.count) {
      this.prefixes.push(EMPTY_NAME);
      this.locals.push(UNKNOWN);
      this.successors.push(UNKNOWN);
      this.stamps.push(0);
      this.nextElements.push(UNKNOWN);
      this.nextAttributes.push(UNKNOWN);
    }
  }
}

/** Namespace names: '' is 0, the two reserved ones 1 and 2. */
export class NamespaceNames extends OctetTable {
  /** How many of the names, from the first, are known to be absolute or reserved. */
  absolute = RESERVED_NAMESPACE_NAMES.length;
  private readonly markup: (boolean | undefined)[] = [];

  constructor() {
    super();
    for (const name of RESERVED_NAMESPACE_NAMES) this.intern(name, 0, name.length);
  }

  /** Whether the name holds a character that canonical XML escapes in a value; found out once per name. */
  hasMarkup(id: number): boolean {
    let known = this.markup[id];
    if (known === undefined) {
      const octets = this.pool.octets.subarray(this.starts[id], this.starts[id + 1]);
      known = octets.some((octet) => VALUE_STOPS[octet] === 1);
      this.markup[id] = known;
    }
    return known;
  }
}
