import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../../..');

/** A fenced block of a document. */
export interface Block {
  readonly file: string;
  readonly line: number;
  readonly language: string;
  /** The rest of the opening line: `run=NAME`, `shown`. */
  readonly mark: string;
  readonly text: string;
}

/** Every document that people read: READMEs, guides, decisions. */
export function documents(): readonly string[] {
  const below = (folder: string) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name));
  return ['README.md', 'README.ja.md', ...below('samples'), ...below('src')].sort();
}

/** The fenced blocks of a document, without the indentation of a list that they stand in. */
export function blocksOf(file: string): readonly Block[] {
  const text = readFileSync(join(root, file), 'utf8');
  const fence = /^( *)```(\w+) *([^\n]*)\n([\s\S]*?)^\1```$/gm;
  return [...text.matchAll(fence)].map(
    ({ index, 1: indent = '', 2: language = '', 3: mark = '', 4: body = '' }) => ({
      ...{ file, language, mark },
      line: text.slice(0, index).split('\n').length,
      text: body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  );
}

/** Of every document for users; those beside the source speak of its inside. */
export function allBlocks(language: string): readonly Block[] {
  return documents()
    .filter((file) => !file.startsWith('src/'))
    .flatMap(blocksOf)
    .filter((block) => block.language === language);
}
