import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { ApiRole } from '../contracts/operations/operation.ts';
import { openApiDocument } from '../http/openapi/document.ts';
import { type Command, UsageError } from './command.ts';

const ROLES: readonly ApiRole[] = ['sp', 'gov', 'pf'];

export const openapi: Command = {
  name: 'openapi',
  usage: `Usage: jitsuin openapi --role sp|gov|pf [--server URL] [--out FILE]

Made from the same contracts that the server judges requests by. A running server has it at /openapi.json, and as a
page at /docs.

  --server URL   where the API is (default: /)
  --out FILE     write there instead of standard output`,
  async run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        role: { type: 'string' },
        server: { type: 'string', default: '/' },
        out: { type: 'string' },
      },
    });
    const role = ROLES.find((known) => known === values.role);
    if (role === undefined) throw new UsageError(`--role must be one of ${ROLES.join(', ')}.`);
    const text = `${JSON.stringify(openApiDocument(role, values.server), undefined, 2)}\n`;
    if (values.out === undefined) io.stdout(text);
    else writeFileSync(values.out, text);
    return 0;
  },
};
