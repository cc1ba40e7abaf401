import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { documents, root } from './support/blocks.ts';

/** `## Run the parts apart` → `run-the-parts-apart`, as GitHub makes it. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

describe.each(documents())('%s', (file) => {
  const text = readFileSync(join(root, file), 'utf8').replaceAll(/```[\s\S]*?```/g, '');
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);

  it('leads only to files and headings that there are', () => {
    for (const target of targets.filter((each) => !/^[a-z]+:/.test(each))) {
      const [path = '', anchor] = target.split('#');
      const there = path === '' ? join(root, file) : join(root, dirname(file), path);
      expect(existsSync(there), target).toBe(true);
      if (anchor === undefined) continue;
      const headings = [...readFileSync(there, 'utf8').matchAll(/^#+ (.+)$/gm)].map(
        ([, heading = '']) => heading,
      );
      expect(headings.map(anchorOf), target).toContain(anchor);
    }
  });
});
