import type { OptionDeclarations } from './declare-command.ts';

export const JSON_OPTION = { type: 'boolean', means: 'print JSON' } as const;

/** The options of every command over a store. */
export const STORE_OPTIONS = {
  role: {
    type: 'string',
    oneOf: ['sp', 'gov', 'pf'],
    needed: true,
    whose: true,
    means: 'whose store: each role has a file or a schema of its own',
  },
  json: JSON_OPTION,
} as const satisfies OptionDeclarations;

/** Of those who keep evidence. */
export const EVIDENCE_ROLE = {
  type: 'string',
  oneOf: ['pf', 'gov'],
  default: 'pf',
  whose: true,
  means: 'whose store; nobody else keeps evidence',
} as const;

/** Where that store is. */
export const STORE_PLACE = `The store is PostgreSQL at DATABASE_URL (schema JITSUIN_DATABASE_SCHEMA, default
jitsuin_<role>), else the SQLite file of the role in JITSUIN_DATA_DIR (default: ./data).`;

/** The same where what is sealed is opened. */
export const OPENED_STORE_PLACE = `${STORE_PLACE}
It is opened with JITSUIN_SEAL_KEY_FILE (and JITSUIN_SEAL_KMS_MODULE).`;
