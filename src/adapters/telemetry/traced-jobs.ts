import {
  type Context,
  context,
  ProxyTracerProvider,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { asJitsuinError } from '../../core/errors.ts';
import { traceOf } from '../../core/trace.ts';
import type { JobHandler, JobHandlers } from '../../ports/job-queue.ts';
import type { Store } from '../store/open-store.ts';
import { correlationIdOfJob } from '../store/records/job-correlation.ts';

/**
 * The same handlers, each run a span in the trace of the request that brought its record. Without an SDK nothing is
 * looked up.
 */
export function tracedJobs(handlers: JobHandlers, store: Store): JobHandlers {
  const traced = Object.entries(handlers).map(([name, handler]) => [name, tracedJob(name, handler, store)]);
  return Object.fromEntries(traced) as JobHandlers;
}

function tracedJob(name: string, handler: JobHandler, store: Store): JobHandler {
  return async (job) => {
    const tracer = trace.getTracer('jitsuin');
    if (!isTracing()) return handler(job);
    const id = await correlationIdOfJob(store, job.name, job.subject);
    const parent = id === undefined ? context.active() : contextOf(id);
    const attributes = {
      'messaging.destination.name': name,
      'messaging.message.delivery_attempt': job.attempt,
    };
    const span = tracer.startSpan(`job ${name}`, { kind: SpanKind.CONSUMER, attributes }, parent);
    try {
      return await context.with(trace.setSpan(parent, span), () => handler(job));
    } catch (thrown) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      span.setAttribute('error.type', asJitsuinError(thrown).code);
      throw thrown;
    } finally {
      span.end();
    }
  };
}

function contextOf(correlationId: string): Context {
  const spanContext = { ...traceOf(correlationId), traceFlags: TraceFlags.SAMPLED, isRemote: true };
  return trace.setSpanContext(context.active(), spanContext);
}

/** Whether an SDK is installed in this process. */
function isTracing(): boolean {
  const provider = trace.getTracerProvider();
  return !(provider instanceof ProxyTracerProvider) || provider.getDelegateTracer('jitsuin') !== undefined;
}
