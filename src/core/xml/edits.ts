import { newOctets, OctetBuffer } from './octet-buffer.ts';
import { Records } from './records.ts';

/** What canonical XML does at a place where the source is not already canonical. */
export const EDIT = {
  /** Leave out. */
  skip: 0,
  /** Character data to respell. */
  text: 1,
  /** A CDATA section becomes text. */
  cdata: 2,
  /** Comments are kept or left out by algorithm; outside the document element with a line feed after or before. */
  comment: 3,
  commentBefore: 4,
  commentAfter: 5,
  /** Processing instructions whose spelling differs, and all outside the document element. */
  instruction: 6,
  instructionBefore: 7,
  instructionAfter: 8,
  /** The `/>` of an empty-element tag, else canonical, becomes `>` and an end tag. */
  emptyTag: 9,
  /** From here upwards: the number of a start tag rendered already, plus this. */
  rendered: 16,
} as const;

/** One edit as it is read; the reader uses one for all. */
interface Edit {
  start: number;
  end: number;
  kind: number;
}

const PAGE = 128 * 1024;
const SMALLEST_PAGE = 1024;
/** Power of two of the octets for which one edit is expected. */
const OCTETS_AN_EDIT = 7;

/**
 * The differences between the octets read and their inclusive canonical form, in document order: everything between
 * two edits is canonical as it stands. Rendered start tags are kept in pages so that nothing large is ever copied.
 */
export class Edits {
  private readonly places: Records;
  private readonly rendered = new Records(3);
  private readonly pages: OctetBuffer[] = [];
  private readonly pageSize: number;

  /** Comments met so far, wherever they stand. */
  comments = 0;

  constructor(sourceLength: number) {
    this.pageSize = Math.max(SMALLEST_PAGE, Math.min(PAGE, sourceLength >> 2));
    this.places = new Records(3, sourceLength >> OCTETS_AN_EDIT);
  }

  get count(): number {
    return this.places.count;
  }

  add(start: number, end: number, kind: number): void {
    this.places.add(start, end, kind);
  }

  /** Puts one edit into `into`. */
  read(index: number, into: Edit): void {
    const page = this.places.pageOf(index);
    const at = this.places.offsetOf(index);
    into.start = page[at] as number;
    into.end = page[at + 1] as number;
    into.kind = page[at + 2] as number;
  }

  /** Where the comments from `from` to before `to` begin. */
  commentsBetween(from: number, to: number): number[] {
    const offsets: number[] = [];
    if (this.comments === 0) return offsets;
    const edit: Edit = { start: 0, end: 0, kind: 0 };
    for (let index = this.firstFrom(from); index < this.count; index += 1) {
      this.read(index, edit);
      if (edit.start >= to) break;
      if (edit.kind >= EDIT.comment && edit.kind <= EDIT.commentAfter) offsets.push(edit.start);
    }
    return offsets;
  }

  firstFrom(offset: number): number {
    return this.places.firstAtLeast(offset);
  }

  /** A buffer with room for about this many octets, in which one start tag is to be rendered. */
  page(room: number): OctetBuffer {
    const last = this.pages.at(-1);
    if (last !== undefined && last.octets.length - last.length >= room) return last;
    const page = new OctetBuffer(newOctets(Math.max(this.pageSize, room)));
    this.pages.push(page);
    return page;
  }

  /** Records that the tag from `start` to `end` was rendered into the last page from `from` on. */
  addRendered(start: number, end: number, from: number): void {
    const page = this.pages.length - 1;
    const number = this.rendered.add(page, from, (this.pages[page] as OctetBuffer).length);
    this.places.add(start, end, EDIT.rendered + number);
  }

  /** Where a rendered start tag lies. */
  renderedTag(kind: number): { readonly octets: Uint8Array; readonly from: number; readonly to: number } {
    const number = kind - EDIT.rendered;
    const page = this.pages[this.rendered.get(number, 0)] as OctetBuffer;
    return { octets: page.octets, from: this.rendered.get(number, 1), to: this.rendered.get(number, 2) };
  }

  clear(): void {
    this.places.clear();
    this.rendered.clear();
    const first = this.pages[0];
    this.pages.length = 0;
    if (first === undefined) return;
    first.length = 0;
    this.pages.push(first);
  }
}
