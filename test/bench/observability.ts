import { EventEmitter } from 'node:events';
import { createWriteStream } from 'node:fs';
import { trace } from '@opentelemetry/api';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { Request, Response } from 'express';
import { createLog, silentLog } from '../../src/adapters/log/pino-log.ts';
import { meteredLog } from '../../src/adapters/telemetry/metered-log.ts';
import { createMetrics } from '../../src/adapters/telemetry/metrics.ts';
import { observeRequests } from '../../src/http/observe.ts';
import type { Log } from '../../src/ports/log.ts';
import type { RequestObserver } from '../../src/ports/request-observer.ts';
import type { Bench } from './bench.ts';
import { measureRounds } from './support/rounds.ts';

const ID = '3f1e5a10-0000-4000-8000-00000000c0de';
const STEP = {
  ...{ application: ID, tenant: 'demo', state: 'opened', durationMillis: 120, correlationId: ID },
} as const;

interface Mode {
  readonly name: string;
  /** Absent: the request is made and ended, and nobody looks. */
  readonly observer?: RequestObserver;
  readonly log: Log;
  readonly sdk: 'none' | 'registered';
}

/**
 * What watching costs, for each request with one step of an application in it: processor time of metrics, of the log line
 * (written to /dev/null), and of spans (OpenTelemetry's own SDK, exporting nowhere), each beside the same without. No sockets
 * and no store, which would hide it.
 */
export const bench: Bench = async ({ rounds, quick }) => {
  const metrics = createMetrics();
  const nowhere = createLog({ role: 'sp', destination: createWriteStream('/dev/null') });
  const modes: readonly Mode[] = [
    { name: 'nobody looks', log: silentLog, sdk: 'none' },
    { name: 'metrics', observer: metrics, log: meteredLog(silentLog, metrics), sdk: 'none' },
    { name: 'metrics and log', observer: metrics, log: meteredLog(nowhere, metrics), sdk: 'none' },
    {
      name: 'metrics, log and spans',
      observer: metrics,
      log: meteredLog(nowhere, metrics),
      sdk: 'registered',
    },
  ];
  const count = quick ? 5_000 : 50_000;
  const subjects = modes.map((mode) => ({ name: mode.name, count, measure: () => measure(mode, count) }));
  const measured = await measureRounds(subjects, rounds);
  const results = measured.map(({ name, perSecond }) => ({
    name,
    nanosPerRequest: Math.round(1e9 / perSecond),
  }));
  for (const { name, nanosPerRequest } of results)
    console.log(`${name.padEnd(24)} ${String(nanosPerRequest).padStart(7)} ns of processor time a request`);
  return { requests: count, results };
};

async function measure({ observer, log, sdk }: Mode, requests: number): Promise<number> {
  if (sdk === 'registered') new NodeTracerProvider({ spanProcessors: [] }).register();
  const look = observer === undefined ? undefined : observeRequests(observer);
  const before = process.cpuUsage();
  for (let n = 0; n < requests; n += 1) {
    const { request, response } = pair();
    if (look === undefined) log.info('application.transaction-opened', STEP);
    else look(request, response, () => log.info('application.transaction-opened', STEP));
    response.emit('close');
    // what a log has to write is written meanwhile, as in a server
    if (n % 500 === 0) await new Promise((next) => setImmediate(next));
  }
  const { user, system } = process.cpuUsage(before);
  trace.disable();
  return (user + system) / 1_000 / requests;
}

function pair(): { readonly request: Request; readonly response: Response } {
  const response = Object.assign(new EventEmitter(), { locals: { correlationId: ID }, statusCode: 201 });
  const request = { method: 'POST', headers: {}, route: { path: '/v1/applications' } };
  return { request: request as unknown as Request, response: response as unknown as Response };
}
