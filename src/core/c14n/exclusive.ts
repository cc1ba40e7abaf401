import type { ParsedDocument } from '../xml/document.ts';
import type { ParsedElement } from '../xml/element.ts';
import { NamespaceResolver } from '../xml/namespaces.ts';
import type { OctetOutput } from '../xml/octet-buffer.ts';
import { readStartTag, StartTag } from '../xml/start-tag.ts';
import { writeEdited } from './content.ts';
import { ExclusiveTags } from './exclusive-tags.ts';

/** An element being walked through: where it ends and what to restore then. */
interface Open {
  readonly end: number;
  readonly scopeSize: number;
}

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
  private readonly open: Open[] = [];

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
    this.enterAncestors(apex);
    const end = elements.end(apex.number);
    let position = elements.start(apex.number);
    let number = apex.number;
    while (number < elements.count && elements.start(number) < end) {
      const start = elements.start(number);
      this.leaveUntil(start);
      const left = number === without?.number;
      const tagEnd = left ? start : this.startTag(start, elements.end(number), position);
      if (left) {
        this.between(position, start);
        position = elements.end(number);
        number = elements.firstFrom(position);
      } else {
        position = tagEnd;
        number += 1;
      }
    }
    this.between(position, end);
  }

  /** Writes what stands before the tag and the tag; returns up to where the source is written. */
  private startTag(start: number, elementEnd: number, position: number): number {
    const { document, tag, resolver } = this;
    readStartTag(tag, document, start, document.octets.length, document.names, document.limits);
    const scopeSize = resolver.scope.size;
    const inOrder = resolver.enter(tag, document);
    this.open.push({ end: elementEnd, scopeSize });
    const inPlace = this.tags.inPlace(tag, inOrder);
    this.between(position, start);
    if (inPlace && !tag.empty) this.out.append(document.octets, start, tag.end);
    else this.tags.render(tag, document.octets, scopeSize, this.out);
    return tag.end;
  }

  private between(from: number, to: number): void {
    if (to > from) writeEdited(this.document, from, to, this.comments, this.out);
  }

  private leaveUntil(start: number): void {
    for (
      let innermost = this.open.at(-1);
      innermost !== undefined && innermost.end <= start;
      innermost = this.open.at(-1)
    ) {
      this.tags.leave();
      this.resolver.scope.restore(innermost.scopeSize);
      this.open.pop();
    }
  }

  private enterAncestors(apex: ParsedElement): void {
    const lineage: number[] = [];
    for (let each = apex.parent; each !== undefined; each = each.parent) lineage.push(each.start);
    for (const start of lineage.reverse()) {
      const { document, tag } = this;
      readStartTag(tag, document, start, document.octets.length, document.names, document.limits);
      this.resolver.enter(tag, document);
    }
  }
}
