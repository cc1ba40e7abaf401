import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const tests = join(import.meta.dirname, '../..');
const ROW = /^\| ([OMAQSN]\d+) \| (\S+) \| (.+) \|$/gm;
const rows = [...readFileSync(join(tests, 'CATALOGUE.md'), 'utf8').matchAll(ROW)].map(
  ([, row = '', file = '', title = '']) => ({ row, file, title }),
);

const numbered = (letter: string, first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_none, index) => `${letter}${first + index}`);

describe('test/CATALOGUE.md', () => {
  it('names a test for every row of 3.6 to 3.9', () => {
    const wanted = [
      ...numbered('O', 1, 32),
      ...numbered('M', 1, 9),
      ...numbered('A', 1, 20),
      ...numbered('Q', 1, 19),
      ...numbered('N', 1, 12),
    ];
    expect(wanted.filter((row) => !rows.some((one) => one.row === row))).toEqual([]);
  });

  it.each(rows)('$row: $file has "$title"', ({ file, title }) => {
    const path = join(tests, file);
    expect(existsSync(path)).toBe(true);
    expect(readFileSync(path, 'utf8')).toContain(title);
  });
});
