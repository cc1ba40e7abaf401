import type { ElementListener } from './lexer.ts';
import type { NamespaceResolver } from './namespaces.ts';
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
  /** By qualified name: the namespace it had last and the expanded name that made. */
  private readonly lastNamespaces: number[] = [];
  private readonly lastExpanded: number[] = [];
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
    const known = this.lastNamespaces[name] === namespace;
    const expanded = known ? (this.lastExpanded[name] as number) : this.expandedName(name, namespace);
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

  /** Numbers of all elements with this expanded name, in document order. */
  named(namespaceName: string, localName: string): number[] {
    const { names, namespaceNames } = this.resolver;
    const wanted = this.parts.findIndex(
      ({ namespace, local }) =>
        names.textOf(local) === localName && namespaceNames.textOf(namespace) === namespaceName,
    );
    const found: number[] = [];
    if (wanted < 0) return found;
    for (let element = 0; element < this.count; element += 1) {
      if (this.records.get(element, NAME) === wanted) found.push(element);
    }
    return found;
  }

  private expandedName(name: number, namespace: number): number {
    const local = this.resolver.names.locals[name] as number;
    const key = namespace * KEY_FACTOR + local;
    let expanded = this.expandedNames.get(key);
    if (expanded === undefined) {
      expanded = this.parts.length;
      this.parts.push({ namespace, local });
      this.expandedNames.set(key, expanded);
    }
    this.lastNamespaces[name] = namespace;
    this.lastExpanded[name] = expanded;
    return expanded;
  }

  private partsOf(expanded: number): { readonly namespace: number; readonly local: number } {
    return this.parts[expanded] as { readonly namespace: number; readonly local: number };
  }
}
