import { problemCodes, typescriptClient } from './typescript-client.ts';

/** Every generated file of the project → what makes its text. A test compares the files with these. */
export const OUTPUTS: Readonly<Record<string, () => Promise<string>>> = {
  'src/client/generated/sp.ts': () => typescriptClient('sp'),
  'src/client/generated/gov.ts': () => typescriptClient('gov'),
  'src/client/generated/pf.ts': () => typescriptClient('pf'),
  'src/client/generated/problem-codes.ts': problemCodes,
};
