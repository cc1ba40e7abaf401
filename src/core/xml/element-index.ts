import { toUtf8 } from '../encoding.ts';
import { IntegerRows } from './integer-rows.ts';
import type { ElementListener } from './lexer.ts';
import type { NamespaceResolver } from './namespaces.ts';
import { newOctets } from './octet-buffer.ts';
import { Records } from './records.ts';
import type { StartTag } from './start-tag.ts';

const START = 0;
const END = 1;
const PARENT = 2;
const NAME = 3;
const NO_PARENT = -1;
/** Power of two of the octets for which one element is expected. */
const OCTETS_AN_ELEMENT = 6;
/** More than any number of distinct names or namespace names, so that two numbers fit one key. */
const KEY_FACTOR = 2 ** 26;

/** All elements in document order: where each begins and ends, its parent, and its expanded name as a number. */
export class ElementIndex implements ElementListener {
  private readonly records: Records;
  private readonly resolver: NamespaceResolver;
  private readonly expandedNames = new Map<number, number>();
  /** By expanded name: its namespace name and local name. */
  private readonly parts: { readonly namespace: number; readonly local: number }[] = [];
  /** By qualified name: the namespace it had last and the number, plus one, of the expanded name that made. */
  private readonly last = new IntegerRows(2, 64);
  private innermost = NO_PARENT;

  /** @param sourceLength octets of the document, by which room is made */
  constructor(resolver: NamespaceResolver, sourceLength: number) {
    this.records = new Records(4, sourceLength >> OCTETS_AN_ELEMENT);
    this.resolver = resolver;
  }

  get count(): number {
    return this.records.count;
  }

  open(tag: StartTag): void {
    const { name, namespace } = tag;
    const { last } = this;
    last.reserve(name);
    const known = last.cells[2 * name] === namespace ? (last.cells[2 * name + 1] as number) : 0;
    const expanded = known === 0 ? this.expandedName(name, namespace) : known - 1;
    this.innermost = this.records.add(tag.start, 0, this.innermost, expanded);
  }

  close(end: number): void {
    this.records.set(this.innermost, END, end);
    this.innermost = this.records.get(this.innermost, PARENT);
  }

  start(element: number): number {
    return this.records.get(element, START);
  }

  end(element: number): number {
    return this.records.get(element, END);
  }

  /** Number of the parent, or -1. */
  parent(element: number): number {
    return this.records.get(element, PARENT);
  }

  /** Number of the first element that begins at or after this offset; `count` when there is none. */
  firstFrom(offset: number): number {
    return this.records.firstAtLeast(offset);
  }

  namespaceName(element: number): string {
    return this.resolver.namespaceNames.textOf(this.partsOf(this.records.get(element, NAME)).namespace);
  }

  localName(element: number): string {
    return this.resolver.names.textOf(this.partsOf(this.records.get(element, NAME)).local);
  }

  /**
   * Numbers of all elements with this local name, in document order; in any namespace unless one is given ('' for
   * none).
   */
  named(localName: string, namespaceName?: string): number[] {
    const { names, namespaceNames } = this.resolver;
    const local = toUtf8(localName);
    const namespace = namespaceName === undefined ? undefined : toUtf8(namespaceName);
    const wanted = newOctets(this.parts.length);
    let some = false;
    for (let expanded = 0; expanded < this.parts.length; expanded += 1) {
      const parts = this.partsOf(expanded);
      if (!names.equals(parts.local, local)) continue;
      if (namespace !== undefined && !namespaceNames.equals(parts.namespace, namespace)) continue;
      wanted[expanded] = 1;
      some = true;
    }
    return some ? this.withNames(wanted) : [];
  }

  private withNames(wanted: Uint8Array): number[] {
    const { records } = this;
    const found: number[] = [];
    for (let element = 0; element < records.count; element += 1)
      if (wanted[records.get(element, NAME)] === 1) found.push(element);
    return found;
  }

  private expandedName(name: number, namespace: number): number {
    const local = this.resolver.names.localOf(name);
    const key = namespace * KEY_FACTOR + local;
    let expanded = this.expandedNames.get(key);
    if (expanded === undefined) {
      expanded = this.parts.length;
      this.parts.push({ namespace, local });
      this.expandedNames.set(key, expanded);
    }
    this.last.cells[2 * name] = namespace;
    this.last.cells[2 * name + 1] = expanded + 1;
    return expanded;
  }

  private partsOf(expanded: number): { readonly namespace: number; readonly local: number } {
    return this.parts[expanded] as { readonly namespace: number; readonly local: number };
  }
}
