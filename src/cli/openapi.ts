import { writeFileSync } from 'node:fs';
import { openApiDocument } from '../http/openapi/document.ts';
import type { Command } from './command.ts';
import { declareCommand } from './declare-command.ts';

export const openapi: Command = declareCommand({
  name: 'openapi',
  about: `Made from the same contracts that the server judges requests by. A running server has it at /openapi.json, and
as a page at /docs.`,
  options: {
    role: { type: 'string', oneOf: ['sp', 'gov', 'pf'], needed: true, means: 'whose API' },
    server: { type: 'string', value: 'URL', default: '/', means: 'where the API is' },
    out: { type: 'string', value: 'FILE', means: 'write there instead of standard output' },
  },
  async run(values, _operands, io) {
    const text = `${JSON.stringify(openApiDocument(values.role, values.server), undefined, 2)}\n`;
    if (values.out === undefined) io.stdout(text);
    else writeFileSync(values.out, text);
    return 0;
  },
});
