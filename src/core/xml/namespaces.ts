import { fault, type Window } from './faults.ts';
import { type NamespaceNames, type NameTable, RESERVED } from './names.ts';
import { newOctets, OctetBuffer } from './octet-buffer.ts';
import { expand } from './references.ts';
import { declaredPrefix, type StartTag } from './start-tag.ts';

const { EMPTY_NAME, NO_NAMESPACE, UNBOUND, XML_NAMESPACE, XML_PREFIX, XMLNS_NAMESPACE, XMLNS_PREFIX } =
  RESERVED;

/** Which namespace name each prefix is bound to at the present place; a look-up is one array access. */
export class NamespaceScope {
  private readonly bound: number[] = [NO_NAMESPACE, XML_NAMESPACE];
  private readonly undoPrefixes: number[] = [];
  private readonly undoNamespaces: number[] = [];
  /** Bindings made and not yet undone. */
  size = 0;

  /** Namespace name that a prefix is bound to, UNBOUND without one. */
  lookup(prefix: number): number {
    return prefix < this.bound.length ? (this.bound[prefix] as number) : UNBOUND;
  }

  bind(prefix: number, namespace: number): void {
    while (prefix >= this.bound.length) this.bound.push(UNBOUND);
    this.undoPrefixes[this.size] = prefix;
    this.undoNamespaces[this.size] = this.bound[prefix] as number;
    this.size += 1;
    this.bound[prefix] = namespace;
  }

  /** Undoes all bindings made since `size` was this. */
  restore(size: number): void {
    while (this.size > size) {
      this.size -= 1;
      this.bound[this.undoPrefixes[this.size] as number] = this.undoNamespaces[this.size] as number;
    }
  }

  /** Prefix of the nth binding in force. */
  prefixAt(index: number): number {
    return this.undoPrefixes[index] as number;
  }

  /** What the prefix of the nth binding was bound to before it. */
  namespaceBefore(index: number): number {
    return this.undoNamespaces[index] as number;
  }
}

const INSERTION_SORT_LIMIT = 12;

/** Binds and checks the names of start tags against the scope they stand in (Namespaces in XML 1.0). */
export class NamespaceResolver {
  readonly names: NameTable;
  readonly namespaceNames: NamespaceNames;
  readonly scope = new NamespaceScope();
  private readonly mostInScope: number;
  private readonly mostOctets: number;
  private readonly expandedValue = new OctetBuffer(newOctets(64));
  /** By name of a declaration: the namespace name that it declared last, likely the same again. */
  private readonly lastDeclared: (number | undefined)[] = [];

  constructor(
    names: NameTable,
    namespaceNames: NamespaceNames,
    limits: { readonly declarationsInScope: number; readonly nameLength: number },
  ) {
    this.names = names;
    this.namespaceNames = namespaceNames;
    this.mostInScope = limits.declarationsInScope;
    this.mostOctets = limits.nameLength;
  }

  /**
   * Enters an element: binds its declarations, gives the element and its attributes their namespace names, refuses
   * duplicates, and puts the entries into canonical order. Returns whether they already stood in that order.
   * The caller restores the scope when the element ends.
   */
  enter(tag: StartTag, window: Window): boolean {
    if (tag.count > 0) {
      if (tag.count > 1) this.refuseRepeatedNames(tag, window);
      if (tag.declarations > 0) this.declare(tag, window);
      this.resolveAttributes(tag, window);
    }
    tag.namespace = this.resolve(this.names.prefixOf(tag.name), window, tag.start);
    if (tag.count === 0) return true;
    const inOrder = this.putInOrder(tag);
    if (tag.count - tag.declarations > 1) this.refuseEqualExpandedNames(tag, window);
    return inOrder;
  }

  private refuseRepeatedNames(tag: StartTag, window: Window): void {
    const { names } = this;
    names.nextTag();
    for (let entry = 0; entry < tag.count; entry += 1) {
      if (names.stamp(tag.names[entry] as number)) {
        throw fault(
          'xml.not-well-formed',
          'An attribute occurs twice.',
          window,
          tag.valueStarts[entry] as number,
        );
      }
    }
  }

  private declare(tag: StartTag, window: Window): void {
    for (let entry = 0; entry < tag.count; entry += 1) {
      if (tag.isDeclaration[entry] === 0) continue;
      const namespace = this.namespaceOf(tag, entry, window);
      const prefix = declaredPrefix(tag, entry, this.names);
      this.checkDeclaration(prefix, namespace, window, tag.valueStarts[entry] as number);
      tag.namespaces[entry] = namespace;
      this.scope.bind(prefix, namespace);
    }
    if (this.scope.size > this.mostInScope) {
      throw fault('xml.limit', 'Too many namespace declarations in scope.', window, tag.start);
    }
  }

  private namespaceOf(tag: StartTag, entry: number, window: Window): number {
    const start = tag.valueStarts[entry] as number;
    const end = tag.valueEnds[entry] as number;
    if (end - start > this.mostOctets)
      throw fault('xml.limit', 'A namespace name is too long.', window, start);
    const name = tag.names[entry] as number;
    const guess = this.lastDeclared[name] ?? NO_NAMESPACE;
    if (
      guess !== NO_NAMESPACE &&
      this.namespaceNames.lengthOf(guess) === end - start &&
      this.namespaceNames.matches(guess, window.octets, start) &&
      !this.namespaceNames.hasMarkup(guess)
    ) {
      return guess;
    }
    // A canonical spelling may still hold references such as &amp;, so only their absence spares the expansion.
    this.expandedValue.length = 0;
    expand(window.octets, start, end, 'value', this.expandedValue);
    const namespace = this.namespaceNames.intern(this.expandedValue.octets, 0, this.expandedValue.length);
    this.lastDeclared[name] = namespace;
    return namespace;
  }

  private checkDeclaration(prefix: number, namespace: number, window: Window, at: number): void {
    const reserved =
      prefix === XMLNS_PREFIX ||
      namespace === XMLNS_NAMESPACE ||
      (prefix === XML_PREFIX) !== (namespace === XML_NAMESPACE);
    if (reserved) throw fault('xml.namespace', 'A reserved prefix or namespace name is rebound.', window, at);
    if (namespace === NO_NAMESPACE && prefix !== EMPTY_NAME) {
      throw fault(
        'xml.namespace',
        'A prefix is undeclared, which Namespaces in XML 1.0 does not allow.',
        window,
        at,
      );
    }
  }

  private resolveAttributes(tag: StartTag, window: Window): void {
    for (let entry = 0; entry < tag.count; entry += 1) {
      if (tag.isDeclaration[entry] === 1) continue;
      const prefix = this.names.prefixOf(tag.names[entry] as number);
      tag.namespaces[entry] =
        prefix === EMPTY_NAME ? NO_NAMESPACE : this.resolve(prefix, window, tag.valueStarts[entry] as number);
    }
  }

  private resolve(prefix: number, window: Window, at: number): number {
    const namespace = this.scope.lookup(prefix);
    if (namespace === UNBOUND)
      throw fault('xml.namespace', 'A prefix is not bound to a namespace.', window, at);
    return namespace;
  }

  /** Sorts `tag.order`; returns whether document order was canonical order. */
  putInOrder(tag: StartTag): boolean {
    const { order, count } = tag;
    let inOrder = true;
    for (let entry = 0; entry < count; entry += 1) {
      order[entry] = entry;
      if (entry > 0 && inOrder && !this.follows(tag, entry - 1, entry)) inOrder = false;
    }
    if (inOrder) return true;
    if (count > INSERTION_SORT_LIMIT) {
      order.length = count;
      order.sort((a, b) => this.compareEntries(tag, a, b));
    } else this.insertionSort(tag);
    return false;
  }

  private insertionSort(tag: StartTag): void {
    const { order, count } = tag;
    for (let i = 1; i < count; i += 1) {
      const entry = order[i] as number;
      let j = i - 1;
      while (j >= 0 && this.compareEntries(tag, order[j] as number, entry) > 0) {
        order[j + 1] = order[j] as number;
        j -= 1;
      }
      order[j + 1] = entry;
    }
  }

  /**
   * Whether `second` comes after `first`. Where that is an attribute in no namespace, every tag gives the same
   * answer: it is remembered.
   */
  private follows(tag: StartTag, first: number, second: number): boolean {
    const a = tag.names[first] as number;
    const b = tag.names[second] as number;
    const plain = tag.isDeclaration[second] === 0 && tag.namespaces[second] === NO_NAMESPACE;
    if (plain && this.names.follows(a, b)) return true;
    if (this.compareEntries(tag, first, second) > 0) return false;
    if (plain) this.names.rememberOrder(a, b);
    return true;
  }

  private compareEntries(tag: StartTag, a: number, b: number): number {
    const difference = (tag.isDeclaration[b] as number) - (tag.isDeclaration[a] as number);
    if (difference !== 0) return difference;
    if (tag.isDeclaration[a] === 1) {
      return this.names.compare(declaredPrefix(tag, a, this.names), declaredPrefix(tag, b, this.names));
    }
    const byNamespace = this.namespaceNames.compare(tag.namespaces[a] as number, tag.namespaces[b] as number);
    if (byNamespace !== 0) return byNamespace;
    const { names } = this;
    return names.compare(names.localOf(tag.names[a] as number), names.localOf(tag.names[b] as number));
  }

  /** Equal expanded names stand next to each other in canonical order. */
  private refuseEqualExpandedNames(tag: StartTag, window: Window): void {
    const { names } = this;
    for (let i = tag.declarations + 1; i < tag.count; i += 1) {
      const a = tag.order[i - 1] as number;
      const b = tag.order[i] as number;
      if (tag.namespaces[a] === NO_NAMESPACE || tag.namespaces[a] !== tag.namespaces[b]) continue;
      if (names.localOf(tag.names[a] as number) === names.localOf(tag.names[b] as number)) {
        throw fault(
          'xml.namespace',
          'Two attributes have the same expanded name.',
          window,
          tag.valueStarts[b] as number,
        );
      }
    }
  }
}
