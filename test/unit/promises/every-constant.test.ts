import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  allConstants,
  constantsTable,
  keyOfConstant,
  namedConstants,
  noticedConstants,
} from '../../../scripts/mutants/constants.ts';

const noticed = noticedConstants();
const known = new Set(allConstants('.').map(keyOfConstant));

describe('the list of constants (test/CONSTANTS.md)', () => {
  it('names tests that are there, or reasons, and only for constants as the source has them', () => {
    const wrong = Object.entries(noticed).filter(([constant, who]) => {
      const file = /^(test\/\S+\.test\.ts)(?:: |$)/.exec(who)?.[1];
      return !known.has(constant) || (file === undefined ? !who.endsWith('.') : !existsSync(file));
    });
    expect(wrong).toEqual([]);
  });

  it.each([
    [
      '/** How long it lives. */\nconst LIFE = 5 * MINUTE_MILLIS;',
      'LIFE',
      '5 * MINUTE_MILLIS',
      'ms',
      'How long it lives.',
    ],
    ['export const LIFE = HOUR_MILLIS;', 'LIFE', 'HOUR_MILLIS', 'ms', ''],
    [
      '/**\n * Octets\n * of it.\n */\nconst MOST = 64 * 1024;',
      'MOST',
      '64 * 1024',
      'octets',
      'Octets of it.',
    ],
    ['const MOST_KEYS: number = 2; // at once', 'MOST_KEYS', '2', 'count', 'at once'],
  ])('reads %j', (source, name, value, unit, meaning) => {
    expect(namedConstants('a.ts', `${source}\n`)).toEqual([{ file: 'a.ts', name, value, unit, meaning }]);
  });

  it.each([
    "const NAME = 'x';",
    'const LIST = [1, 2];',
    'const MADE = of(1);',
    'let COUNT = 1;',
    '  const INNER = 1;',
  ])('leaves %j out', (source) => expect(namedConstants('a.ts', `${source}\n`)).toEqual([]));

  it('another value is another constant: not tried yet', () => {
    const [constant] = namedConstants('a.ts', 'const LIFE = 5;\n');
    if (constant === undefined) throw new Error('not read');
    const row = (value: string) =>
      constantsTable([{ ...constant, value }], { 'a.ts LIFE = 5': 'test/a.test.ts' });
    expect(row('5')).toContain('| test/a.test.ts |');
    expect(row('6')).toContain('| not tried yet |');
  });
});
