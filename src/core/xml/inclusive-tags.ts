import {
  appendAttributes,
  appendDeclaration,
  appendTagClose,
  appendTagOpen,
  type TagRenderer,
} from './canonical-tag.ts';
import type { NamespaceResolver } from './namespaces.ts';
import type { OctetOutput } from './octet-buffer.ts';
import { declaredPrefix, type StartTag } from './start-tag.ts';

/**
 * Start tags of inclusive canonical XML below the apex: a declaration is written when it changes what is in scope
 * (C14N 1.0 and 1.1 section 2.3, namespace axis).
 */
export class InclusiveTags implements TagRenderer {
  private readonly resolver: NamespaceResolver;

  constructor(resolver: NamespaceResolver) {
    this.resolver = resolver;
  }

  inPlace(tag: StartTag, inOrder: boolean, scopeBefore: number): boolean {
    if (!tag.canonicalSpelling || !inOrder) return false;
    for (let i = scopeBefore; i < scopeBefore + tag.declarations; i += 1)
      if (this.superfluous(i)) return false;
    return true;
  }

  render(tag: StartTag, source: Uint8Array, scopeBefore: number, out: OctetOutput): void {
    const { resolver } = this;
    const { names, scope } = resolver;
    appendTagOpen(out, tag, names);
    for (let i = 0; i < tag.declarations; i += 1) {
      const entry = tag.order[i] as number;
      if (this.superfluous(scopeBefore + this.rank(tag, entry))) continue;
      const prefix = declaredPrefix(tag, entry, names);
      appendDeclaration(out, resolver, prefix, scope.lookup(prefix));
    }
    appendAttributes(out, source, tag, names);
    appendTagClose(out, tag, names);
  }

  leave(): void {}

  private superfluous(binding: number): boolean {
    const { scope } = this.resolver;
    return scope.namespaceBefore(binding) === scope.lookup(scope.prefixAt(binding));
  }

  /** How many declarations stand before this one in the tag: they were bound in that order. */
  private rank(tag: StartTag, entry: number): number {
    let rank = 0;
    for (let other = 0; other < entry; other += 1) rank += tag.isDeclaration[other] as number;
    return rank;
  }
}
