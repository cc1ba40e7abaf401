import {
  appendAttributes,
  appendDeclaration,
  appendTagClose,
  appendTagOpen,
  type TagRenderer,
} from '../xml/canonical-tag.ts';
import { RESERVED } from '../xml/names.ts';
import { type NamespaceResolver, NamespaceScope } from '../xml/namespaces.ts';
import type { OctetOutput } from '../xml/octet-buffer.ts';
import type { StartTag } from '../xml/start-tag.ts';

const { EMPTY_NAME, UNBOUND } = RESERVED;

/**
 * Start tags of Exclusive XML Canonicalization 1.0 (section 3): a namespace is declared where a name uses its prefix
 * and no output ancestor has declared it so; prefixes of the PrefixList are treated as in inclusive form.
 */
export class ExclusiveTags implements TagRenderer {
  private readonly resolver: NamespaceResolver;
  private readonly inclusivePrefixes: readonly number[];
  /** What the output written so far declares, by prefix. */
  private readonly rendered = new NamespaceScope();
  private readonly openScopes: number[] = [];
  /** Prefixes to declare on the tag at hand. */
  private readonly needed: number[] = [];

  constructor(resolver: NamespaceResolver, prefixList: readonly string[]) {
    this.resolver = resolver;
    this.inclusivePrefixes = prefixList.map((prefix) =>
      prefix === '#default' ? EMPTY_NAME : resolver.names.internText(prefix),
    );
  }

  inPlace(tag: StartTag, inOrder: boolean): boolean {
    const { names } = this.resolver;
    this.openScopes.push(this.rendered.size);
    this.needed.length = 0;
    this.need(names.prefixOf(tag.name));
    for (let entry = 0; entry < tag.count; entry += 1) {
      const prefix = names.prefixOf(tag.names[entry] as number);
      if (tag.isDeclaration[entry] === 0 && prefix !== EMPTY_NAME) this.need(prefix);
    }
    for (const prefix of this.inclusivePrefixes) this.need(prefix);
    return inOrder && tag.canonicalSpelling && tag.declarations === 0 && this.needed.length === 0;
  }

  render(tag: StartTag, source: Uint8Array, _scopeBefore: number, out: OctetOutput): void {
    const { names, scope } = this.resolver;
    appendTagOpen(out, tag, names);
    this.needed.sort((a, b) => names.compare(a, b));
    for (const prefix of this.needed) appendDeclaration(out, this.resolver, prefix, scope.lookup(prefix));
    appendAttributes(out, source, tag, names);
    appendTagClose(out, tag, names);
  }

  leave(): void {
    this.rendered.restore(this.openScopes.pop() ?? 0);
  }

  private need(prefix: number): void {
    const namespace = this.resolver.scope.lookup(prefix);
    if (namespace === UNBOUND || namespace === this.rendered.lookup(prefix)) return;
    this.rendered.bind(prefix, namespace);
    this.needed.push(prefix);
  }
}
