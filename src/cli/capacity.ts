import { type Capacity, capacityFor, type Wish } from './capacity/estimate.ts';
import { MEASURED } from './capacity/measured.ts';
import { type Command, UsageError } from './command.ts';
import { declareCommand } from './declare-command.ts';
import { JSON_OPTION } from './store-options.ts';

export const capacity: Command = declareCommand({
  name: 'capacity',
  about: `How many processes, what of a database, of Redis and of disk, and which rate at the service a number of
applications needs: computed from what an application was measured to cost this build (samples/BENCHMARKS.md), for sp
and pf together. It says where its figures come from and how much room it leaves.`,
  options: {
    peak: { type: 'string', value: 'N/s', needed: true, means: 'applications a second when most come' },
    month: { type: 'string', value: 'N', needed: true, means: 'applications in a month' },
    octets: { type: 'string', value: 'N', default: '10000', means: 'octets of a document' },
    store: { type: 'string', oneOf: ['postgres', 'sqlite'], default: 'postgres', means: 'where it is kept' },
    busy: {
      type: 'string',
      value: 'PERCENT',
      default: '60',
      means: 'how much of a processor may be busy at the peak; the rest is the margin',
    },
    least: { type: 'string', value: 'N', default: '2', means: 'processes of each kind at least' },
    'kept-months': { type: 'string', value: 'N', default: '12', means: 'how long it is kept' },
    slower: {
      type: 'string',
      value: 'FACTOR',
      default: '1',
      means: 'your processor by the measured one: 1.5 takes half as long again',
    },
    json: JSON_OPTION,
  },
  async run(values, _operands, io) {
    const wish: Wish = {
      peak: above('peak', values.peak.replace(/\/s$/, ''), 10_000),
      month: above('month', values.month, 1e10),
      octets: above('octets', values.octets, 10_000_000),
      store: values.store,
      busy: above('busy', values.busy, 100) / 100,
      least: whole('least', values.least, 100),
      kept: whole('kept-months', values['kept-months'], 1_200),
    };
    const slower = above('slower', values.slower, 100);
    const sizes = MEASURED[wish.store];
    const computed = capacityFor(sizes, { ...wish, busy: wish.busy / slower });
    const result: Capacity = { ...computed, wish };
    const sources = {
      machine: MEASURED.machine,
      applications: sizes.map(({ octets, applications }) => ({ octets, applications })),
      slower,
      // at the measured sizes; a test compares
      within: 0.2,
    };
    io.stdout(
      values.json ? `${JSON.stringify({ ...result, sources })}\n` : asText(result, sources.applications),
    );
    return 0;
  },
});

function above(option: string, text: string, most: number): number {
  const value = /^[0-9]+(\.[0-9]+)?$/.test(text) ? Number(text) : 0;
  if (value > 0 && value <= most) return value;
  throw new UsageError(`--${option} must be a number above 0 and at most ${most}, not "${text}".`);
}

function whole(option: string, text: string, most: number): number {
  const value = above(option, text, most);
  if (Number.isInteger(value)) return value;
  throw new UsageError(`--${option} must be a whole number, not "${text}".`);
}

function asText(found: Capacity, measured: readonly { readonly octets: number }[]): string {
  const { wish, processes, database, redis, storage, service } = found;
  const { cpu, node, date } = MEASURED.machine;
  const sizes = measured.map(({ octets }) => `${octets / 1_000} kB`).join(', ');
  const apart =
    wish.store === 'postgres'
      ? [
          `database   ${cores(database.cores)}  ${database.connections} connections (max_connections above that),`,
          `             ${round(database.commits)} commits/s, ${round(database.statements)} statements/s`,
          `Redis      ${round(redis.calls)} calls/s, append-only file on`,
        ]
      : [
          `database   inside the processes, ${cores(database.cores).trim()} of theirs,`,
          `             ${round(database.commits)} commits/s; one machine, one file a role`,
        ];
  const lines = [
    ...processes.map(
      (one) =>
        `${one.name.padEnd(10)} ${cores(one.cores)}  ${String(one.processes).padStart(3)} processes  ` +
        `${mebi(one.memory)} MiB each`,
    ),
    ...apart,
    `disk       ${giga(storage.month)} GB a month, ${giga(storage.kept)} GB in ${wish.kept} months, without backups`,
    `service    ${round(service.calls)} calls/s: JITSUIN_SERVICE_RATE=${service.rate}, if the service agrees to it`,
    `carries    ${round(found.carries)}/s with so many processes, the database and the service allowing`,
  ];
  const size = `${wish.octets / 1_000} kB`;
  return `For ${wish.peak}/s at the peak and ${wish.month} a month, documents of ${size}, ${wish.store}:

${lines.map((line) => `  ${line}\n`).join('')}
Margin: processors at ${Math.round(wish.busy * 100)} % at the peak, at least ${wish.least} processes of a kind.
Source: samples/BENCHMARKS.md of this build (${cpu}, Node ${node}, ${date.slice(0, 10)};
documents of ${sizes}), within 20 % of what was measured there. Other processors: --slower.
Not counted: time-stamps of others, receivers of webhooks, a proxy.
`;
}

function cores(needed: number): string {
  return `${needed.toFixed(2).padStart(6)} cores`;
}

function round(value: number): string {
  return value < 10 ? value.toFixed(1) : String(Math.round(value));
}

function mebi(octets: number): number {
  return Math.ceil(octets / 2 ** 20);
}

function giga(octets: number): string {
  return (octets / 1e9).toFixed(1);
}
