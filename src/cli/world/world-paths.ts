import { join } from 'node:path';
import type { WorldRole } from './world-options.ts';

/** Where the files of a world lie that more than one part reads. */
export interface WorldPaths {
  readonly envFile: (role: WorldRole) => string;
  readonly trustFile: (role: 'gov' | 'pf') => string;
  readonly tsaTrustFile: (role: 'gov' | 'pf') => string;
  /** For those who call the roles and verify: API keys in clear, trust anchors. */
  readonly callers: string;
  /** Every copy of the trust anchors' folder. */
  readonly trustFolders: readonly string[];
}

/**
 * `together`: one folder, as one person's machine has it. `apart`: each role's folder holds all that it needs, so
 * that it can be mounted alone; nothing lies beside the folders.
 */
export function worldPaths(dir: string, layout: 'together' | 'apart'): WorldPaths {
  const own = (role: string) => (layout === 'apart' ? join(dir, role) : dir);
  const callers = own('callers');
  return {
    envFile: (role) => join(own(role), `${role}.env`),
    trustFile: (role) => join(own(role), 'trust-anchors.pem'),
    tsaTrustFile: (role) => join(own(role), 'tsa-trust-anchors.pem'),
    callers,
    trustFolders: [...new Set([own('gov'), own('pf'), callers])],
  };
}
