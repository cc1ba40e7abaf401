import { createSpClient, each } from '../../client/index.ts';
import { type ApplicationView, applicationStateSchema } from '../../contracts/public-api.ts';
import { defined } from '../../core/defined.ts';
import { type OutcomeWord, outcomeOfApplication } from '../../core/outcomes.ts';
import { archiveLine, headerLine } from '../archive/archive-lines.ts';
import type { Command } from '../command.ts';
import { declareCommand } from '../declare-command.ts';
import { ACCESS_OPTIONS, accessOf } from './access.ts';

const COLUMNS = [
  'id',
  'state',
  'external_id',
  'name',
  'indication',
  'created_at',
  'expires_at',
  'problem',
  'sub_indication',
  'outcome',
] as const;

export const applicationsList: Command = declareCommand({
  name: 'applications list',
  about:
    'Lists the applications of a tenant at a running sp or gov, newest first, as CSV or as one JSON object a line.',
  options: {
    ...ACCESS_OPTIONS,
    state: {
      type: 'string',
      oneOf: applicationStateSchema.options,
      value: 'STATE',
      means: 'only those in this state',
    },
    json: { type: 'boolean', means: 'one JSON object a line, as the API has it' },
  },
  async run(values, _operands, io) {
    const client = createSpClient(accessOf(values, io));
    const { state, json } = values;
    if (!json) io.stdout(headerLine(COLUMNS));
    const query = state === undefined ? { limit: 100 } : { limit: 100, state };
    for await (const one of each(client.listApplications, query)) {
      if (io.signal.aborted) return 3;
      const { verdict, failure, ...members } = one;
      const row = {
        ...members,
        indication: verdict?.indication ?? '',
        problem: failure?.code ?? '',
        sub_indication: verdict?.sub_indication ?? '',
        outcome: outcomeOf(one),
      };
      io.stdout(json ? `${JSON.stringify(one)}\n` : archiveLine(row, COLUMNS, 'csv'));
      await io.drained?.();
    }
    return 0;
  },
});

function outcomeOf({ state, verdict, failure }: ApplicationView): OutcomeWord {
  const { indication, sub_indication: subIndication } = verdict ?? {};
  return outcomeOfApplication(
    defined({
      state,
      failure,
      verdict: indication === undefined ? undefined : defined({ indication, subIndication }),
    }),
  );
}
