import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** From `src/web/demo` and from `dist/src/web/demo`. */
const FOLDERS = ['../../../samples/applications', '../../../../samples/applications'].map((path) =>
  join(import.meta.dirname, path),
);

/** The simulated applications that come with this software, by file name; read once. */
export function sampleDocuments(): ReadonlyMap<string, Uint8Array> {
  const folder = FOLDERS.find((path) => existsSync(path));
  if (folder === undefined) return new Map();
  const names = readdirSync(folder).filter((name) => name.endsWith('.xml'));
  return new Map(names.sort().map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]));
}
