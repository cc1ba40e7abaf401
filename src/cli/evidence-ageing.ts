import { readAlgorithmEnds } from '../config/parts.ts';
import type { EpochMillis } from '../core/brand.ts';
import { type AgeingPeriod, ageingEvidence } from '../verification/evidence/ageing-evidence.ts';
import type { Command } from './command.ts';
import { declareCommand } from './declare-command.ts';
import { instantOption } from './instant-argument.ts';
import { withStore } from './storage-arguments.ts';
import { EVIDENCE_ROLE, STORE_PLACE } from './store-options.ts';

export const evidenceAgeing: Command = declareCommand({
  name: 'evidence ageing',
  about: `Which records lose their proof next: one line a time-stamped period, the first to end first, with how many
records it has, until when it is provable as it stands, by what that ends (the authority's certificate, or an
algorithm under the token), and who made the token. The worker renews what ends within JITSUIN_TSA_RENEW_DAYS. No
record is opened.`,
  options: {
    role: EVIDENCE_ROLE,
    before: {
      type: 'string',
      value: 'TIME',
      means: 'only what ends before this time, for example 2031-01-01T00:00:00Z (default: all)',
    },
    'algorithm-ends': {
      type: 'string',
      value: 'LIST',
      means: 'as in evidence verify (default: JITSUIN_ALGORITHM_ENDS, by which the worker renews)',
    },
    json: { type: 'boolean', means: 'print one JSON list' },
  },
  more: STORE_PLACE,
  async run(values, _operands, io) {
    const before =
      values.before === undefined ? (Number.MAX_SAFE_INTEGER as EpochMillis) : instantOption(values.before);
    const ends = readAlgorithmEnds(values['algorithm-ends'] ?? io.env['JITSUIN_ALGORITHM_ENDS']);
    const periods = await withStore(io, values.role, ({ archive }) => ageingEvidence(archive, ends, before));
    io.stdout(values.json ? `${JSON.stringify(periods.map(asJson))}\n` : periods.map(line).join(''));
    return 0;
  },
});

function asJson({ provableUntil, endsBy, ...rest }: AgeingPeriod) {
  return { ...rest, provable_until: new Date(provableUntil).toISOString(), ends_by: endsBy };
}

function line({ period, records, provableUntil, endsBy, authority, tree, algorithms }: AgeingPeriod): string {
  const until = new Date(provableUntil).toISOString();
  return (
    `${until}  period ${period}  ${records} records  ends by ${endsBy}  tree ${tree}  on ` +
    `${algorithms.join(' ')}  ${authority}\n`
  );
}
