// Writes the pictures of both state machines, made from their tables, into src/core/sign-transaction/README.md.
// `npx tsx scripts/state-diagrams.ts`; a test compares the file with the tables.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { stateMachinesDocument } from '../src/core/sign-transaction/diagram.ts';

const file = fileURLToPath(new URL('../src/core/sign-transaction/README.md', import.meta.url));
writeFileSync(file, stateMachinesDocument());
