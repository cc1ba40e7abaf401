import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What lies in the folder of a role that has worked: its store, or keys that were made for it. */
const TRACES =
  /\.sqlite3$|(?:^|\.)seal-key\.json$|(?:^|\.)subject-key$|\.keystore\.json$|\.receipt-key\.json$/;

/**
 * Folders beside a data folder that is not there yet in which such a role has worked already: whoever starts it
 * anew there has most likely written another path, or stands in another folder, than before.
 */
export function worldsBeside(dataDir: string, role: string, envFile?: string): readonly string[] {
  if (existsSync(dataDir)) return [];
  const parents = new Set([dirname(dataDir), ...(envFile === undefined ? [] : [dirname(envFile)])]);
  const near = [...parents].flatMap((parent) => [parent, ...foldersIn(parent)]);
  const inside = near.flatMap((folder) => [folder, join(folder, role), join(folder, 'data')]);
  return [...new Set(inside)].filter(hasTraces);
}

function foldersIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules')
      .map((entry) => join(folder, entry.name));
  } catch {
    return [];
  }
}

function hasTraces(folder: string): boolean {
  try {
    return readdirSync(folder).some((name) => TRACES.test(name));
  } catch {
    return false;
  }
}
