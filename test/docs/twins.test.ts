import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { blocksOf, documents, root } from './support/blocks.ts';

const read = (file: string) => readFileSync(join(root, file), 'utf8');
const isGenerated = (file: string) => read(file).startsWith('<!-- Generated');
const GUIDES = documents().filter((file) => /^samples\/guides\/[a-z-]+\.md$/.test(file));
const TWINS = documents()
  .filter((file) => file.startsWith('samples/') && file.endsWith('.ja.md') && !isGenerated(file))
  .map((file) => [file.replace(/\.ja\.md$/, '.md'), file] as const);
/** Guides that are written in both languages, or in Japanese for Japanese auditors. */
const OF_BOTH_LANGUAGES = [
  'samples/guides/alarms.md',
  'samples/guides/demo-output.md',
  'samples/guides/key-ceremony.md',
];

const prose = (text: string) => text.replaceAll(/^ *```[^\n]*\n[\s\S]*?^ *```$/gm, '');
const levels = (text: string) => (prose(text).match(/^#+(?= )/gm) ?? []).map(({ length }) => length);
const tables = (text: string) =>
  (prose(text).match(/(?:^\|.*\n)+/gm) ?? []).map((table) => table.trim().split('\n').length);
const items = (text: string) => (prose(text).match(/^ *(?:[-*]|\d+\.) /gm) ?? []).map((one) => one.trim());
/** Commands and code without what is said beside them. */
const code = (file: string) =>
  blocksOf(file).map(({ language, mark, text }) => [language, mark, text.replaceAll(/\s+#.*$/gm, '')]);
/** Names that are the same in every language. */
const names = (text: string) =>
  [...new Set(prose(text).match(/JITSUIN_[A-Z0-9_]+|--[a-z][a-z-]+|\b\/v1\/[a-z-]+/g))].sort();

describe('a guide and its Japanese twin', () => {
  it('every guide has one, or both languages in itself', () => {
    const missing = GUIDES.filter((file) => !TWINS.some(([english]) => english === file))
      .filter((file) => !isGenerated(file))
      .filter((file) => !OF_BOTH_LANGUAGES.includes(file));
    expect(missing).toEqual([]);
  });

  it.each(TWINS)('%s: the same chapters, lists, tables, code and names', (english, japanese) => {
    const [en, ja] = [read(english), read(japanese)];
    expect(ja).toMatch(/[\u3041-\u30ff]/);
    expect(levels(ja)).toEqual(levels(en));
    expect(items(ja)).toEqual(items(en));
    expect(tables(ja)).toEqual(tables(en));
    expect(code(japanese)).toEqual(code(english));
    expect(names(ja)).toEqual(names(en));
    expect(en).toContain(`[日本語](${japanese.split('/').at(-1)})`);
    expect(ja).toContain(`[English](${english.split('/').at(-1)})`);
  });
});
