import {
  type Attributes,
  type Context,
  context,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import type { Request, RequestHandler, Response } from 'express';
import { traceOf } from '../core/trace.ts';
import type { RequestObserver } from '../ports/request-observer.ts';
import { correlationIdOf } from './request-context.ts';

/**
 * Every finished request for the metrics, and a span of it where an OpenTelemetry SDK is installed. Names and
 * attributes are method, route pattern and status: never a URL, an id or a value.
 */
export function observeRequests(observer: RequestObserver | undefined): RequestHandler {
  return (request, response, next) => {
    const started = performance.now();
    const startTime = Date.now();
    const span = startSpan(request, response);
    response.once('close', () => {
      const { method } = request;
      const route = routeOf(request);
      const status = response.statusCode;
      observer?.finished({ method, route, status, seconds: (performance.now() - started) / 1000 });
      const facts = {
        name: `${method} ${route}`,
        attributes: {
          'http.request.method': method,
          'http.route': route,
          'http.response.status_code': status,
        },
      };
      const own = { context: span.spanContext() };
      end(span, facts);
      const joined: unknown = response.locals[JOINED];
      if (typeof joined !== 'string') return;
      const options = { kind: SpanKind.SERVER, startTime, links: [own] };
      end(trace.getTracer('jitsuin').startSpan(facts.name, options, contextOf(joined)), facts);
    });
    context.with(trace.setSpan(context.active(), span), next);
  };
}

const JOINED = 'joinedTrace';

/**
 * A citizen's browser brings no trace, and whose application it asks for is found out late: such a request stands
 * in the trace of that application's correlation id as well, with a link to its own.
 */
export function joinTrace({ res }: Request, correlationId: string | undefined): void {
  if (res !== undefined && correlationId !== undefined) res.locals[JOINED] = correlationId;
}

/** What the caller brought goes on where it is the trace of the correlation id; another one is a link. */
function startSpan(request: Request, response: Response): Span {
  const own = contextOf(correlationIdOf(response));
  const carried = propagation.extract(context.active(), request.headers);
  const theirs = trace.getSpanContext(carried);
  const same = theirs !== undefined && theirs.traceId === trace.getSpanContext(own)?.traceId;
  const links = theirs === undefined || same ? [] : [{ context: theirs }];
  return trace
    .getTracer('jitsuin')
    .startSpan('request', { kind: SpanKind.SERVER, links }, same ? carried : own);
}

function contextOf(correlationId: string): Context {
  const spanContext = { ...traceOf(correlationId), traceFlags: TraceFlags.SAMPLED, isRemote: true };
  return trace.setSpanContext(context.active(), spanContext);
}

function end(
  span: Span,
  { name, attributes }: { readonly name: string; readonly attributes: Attributes },
): void {
  span.updateName(name);
  span.setAttributes(attributes);
  if (Number(attributes['http.response.status_code']) >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

function routeOf(request: Request): string {
  const route: unknown = request.route;
  if (typeof route !== 'object' || route === null || !('path' in route)) return 'none';
  return typeof route.path === 'string' ? route.path : 'none';
}
