import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { PRESETS } from '../../config/presets.ts';
import { DAY_MILLIS, MINUTE_MILLIS } from '../../core/spans.ts';
import { UsageError } from '../command.ts';

const MOST_MINUTES = DAY_MILLIS / MINUTE_MILLIS;
const MOST_PER_SECOND = 100;
const MOST_APPLICATIONS = 100_000;
const LONGEST_PATIENCE = 3_600;

const minutes = () => z.number().min(0).max(MOST_MINUTES);
const share = () => z.number().min(0).max(1);

/** How an endpoint of the simulated service answers in an outage. */
const OUTAGE_KINDS = ['maintenance', 'rate-limit', 'html-error', 'cut'] as const;

const planSchema = z
  .strictObject({
    $schema: z.string().optional(),
    about: z.string().optional(),
    target: z
      .strictObject({
        url: z.url().describe('where the sp or gov is'),
        key_file: z
          .string()
          .min(1)
          .describe('holds an API key with the scopes read and write; beside the plan'),
        service: z.url().describe('the simulator that the deployment uses in the place of the service'),
        hosts: z.array(z.string().min(1)).max(20).default([]).describe('your own hosts, beside the loopback'),
        pf: z
          .strictObject({ listen: z.number().int().min(1).max(65_535), to: z.url() })
          .optional()
          .describe(
            'JITSUIN_PF_URL of the sp is the port, here, where the rehearsal listens; behind it is pf',
          ),
      })
      .optional()
      .describe('absent: a simulated world of its own, made for the rehearsal'),
    minutes: z.number().gt(0).max(MOST_MINUTES).describe('how long applications come'),
    times_faster: z
      .number()
      .min(1)
      .max(600)
      .default(1)
      .describe('each minute of the plan lasts so much less'),
    curve: z
      .array(z.strictObject({ minute: minutes(), per_second: z.number().min(0).max(MOST_PER_SECOND) }))
      .min(1)
      .describe('applications a second, on a straight line from each point to the next'),
    octets: z.number().int().min(0).max(5_000_000).default(2_000).describe('of a document'),
    outages: z
      .array(
        z.strictObject({
          of: z.enum(['service', 'pf']),
          from: minutes(),
          minutes: z.number().gt(0).max(MOST_MINUTES),
          answers: z.enum(OUTAGE_KINDS).default('maintenance').describe('of the service; pf is simply away'),
        }),
      )
      .max(50)
      .default([]),
    citizens: z
      .strictObject({
        refuse: share().default(0).describe('part that says no in the app'),
        abandon: share().default(0).describe('part that opens the app and closes it'),
        reload: share().default(0).describe('part that loads the last page twice'),
        thinks_seconds: z
          .tuple([z.number().min(0).max(600), z.number().min(0).max(600)])
          .default([1, 10])
          .describe('in the app, from … to'),
        patience_seconds: z
          .number()
          .min(1)
          .max(LONGEST_PATIENCE)
          .default(900)
          .describe('so long the page is tried again before somebody gives up'),
      })
      .prefault({}),
    late_seconds: z.number().min(1).default(60).describe('from signature to verdict: longer is late'),
    ends_within_seconds: z
      .number()
      .min(1)
      .max(LONGEST_PATIENCE)
      .default(900)
      .describe('after the last one came, everything must have ended'),
    allow: z
      .strictObject({ late: share().default(0), turned_away: share().default(0) })
      .prefault({})
      .describe('parts that are no failure of the rehearsal; nothing may be lost'),
  })
  .describe('jitsuin rehearse');

export type RehearsalPlan = z.infer<typeof planSchema>;

export function planJsonSchema(): unknown {
  return z.toJSONSchema(planSchema, { io: 'input' });
}

/** @throws UsageError that names file and member, or the address that it must not touch */
export function readRehearsal(file: string): RehearsalPlan {
  const parsed = planSchema.safeParse(jsonOf(file));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UsageError(
      `${file}: "${issue?.path.join('.') ?? ''}" in the plan: ${issue?.message ?? 'not acceptable'}.`,
    );
  }
  const plan = parsed.data;
  expectInOrder(file, plan);
  if (plan.target === undefined) return plan;
  for (const url of [plan.target.url, plan.target.service, plan.target.pf?.to])
    if (url !== undefined) expectOwn(url, plan.target.hosts);
  return { ...plan, target: { ...plan.target, key_file: resolve(dirname(file), plan.target.key_file) } };
}

function expectInOrder(file: string, { curve, citizens, outages, target, ...plan }: RehearsalPlan): void {
  const refuse = (what: string) => new UsageError(`${file}: ${what}`);
  if (curve.some(({ minute }, n) => minute < (curve[n - 1]?.minute ?? 0)))
    throw refuse('the minutes of "curve" must not go back.');
  if (citizens.refuse + citizens.abandon > 1) throw refuse('"refuse" and "abandon" are more than all.');
  const [least, most] = citizens.thinks_seconds;
  if (least > most) throw refuse('"thinks_seconds" is from the least to the most.');
  if (target !== undefined && target.pf === undefined && outages.some(({ of }) => of === 'pf'))
    throw refuse('an outage of pf needs "pf" in "target": the port through which the sp reaches it.');
  const all = arrivalsOf({ curve, ...plan }).length;
  if (all === 0) throw refuse('nobody comes by this "curve".');
  if (all > MOST_APPLICATIONS)
    throw refuse(`${all} applications; a rehearsal has ${MOST_APPLICATIONS} at most.`);
}

/** The real service's, whatever a plan calls its own. */
const REAL = Object.values(PRESETS).map(({ host }) => host);

/** @throws UsageError unless the address is this machine's, or on a host that the plan calls its own */
export function expectOwn(url: string, hosts: readonly string[]): void {
  const { hostname, protocol } = new URL(url);
  const name = hostname.toLowerCase().replace(/\.+$/, '');
  if (REAL.some((host) => name === host || name.endsWith(`.${host}`)) || /(^|\.)go\.jp$/.test(name))
    throw new UsageError(`${name} is a real service of the state: a rehearsal never goes there.`);
  if (!/^https?:$/.test(protocol)) throw new UsageError(`${protocol} is neither http nor https.`);
  if (name === 'localhost' || name === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(name)) return;
  if (!hosts.includes(name))
    throw new UsageError(`${name} is neither this machine nor in "hosts" of the plan's "target".`);
}

/** When each application comes: milliseconds of the plan's time, as the curve says. */
export function arrivalsOf({
  curve,
  minutes: all,
}: Pick<RehearsalPlan, 'curve' | 'minutes'>): readonly number[] {
  const arrivals: number[] = [];
  let due = 0;
  for (let second = 0; second < all * 60 && arrivals.length <= MOST_APPLICATIONS; second += 1) {
    const rate = rateAt(curve, (second + 0.5) / 60);
    const part = Math.min(1, all * 60 - second);
    const before = due;
    due += rate * part;
    for (let n = Math.floor(before) + 1; n <= due; n += 1)
      arrivals.push((second + ((n - before) / (due - before)) * part) * 1_000);
  }
  return arrivals;
}

function rateAt(curve: RehearsalPlan['curve'], minute: number): number {
  const after = curve.findIndex((point) => point.minute > minute);
  if (after === 0) return 0;
  const from = curve[after < 0 ? curve.length - 1 : after - 1];
  const to = after < 0 ? undefined : curve[after];
  if (from === undefined) return 0;
  if (to === undefined) return from.per_second;
  const part = (minute - from.minute) / (to.minute - from.minute);
  return from.per_second + part * (to.per_second - from.per_second);
}

export function peakOf({ curve }: Pick<RehearsalPlan, 'curve'>): number {
  return Math.max(...curve.map(({ per_second }) => per_second));
}

function jsonOf(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    if (cause instanceof SyntaxError)
      throw new UsageError(`${file}: the plan is no JSON (${cause.message}).`);
    throw cause;
  }
}
