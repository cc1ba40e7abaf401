import type { ParsedDocument } from '../xml/document.ts';
import type { ParsedElement } from '../xml/element.ts';
import { enterAgain } from '../xml/enter-again.ts';
import { NamespaceResolver } from '../xml/namespaces.ts';
import type { OctetOutput } from '../xml/octet-buffer.ts';
import { StartTag } from '../xml/start-tag.ts';
import { writeEdited } from './content.ts';
import { ExclusiveTags } from './exclusive-tags.ts';

/**
 * Writes one element with its content in exclusive form. Its start tags are read again, because what they must
 * declare depends on where the output begins; everything between them is written from the document's edits.
 */
export class ExclusiveWalk {
  private readonly document: ParsedDocument;
  private readonly resolver: NamespaceResolver;
  private readonly tags: ExclusiveTags;
  private readonly tag: StartTag;
  private readonly comments: 'omitted' | 'kept';
  private readonly out: OctetOutput;
  /** Of the elements being walked through: where each ends, and the size of the scope to restore then. */
  private readonly openEnds: number[] = [];
  private readonly openScopes: number[] = [];

  constructor(
    document: ParsedDocument,
    prefixList: readonly string[],
    comments: 'omitted' | 'kept',
    out: OctetOutput,
  ) {
    this.document = document;
    this.resolver = new NamespaceResolver(document.names, document.namespaceNames, document.limits);
    this.tags = new ExclusiveTags(this.resolver, prefixList);
    this.tag = new StartTag();
    this.comments = comments;
    this.out = out;
  }

  write(apex: ParsedElement, without: ParsedElement | undefined): void {
    const { elements } = this.document;
    for (const ancestor of apex.ancestors())
      enterAgain(this.document, ancestor.number, this.resolver, this.tag);
    const end = elements.end(apex.number);
    let position = elements.start(apex.number);
    let number = apex.number;
    while (number < elements.count && elements.start(number) < end) {
      const start = elements.start(number);
      this.leaveUntil(start);
      if (number === without?.number) {
        this.between(position, start);
        position = elements.end(number);
        number = elements.firstFrom(position);
      } else {
        position = this.startTag(number, position);
        number += 1;
      }
    }
    this.between(position, end);
  }

  /**
   * Writes what stands before the tag and the tag, when it differs; returns up to where the source is written. A
   * tag in place declares nothing, so it is in place in inclusive form too: the document's edits hold for it.
   */
  private startTag(number: number, position: number): number {
    const { document, tag, resolver, tags } = this;
    const { elements, octets } = document;
    const scopeSize = resolver.scope.size;
    const inOrder = enterAgain(document, number, resolver, tag);
    this.openEnds.push(elements.end(number));
    this.openScopes.push(scopeSize);
    if (tags.inPlace(tag, inOrder)) return position;
    this.between(position, tag.start);
    tags.render(tag, octets, scopeSize, this.out);
    return tag.end;
  }

  private between(from: number, to: number): void {
    if (to > from) writeEdited(this.document, from, to, this.comments, this.out);
  }

  private leaveUntil(start: number): void {
    const { openEnds, openScopes, resolver, tags } = this;
    while ((openEnds.at(-1) ?? start + 1) <= start) {
      openEnds.pop();
      tags.leave();
      resolver.scope.restore(openScopes.pop() ?? 0);
    }
  }
}
