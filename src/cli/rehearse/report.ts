import { type Capacity, capacityFor } from '../capacity/estimate.ts';
import { MEASURED } from '../capacity/measured.ts';
import type { Fate } from './citizen.ts';
import { peakOf, type RehearsalPlan } from './plan.ts';

interface Seen {
  readonly of: string;
  /** Milliseconds of the machine's clock. */
  readonly from: number;
  readonly to: number;
}

export interface RehearsalReport {
  readonly about?: string | undefined;
  readonly came: number;
  readonly submitted: number;
  readonly signed: number;
  readonly decided: number;
  readonly refused: number;
  readonly abandoned: number;
  readonly signed_anew: number;
  readonly lost: readonly {
    readonly id: string;
    readonly state: string;
    readonly indication?: string | undefined;
  }[];
  readonly late: number;
  readonly turned_away: { readonly submission: number; readonly page: number };
  /** Answers that asked to come again, by what asked. */
  readonly asked_to_wait: Readonly<Record<string, number>>;
  /** From signature to verdict. */
  readonly seconds: {
    readonly p50: number;
    readonly p95: number;
    readonly p99: number;
    readonly most: number;
  };
  readonly outages: readonly {
    readonly of: string;
    readonly seconds: number;
    readonly signed_before_its_end: number;
    /** After its end, until all that was signed before had its verdict. */
    readonly worked_off_seconds: number;
  }[];
  readonly add: readonly string[];
  readonly passed: boolean;
}

/** What a rehearsal shows. Nothing may be open at its end: that is lost, too. */
export function reportOf(
  plan: RehearsalPlan,
  fates: readonly Fate[],
  outages: readonly Seen[],
): RehearsalReport {
  const ended = (...ends: readonly Fate['end'][]) => fates.filter(({ end }) => ends.includes(end));
  const lost = ended('lost', 'open', undefined);
  const times = fates
    .flatMap(({ signed, decided }) =>
      signed === undefined || decided === undefined ? [] : [decided - signed],
    )
    .sort((a, b) => a - b);
  const late = times.filter((time) => time > plan.late_seconds * 1_000).length;
  const turned = {
    submission: ended('turned-away-submission').length,
    page: ended('turned-away-page').length,
  };
  const away = turned.submission + turned.page;
  const at = (part: number) =>
    seconds(times[Math.min(times.length - 1, Math.ceil(times.length * part) - 1)] ?? 0);
  const waits = waitsOf(fates);
  return {
    about: plan.about,
    came: fates.length,
    submitted: fates.filter(({ id }) => id !== undefined).length,
    signed: fates.filter(({ signed, meant }) => signed !== undefined && meant === 'sign').length,
    decided: ended('decided').length,
    refused: ended('refused').length,
    abandoned: ended('abandoned').length,
    signed_anew: fates.reduce((sum, { again }) => sum + again, 0),
    lost: lost.map(({ id = '', state = 'not submitted', indication }) => ({ id, state, indication })),
    late,
    turned_away: turned,
    asked_to_wait: waits,
    seconds: { p50: at(0.5), p95: at(0.95), p99: at(0.99), most: at(1) },
    outages: outages.map((one) => workedOff(one, fates)),
    add: whatToAdd(plan, { waits, late: lateOutside(plan, fates, outages), turned, lost: lost.length }),
    passed:
      lost.length === 0 &&
      late <= plan.allow.late * fates.length &&
      away <= plan.allow.turned_away * fates.length,
  };
}

function workedOff({ of, from, to }: Seen, fates: readonly Fate[]): RehearsalReport['outages'][number] {
  const before = fates.filter(
    ({ signed, meant }) => meant === 'sign' && signed !== undefined && signed <= to,
  );
  const last = Math.max(to, ...before.map(({ decided }) => decided ?? to));
  return {
    of,
    seconds: seconds(to - from),
    signed_before_its_end: before.filter(({ signed = 0 }) => signed >= from).length,
    worked_off_seconds: seconds(last - to),
  };
}

/** Late although no outage was in between: this is what more machines heal. */
function lateOutside(plan: RehearsalPlan, fates: readonly Fate[], outages: readonly Seen[]): number {
  return fates.filter(
    ({ signed, decided }) =>
      signed !== undefined &&
      decided !== undefined &&
      decided - signed > plan.late_seconds * 1_000 &&
      !outages.some(({ from, to }) => signed < to && decided > from),
  ).length;
}

function waitsOf(fates: readonly Fate[]): Readonly<Record<string, number>> {
  const all: Record<string, number> = {};
  for (const { waits } of fates)
    for (const [what, times] of Object.entries(waits)) all[what] = (all[what] ?? 0) + times;
  return all;
}

interface Troubles {
  readonly waits: Readonly<Record<string, number>>;
  readonly late: number;
  readonly turned: RehearsalReport['turned_away'];
  readonly lost: number;
}

function whatToAdd(plan: RehearsalPlan, { waits, late, turned, lost }: Troubles): readonly string[] {
  const needs = capacityFor(MEASURED.postgres, {
    peak: peakOf(plan) * plan.times_faster,
    month: 1,
    octets: plan.octets,
    store: 'postgres',
    busy: 0.6,
    least: 1,
    kept: 1,
  });
  const add: string[] = [];
  if (lost > 0) add.push('Something was lost, and no machine heals that: look for the ids in log and audit.');
  if ((waits['submission 429'] ?? 0) > 0)
    add.push(
      `The tenant's own limit turned ${waits['submission 429']} submissions back: raise JITSUIN_TENANT_RATE.`,
    );
  if (turned.page > 0 || (waits['waiting room'] ?? 0) > 0)
    add.push(
      `Citizens waited for the service's rate: this peak needs JITSUIN_SERVICE_RATE=${needs.service.rate}, ` +
        'if the service agrees to it.',
    );
  if (late > 0)
    add.push(`${late} were late without an outage: ${processesOf(needs)}, by what this build costs.`);
  return add;
}

function processesOf({ processes }: Capacity): string {
  return processes.map((one) => `${one.processes} × ${one.name}`).join(', ');
}

function seconds(millis: number): number {
  return Math.round(millis / 100) / 10;
}

export function reportText(report: RehearsalReport): string {
  const { turned_away: turned, asked_to_wait: waits, seconds: took } = report;
  const rows: readonly (readonly [string, string | number])[] = [
    ['applications', `${report.came} came, ${report.submitted} submitted, ${report.signed} signed`],
    ['decided', report.decided],
    ['refused, abandoned', `${report.refused}, ${report.abandoned}`],
    ['signed anew', report.signed_anew],
    ['LOST', report.lost.length],
    ['late', report.late],
    ['turned away', `${turned.submission} submissions, ${turned.page} citizens`],
    [
      'asked to wait',
      Object.entries(waits)
        .map(([what, times]) => `${what}: ${times}`)
        .join(', ') || 'nobody',
    ],
    ['signature → verdict', `p50 ${took.p50} s, p95 ${took.p95} s, p99 ${took.p99} s, most ${took.most} s`],
    ...report.outages.map(
      (one) =>
        [
          `outage of ${one.of}`,
          `${one.seconds} s, ${one.signed_before_its_end} signed in it, worked off ${one.worked_off_seconds} s after`,
        ] as const,
    ),
    ['to add', report.add.length === 0 ? 'nothing' : report.add.join('\n                       ')],
    ['passed', report.passed ? 'yes' : 'no'],
  ];
  const lost = report.lost.map(({ id, state }) => `lost: ${id} ${state}\n`);
  return `${rows.map(([name, value]) => `${name.padEnd(22)} ${value}\n`).join('')}${lost.join('')}`;
}
