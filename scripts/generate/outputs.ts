import { commandsPage } from './commands.ts';
import { configurationPage } from './configuration.ts';
import { errorCatalogue } from './error-catalogue.ts';
import { goClient } from './go-client.ts';
import { measuredCosts } from './measured-costs.ts';
import { pythonClient } from './python-client.ts';
import { shippedForms } from './shipped-forms.ts';
import { shippedPolicies } from './shipped-policies.ts';
import { problemCodes, typescriptClient } from './typescript-client.ts';

/** Every generated file of the project → what makes its text. A test compares the files with these. */
export const OUTPUTS: Readonly<Record<string, () => Promise<string>>> = {
  'src/cli/capacity/measured.ts': measuredCosts,
  'src/core/forms/shipped.ts': shippedForms,
  'src/client/generated/sp.ts': () => typescriptClient('sp'),
  'src/client/generated/gov.ts': () => typescriptClient('gov'),
  'src/client/generated/pf.ts': () => typescriptClient('pf'),
  'src/client/generated/problem-codes.ts': problemCodes,
  'samples/python/jitsuin_api.py': pythonClient,
  'samples/go/jitsuin/api.go': goClient,
  'samples/guides/errors.md': () => errorCatalogue('en'),
  'samples/guides/errors.ja.md': () => errorCatalogue('ja'),
  'samples/guides/commands.md': () => commandsPage('en'),
  'samples/guides/commands.ja.md': () => commandsPage('ja'),
  'src/verifier/policy/shipped-files.ts': shippedPolicies,
  'samples/CONFIGURATION.md': () => configurationPage('en'),
  'samples/CONFIGURATION.ja.md': () => configurationPage('ja'),
};
