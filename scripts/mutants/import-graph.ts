/** Which test files load which source files, and over how many imports. */
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const IMPORT = /(?:from|import)\s*\(?\s*'(\.[^']+)'/g;

export class ImportGraph {
  readonly #root: string;
  readonly #imports = new Map<string, readonly string[]>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Paths from the root that `from` reaches, each with the least number of imports. */
  distances(from: string): ReadonlyMap<string, number> {
    const reached = new Map<string, number>([[from, 0]]);
    let edge = [from];
    for (let distance = 1; edge.length > 0; distance += 1) {
      const next = edge.flatMap((file) => this.#importsOf(file)).filter((file) => !reached.has(file));
      for (const file of next) reached.set(file, distance);
      edge = [...new Set(next)];
    }
    return reached;
  }

  #importsOf(file: string): readonly string[] {
    const known = this.#imports.get(file);
    if (known !== undefined) return known;
    let text = '';
    try {
      text = readFileSync(join(this.#root, file), 'utf8').replaceAll(/import type [^;]*;/g, '');
    } catch {
      // a generated or foreign file: nothing of ours behind it
    }
    const found = [...text.matchAll(IMPORT)].map(([, path = '']) => normalize(join(dirname(file), path)));
    this.#imports.set(file, found);
    return found;
  }
}
