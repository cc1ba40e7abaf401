import { newIntegers } from './octet-buffer.ts';

const FIRST_PAGE = 64;
const PAGE_BITS = 10;
const PAGE = 1 << PAGE_BITS;
const PAGE_MASK = PAGE - 1;
const NO_PAGE = new Int32Array(0);

/**
 * Records of a few integers each, in pages: growing copies at most one page, so a large table costs what it holds.
 */
export class Records {
  readonly width: number;
  count = 0;
  private readonly pages: Int32Array<ArrayBuffer>[] = [];
  /** The page that the next record goes to, and the number of the first record that it has no room for. */
  private page = NO_PAGE;
  private room = 0;
  private readonly firstPage: number;

  /** @param expected records that the first page has room for, within reason */
  constructor(width: number, expected = 0) {
    this.width = width;
    this.firstPage = Math.min(PAGE, Math.max(FIRST_PAGE, expected));
  }

  /** Adds a record and returns its number. */
  add(a: number, b: number, c: number, d = 0): number {
    const { width } = this;
    const index = this.count;
    if (index === this.room) this.makeRoom();
    const { page } = this;
    const at = (index & PAGE_MASK) * width;
    page[at] = a;
    page[at + 1] = b;
    page[at + 2] = c;
    if (width > 3) page[at + 3] = d;
    this.count = index + 1;
    return index;
  }

  get(index: number, field: number): number {
    return (this.pages[index >> PAGE_BITS] as Int32Array)[(index & PAGE_MASK) * this.width + field] as number;
  }

  /** The page that holds a record; its fields begin at `offsetOf` in it. */
  pageOf(index: number): Int32Array {
    return this.pages[index >> PAGE_BITS] as Int32Array;
  }

  offsetOf(index: number): number {
    return (index & PAGE_MASK) * this.width;
  }

  set(index: number, field: number, value: number): void {
    (this.pages[index >> PAGE_BITS] as Int32Array)[(index & PAGE_MASK) * this.width + field] = value;
  }

  clear(): void {
    this.count = 0;
    this.page = this.pages[0] ?? NO_PAGE;
    this.room = this.page.length / this.width;
  }

  /** Number of the first record whose first field is at least `value`, when first fields ascend. */
  firstAtLeast(value: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.get(middle, 0) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The page of record `count`: the next one, a new one, or the last one made larger. */
  private makeRoom(): void {
    const { width } = this;
    const number = this.count >> PAGE_BITS;
    const known = this.pages[number];
    if (known === undefined) this.page = newIntegers((number === 0 ? this.firstPage : PAGE) * width);
    else if (known === this.page) {
      this.page = new Int32Array(Math.min(known.length * 2, PAGE * width));
      this.page.set(known);
    } else this.page = known;
    this.pages[number] = this.page;
    this.room = number * PAGE + this.page.length / width;
  }
}
