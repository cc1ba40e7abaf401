import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { ALARMING_EVENTS, type AlarmingEvent } from '../../core/alarms.ts';
import type { RequestObserver } from '../../ports/request-observer.ts';

const SECONDS = [0.005, 0.02, 0.1, 0.5, 2, 10, 60, 600, 3600];

/**
 * The metrics of one process. Every label is of a closed set (states, event names, codes, route patterns), so that
 * nothing of a person, a tenant or a document can stand in one.
 */
export interface Metrics extends RequestObserver {
  readonly registry: Registry;
  step(event: string, seconds: number | undefined): void;
  /** A verdict, by its word of `core/outcomes.ts`. */
  outcome(word: string): void;
  failure(code: string, row: string | undefined): void;
  job(name: string, outcome: string, seconds: number): void;
  webhook(outcome: string): void;
  alarm(event: AlarmingEvent): void;
  /** A gauge that is asked when metrics are read. A question that fails leaves it out. */
  ask(
    name: string,
    help: string,
    label: string,
    question: () => Promise<Readonly<Record<string, number>>>,
  ): void;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Histogram({
    name: 'jitsuin_http_request_seconds',
    help: 'Finished requests',
    buckets: SECONDS,
    registers,
    labelNames: ['method', 'route', 'status'] as const,
  });
  const steps = new Histogram({
    name: 'jitsuin_step_seconds',
    help: 'Time in a state before a step',
    buckets: SECONDS,
    registers,
    labelNames: ['event'] as const,
  });
  const outcomes = new Counter({
    name: 'jitsuin_outcomes_total',
    help: 'Verdicts, by what they come to',
    registers,
    labelNames: ['outcome'] as const,
  });
  const failures = new Counter({
    name: 'jitsuin_failures_total',
    help: 'Steps and runs of jobs that failed, by code and row of the guideline',
    registers,
    labelNames: ['code', 'row'] as const,
  });
  const jobs = new Histogram({
    name: 'jitsuin_job_seconds',
    help: 'Runs of jobs',
    buckets: SECONDS,
    registers,
    labelNames: ['name', 'outcome'] as const,
  });
  const webhooks = new Counter({
    name: 'jitsuin_webhook_attempts_total',
    help: 'Attempts to deliver webhooks',
    registers,
    labelNames: ['outcome'] as const,
  });
  const alarms = new Counter({
    name: 'jitsuin_alarming_events_total',
    help: 'What somebody must look at, by the event in the log',
    registers,
    labelNames: ['event'] as const,
  });
  // an increase is seen from nought alone
  for (const event of Object.keys(ALARMING_EVENTS)) alarms.inc({ event }, 0);
  return {
    registry,
    finished: ({ method, route, status, seconds }) =>
      requests.observe({ method, route, status: String(status) }, seconds),
    outcome: (word) => outcomes.inc({ outcome: word }),
    step: (event, seconds) => steps.observe({ event }, seconds ?? 0),
    failure: (code, row) => failures.inc({ code, row: row ?? 'none' }),
    job: (name, outcome, seconds) => jobs.observe({ name, outcome }, seconds),
    webhook: (outcome) => webhooks.inc({ outcome }),
    alarm: (event) => alarms.inc({ event }),
    ask: (name, help, label, question) => {
      // two parts of a role in one process ask the same of the same store
      if (registry.getSingleMetric(name) === undefined) askedGauge(registry, { name, help, label }, question);
    },
  };
}

function askedGauge(
  registry: Registry,
  { name, help, label }: { readonly name: string; readonly help: string; readonly label: string },
  question: () => Promise<Readonly<Record<string, number>>>,
): Gauge {
  return new Gauge({
    name,
    help,
    labelNames: [label],
    registers: [registry],
    async collect() {
      this.reset();
      const answers = await question().catch(() => ({}));
      for (const [value, number] of Object.entries(answers)) this.set({ [label]: value }, number);
    },
  });
}
