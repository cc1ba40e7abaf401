import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** From `src/web/demo`, from `dist/src/web/demo`, and from a role's own program (`dist/sp/src/web/demo`). */
const FOLDERS = ['../../..', '../../../..', '../../../../..'].map((root) =>
  join(import.meta.dirname, root, 'samples/applications'),
);

/** The simulated applications that come with this software, by file name; read once. */
export function sampleDocuments(): ReadonlyMap<string, Uint8Array> {
  const folder = FOLDERS.find((path) => existsSync(path));
  if (folder === undefined) return new Map();
  const names = readdirSync(folder).filter((name) => name.endsWith('.xml'));
  return new Map(names.sort().map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]));
}
