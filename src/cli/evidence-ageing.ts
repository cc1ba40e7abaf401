import { parseArgs } from 'node:util';
import { readAlgorithmEnds } from '../config/parts.ts';
import type { EpochMillis } from '../core/brand.ts';
import { type AgeingPeriod, ageingEvidence } from '../verification/evidence/ageing-evidence.ts';
import { type Command, UsageError } from './command.ts';
import { instantOption } from './instant-argument.ts';
import { withStore } from './storage-arguments.ts';

export const evidenceAgeing: Command = {
  name: 'evidence ageing',
  usage: `Usage: jitsuin evidence ageing [--role pf|gov] [--before TIME] [--algorithm-ends LIST] [--json]

Which records lose their proof next: one line a time-stamped period, the first to end first, with how many records it has, until when
it is provable as it stands, by what that ends (the authority's certificate, or an algorithm under the token), and who made the token.
The worker renews what ends within JITSUIN_TSA_RENEW_DAYS. No record is opened.

  --role pf|gov          whose store (default: pf)
  --before TIME          only what ends before this time, for example 2031-01-01T00:00:00Z (default: all)
  --algorithm-ends LIST  as in evidence verify
  --json                 print one JSON list

The store is PostgreSQL at DATABASE_URL, else the SQLite file of the role in JITSUIN_DATA_DIR (default: ./data).`,
  async run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        role: { type: 'string', default: 'pf' },
        before: { type: 'string' },
        'algorithm-ends': { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    if (values.role !== 'pf' && values.role !== 'gov')
      throw new UsageError(`--role must be pf or gov, not "${values.role}": nobody else keeps evidence.`);
    const before =
      values.before === undefined ? (Number.MAX_SAFE_INTEGER as EpochMillis) : instantOption(values.before);
    const ends = readAlgorithmEnds(values['algorithm-ends']);
    const periods = await withStore(io, values.role, 'require', ({ archive }) =>
      ageingEvidence(archive, ends, before),
    );
    io.stdout(values.json ? `${JSON.stringify(periods.map(asJson))}\n` : periods.map(line).join(''));
    return 0;
  },
};

function asJson({ provableUntil, endsBy, ...rest }: AgeingPeriod) {
  return { ...rest, provable_until: new Date(provableUntil).toISOString(), ends_by: endsBy };
}

function line({ period, records, provableUntil, endsBy, authority, tree, algorithms }: AgeingPeriod): string {
  const until = new Date(provableUntil).toISOString();
  return `${until}  period ${period}  ${records} records  ends by ${endsBy}  tree ${tree}  on ${algorithms.join(' ')}  ${authority}\n`;
}
