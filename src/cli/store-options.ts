import type { OptionDeclarations } from './declare-command.ts';

/** The options of every command over a store. */
export const STORE_OPTIONS = {
  role: {
    type: 'string',
    value: 'sp|gov|pf',
    needed: true,
    means: 'whose store: each role has a file or a schema of its own',
  },
  json: { type: 'boolean', means: 'print JSON' },
} as const satisfies OptionDeclarations;

/** Where that store is. */
export const STORE_PLACE = `The store is PostgreSQL at DATABASE_URL (schema JITSUIN_DATABASE_SCHEMA, default jitsuin_<role>), else the SQLite file of
the role in JITSUIN_DATA_DIR (default: ./data).`;
