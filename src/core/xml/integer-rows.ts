import { newIntegers } from './octet-buffer.ts';

/** Rows of a few integers each, all zero at first, found by number. Reading and writing go straight to `cells`. */
export class IntegerRows {
  cells: Int32Array<ArrayBuffer>;
  private readonly width: number;

  constructor(width: number, rows: number) {
    this.width = width;
    this.cells = newIntegers(width * rows);
  }

  /** Makes room for rows up to this number. */
  reserve(row: number): void {
    const needed = (row + 1) * this.width;
    if (needed <= this.cells.length) return;
    const { cells } = this;
    this.cells = newIntegers(Math.max(needed, cells.length * 2));
    this.cells.set(cells);
  }
}
