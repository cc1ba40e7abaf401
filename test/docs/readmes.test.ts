import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const ENGLISH = readFileSync('README.md', 'utf8');
const JAPANESE = readFileSync('README.ja.md', 'utf8');
const FENCE = /^```([^\n]*)\n([\s\S]*?)^```$/gm;

const blocks = (text: string) =>
  [...text.matchAll(FENCE)].map(([, info = '', body = '']) => ({ info, body }));
const prose = (text: string) => text.replaceAll(FENCE, '');
const levels = (text: string) => (prose(text).match(/^#+(?= )/gm) ?? []).map(({ length }) => length);
/** Commands and code without what is said beside them. */
const bare = ({ info, body }: { readonly info: string; readonly body: string }) =>
  info === 'mermaid'
    ? body.replaceAll(/(?<=: |as |over \S+? ).*$|(?<=Note over [\w,]+:).*$/gm, '')
    : body.replaceAll(/\s+#.*$|\/\*\*.*?\*\//gm, '');
/** Rows of each table, in their order. */
const tables = (text: string) =>
  (prose(text).match(/(?:^\|.*\n)+/gm) ?? []).map((table) => table.trim().split('\n').length);
const pictures = (text: string) => [...text.matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map(([, path]) => path);

it('both READMEs have the same chapters', () => {
  expect(levels(ENGLISH).length).toBeGreaterThan(10);
  expect(levels(JAPANESE)).toEqual(levels(ENGLISH));
});

it('both have the same blocks, with the same commands and the same code', () => {
  expect(blocks(ENGLISH).length).toBeGreaterThan(6);
  expect(blocks(JAPANESE).map(({ info }) => info)).toEqual(blocks(ENGLISH).map(({ info }) => info));
  expect(blocks(JAPANESE).map(bare)).toEqual(blocks(ENGLISH).map(bare));
});

it('both have the same tables, row for row, and the same pictures', () => {
  expect(tables(ENGLISH).length).toBeGreaterThan(3);
  expect(tables(JAPANESE)).toEqual(tables(ENGLISH));
  expect(pictures(JAPANESE)).toEqual(pictures(ENGLISH));
});

it('what it is stands in three sentences, and long output stands elsewhere', () => {
  const first = (text: string, title: RegExp) => text.replace(title, '').trim().split('\n\n')[0] ?? '';
  expect(first(ENGLISH, /^# .*\n/).match(/[.:] [A-Z]|\.$/g)).toHaveLength(3);
  for (const text of [ENGLISH, JAPANESE])
    for (const { body } of blocks(text)) expect(body.split('\n').length).toBeLessThanOrEqual(32);
});
