import type { TagRenderer } from './canonical-tag.ts';
import { passDeclaration } from './declaration.ts';
import { EDIT, type Edits } from './edits.ts';
import { fault, TruncatedInput } from './faults.ts';
import type { XmlLimits } from './limits.ts';
import {
  CDATA_OPEN,
  COMMENT_OPEN,
  cdataEnd,
  commentEnd,
  passCharacter,
  readProcessingInstruction,
} from './markup.ts';
import type { NamespaceResolver } from './namespaces.ts';
import { isWhiteSpace, KIND, OCTET, skipPlain, skipWhiteSpace } from './octets.ts';
import { isCanonicalTextReference, referenceEnd } from './references.ts';
import { readStartTag, StartTag } from './start-tag.ts';

const { AMP, BANG, CR, GT, LT, QUESTION, RIGHT_BRACKET, SLASH } = OCTET;
const { TEXT_STOP } = KIND;

const EMPTY_TAG_CLOSE = '/>';

/** Told about elements as they open and close; the index of a document is one. */
export interface ElementListener {
  open(tag: StartTag): void;
  close(end: number): void;
}

/**
 * The one grammar: reads octets from left to right, checks everything XML 1.0 and Namespaces in XML 1.0 demand, and
 * notes where the source differs from its canonical form. It can stop between two pieces of markup and go on with
 * more octets, which is how streamed input is read.
 */
export class Lexer {
  octets: Uint8Array = new Uint8Array(0);
  /** Octets of the input that came before `octets`. */
  before = 0;
  private end = 0;
  private complete = false;
  private place: 'beginning' | 'before' | 'content' | 'after' = 'beginning';
  /** Scratch for the tag being read; the reader's again when all is read. */
  readonly tag: StartTag;
  private readonly limits: XmlLimits;
  private readonly resolver: NamespaceResolver;
  private readonly renderer: TagRenderer;
  private readonly edits: Edits;
  private readonly listener: ElementListener | undefined;
  private depth = 0;
  private elements = 0;
  private readonly openNames: number[] = [];
  private readonly openScopes: number[] = [];

  constructor(
    resolver: NamespaceResolver,
    renderer: TagRenderer,
    edits: Edits,
    limits: XmlLimits,
    listener?: ElementListener,
  ) {
    this.resolver = resolver;
    this.renderer = renderer;
    this.edits = edits;
    this.limits = limits;
    this.listener = listener;
    this.tag = new StartTag();
  }

  /**
   * Reads `octets` from `from` to `end` and returns the offset up to which everything was understood: `end` when
   * `complete` (there is no more input), else perhaps the beginning of a piece of markup that the input cuts.
   */
  read(octets: Uint8Array, from: number, end: number, complete: boolean): number {
    this.octets = octets;
    this.end = end;
    this.complete = complete;
    let p = from;
    try {
      while (p < end) p = this.place === 'content' ? this.contentPiece(p) : this.next(p);
    } catch (thrown) {
      if (!(thrown instanceof TruncatedInput)) throw thrown;
      if (complete) throw fault('xml.not-well-formed', 'The document ends in the middle of markup.', this, p);
      return p;
    }
    if (complete && this.place !== 'after') {
      throw fault('xml.not-well-formed', 'The document ends before its document element does.', this, p);
    }
    return p;
  }

  private next(p: number): number {
    if (this.place !== 'beginning') return this.outsidePiece(p);
    const start = passDeclaration(this, this.end, this.complete);
    if (start > 0) this.edits.add(0, start, EDIT.skip);
    this.place = 'before';
    return start;
  }

  /** One piece of markup or character data inside the document element. */
  private contentPiece(p: number): number {
    const { octets } = this;
    if (octets[p] !== LT) return this.text(p);
    if (p + 1 >= this.end) throw new TruncatedInput();
    switch (octets[p + 1]) {
      case SLASH:
        return this.endTag(p);
      case BANG:
        return this.declarationInContent(p);
      case QUESTION:
        return this.instruction(p, EDIT.instruction);
      default:
        return this.startTag(p);
    }
  }

  private text(start: number): number {
    const { octets, end } = this;
    let irregular = false;
    let p = start;
    for (;;) {
      p = skipPlain(octets, p, end, TEXT_STOP);
      if (p >= end) return this.cutText(start, irregular);
      const octet = octets[p];
      if (octet === LT) break;
      if (octet === AMP) {
        irregular ||= !isCanonicalTextReference(octets, p);
        p = referenceEnd(this, p, end);
        continue;
      }
      if (
        octet === GT &&
        p - 2 >= start &&
        octets[p - 1] === RIGHT_BRACKET &&
        octets[p - 2] === RIGHT_BRACKET
      ) {
        throw fault('xml.not-well-formed', "']]>' in character data.", this, p - 2);
      }
      irregular ||= octet === GT || octet === CR;
      p = passCharacter(this, p, end);
    }
    if (irregular) this.edits.add(start, p, EDIT.text);
    return p;
  }

  /** Character data that the end of the input cuts: what cannot depend on what follows is taken, if any. */
  private cutText(start: number, irregular: boolean): number {
    const { octets, end } = this;
    if (this.complete) throw new TruncatedInput();
    let cut = end;
    if (octets[cut - 1] === CR) cut -= 1;
    for (let i = 0; i < 2 && cut > start && octets[cut - 1] === RIGHT_BRACKET; i += 1) cut -= 1;
    if (cut <= start) throw new TruncatedInput();
    if (irregular) this.edits.add(start, cut, EDIT.text);
    return cut;
  }

  private startTag(start: number): number {
    const { tag, resolver, limits } = this;
    readStartTag(tag, this, start, this.end, resolver.names, limits);
    if (this.depth >= limits.depth || this.elements >= limits.elements) {
      throw fault('xml.limit', 'Elements are nested too deeply, or there are too many.', this, start);
    }
    this.elements += 1;
    const scopeBefore = resolver.scope.size;
    const inOrder = resolver.enter(tag, this);
    this.listener?.open(tag);
    if (!this.renderer.inPlace(tag, inOrder, scopeBefore)) this.renderTag(scopeBefore);
    else if (tag.empty) this.edits.add(tag.end - EMPTY_TAG_CLOSE.length, tag.end, EDIT.emptyTag);
    this.openNames[this.depth] = tag.name;
    this.openScopes[this.depth] = scopeBefore;
    this.depth += 1;
    this.place = 'content';
    if (tag.empty) this.leave(tag.end);
    return tag.end;
  }

  private renderTag(scopeBefore: number): void {
    const { tag, edits } = this;
    const page = edits.page(2 * (tag.end - tag.start) + 64);
    const from = page.length;
    this.renderer.render(tag, this.octets, scopeBefore, page);
    edits.addRendered(tag.start, tag.end, from);
  }

  private endTag(start: number): number {
    const { octets, end } = this;
    const { names } = this.resolver;
    const name = this.openNames[this.depth - 1] as number;
    const nameEnd = start + 2 + names.lengthOf(name);
    if (nameEnd >= end) throw new TruncatedInput();
    if (!names.matches(name, octets, start + 2)) {
      throw fault('xml.not-well-formed', 'An end tag does not match the element that is open.', this, start);
    }
    let p = nameEnd;
    if (octets[p] !== GT) {
      p = skipWhiteSpace(octets, p, end);
      if (p >= end) throw new TruncatedInput();
      if (octets[p] !== GT) {
        throw fault(
          'xml.not-well-formed',
          'An end tag does not match the element that is open.',
          this,
          start,
        );
      }
      this.edits.add(nameEnd, p, EDIT.skip);
    }
    this.leave(p + 1);
    return p + 1;
  }

  private leave(end: number): void {
    this.depth -= 1;
    this.resolver.scope.restore(this.openScopes[this.depth] as number);
    this.renderer.leave();
    this.listener?.close(end);
    if (this.depth === 0) this.place = 'after';
  }

  private declarationInContent(p: number): number {
    if (this.opens(p, COMMENT_OPEN)) return this.comment(p, EDIT.comment);
    if (!this.opens(p, CDATA_OPEN)) throw this.unknownDeclaration(p);
    const end = cdataEnd(this, p, this.end);
    this.edits.add(p, end, EDIT.cdata);
    return end;
  }

  private comment(start: number, kind: number): number {
    const end = commentEnd(this, start, this.end);
    this.edits.comments += 1;
    this.edits.add(start, end, kind);
    return end;
  }

  private instruction(start: number, kind: number): number {
    const { end, canonicalSpelling } = readProcessingInstruction(this, start, this.end, this.resolver.names);
    if (!canonicalSpelling || kind !== EDIT.instruction) this.edits.add(start, end, kind);
    return end;
  }

  /** White space, a comment, a processing instruction, or the document element. */
  private outsidePiece(p: number): number {
    const { octets } = this;
    const before = this.place === 'before';
    if (isWhiteSpace(octets[p])) {
      const end = skipWhiteSpace(octets, p, this.end);
      this.edits.add(p, end, EDIT.skip);
      return end;
    }
    if (octets[p] !== LT) {
      passCharacter(this, p, this.end);
      throw fault('xml.not-well-formed', 'Character data outside the document element.', this, p);
    }
    if (p + 1 >= this.end) throw new TruncatedInput();
    if (octets[p + 1] === QUESTION)
      return this.instruction(p, before ? EDIT.instructionBefore : EDIT.instructionAfter);
    if (octets[p + 1] === BANG) {
      if (!this.opens(p, COMMENT_OPEN)) throw this.unknownDeclaration(p);
      return this.comment(p, before ? EDIT.commentBefore : EDIT.commentAfter);
    }
    if (!before) throw fault('xml.not-well-formed', 'Markup after the document element.', this, p);
    return this.startTag(p);
  }

  /** Whether the markup at `p` begins with this text; awaits more input while that is open. */
  private opens(p: number, text: string): boolean {
    const available = Math.min(text.length, this.end - p);
    for (let i = 0; i < available; i += 1) if (this.octets[p + i] !== text.charCodeAt(i)) return false;
    if (available < text.length) throw new TruncatedInput();
    return true;
  }

  private unknownDeclaration(p: number): Error {
    if (p + '<!DOCTYPE'.length > this.end && !this.complete) return new TruncatedInput();
    const keyword = Buffer.from(this.octets.subarray(p + '<!'.length, p + '<!DOCTYPE'.length)).toString(
      'latin1',
    );
    return keyword.toUpperCase() === 'DOCTYPE'
      ? fault('xml.dtd', 'A document type declaration is not accepted.', this, p)
      : fault('xml.not-well-formed', 'Neither a comment nor a CDATA section.', this, p);
  }
}
