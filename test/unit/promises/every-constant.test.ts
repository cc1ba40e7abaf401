import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { constantsOf, constantsTable } from '../../../scripts/mutants/constants.ts';

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`);
const constants = constantsOf('.', [...filesIn('src'), ...filesIn('workers')].sort());
const listed = readFileSync('test/CONSTANTS.md', 'utf8');
const rowsOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split(/(?<!\\) \| /));
const rows = rowsOf(listed);
/** What the source alone says of a row: all but who notices it. */
const declared = (cells: readonly string[]) => cells.slice(0, -1).join(' | ');

describe('the list of constants (npm run mutants -- --constants)', () => {
  it('has each named number of the programs with its value, unit and meaning, and no other', () => {
    expect(rows.map(declared)).toEqual(rowsOf(constantsTable(constants, [])).map(declared));
  });

  it.each(['a new one', 'another value'])('would show %s', (change) => {
    const [first, ...rest] = constants;
    if (first === undefined) throw new Error('no constants');
    const changed =
      change === 'a new one'
        ? [{ ...first, name: 'NEW' }, first, ...rest]
        : [{ ...first, value: '0' }, ...rest];
    expect(rows.map(declared)).not.toEqual(rowsOf(constantsTable(changed, [])).map(declared));
  });

  it('names a test that is there, or a reason; nobody is no answer', () => {
    const missing = rows.flatMap((cells) => {
      const who = cells.at(-1)?.replace(/ \|$/, '') ?? '';
      const file = /^(test\/\S+\.test\.ts)(?:: |$)/.exec(who)?.[1];
      const known = file === undefined ? who.startsWith('– ') || who.endsWith('.') : existsSync(file);
      return known ? [] : [`${cells[0]} ${who}`];
    });
    expect(missing).toEqual([]);
  });
});
