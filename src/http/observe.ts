import {
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
 * Every finished request for the metrics, and a span of it where an OpenTelemetry SDK is installed. Names and attributes are
 * method, route pattern and status: never a URL, an id or a value.
 */
export function observeRequests(observer: RequestObserver | undefined): RequestHandler {
  return (request, response, next) => {
    const started = performance.now();
    const span = startSpan(request, response);
    response.once('close', () => {
      const { method } = request;
      const route = routeOf(request);
      const status = response.statusCode;
      observer?.finished({ method, route, status, seconds: (performance.now() - started) / 1000 });
      endSpan(span, `${method} ${route}`, { 'http.route': route, 'http.response.status_code': status });
    });
    context.with(trace.setSpan(context.active(), span), next);
  };
}

function startSpan(request: Request, response: Response): Span {
  const carried = propagation.extract(context.active(), request.headers);
  const parent =
    trace.getSpanContext(carried) === undefined ? correlatedContext(correlationIdOf(response)) : carried;
  const attributes = { 'http.request.method': request.method };
  return trace.getTracer('jitsuin').startSpan('request', { kind: SpanKind.SERVER, attributes }, parent);
}

function correlatedContext(correlationId: string): Context {
  const spanContext = { ...traceOf(correlationId), traceFlags: TraceFlags.SAMPLED, isRemote: true };
  return trace.setSpanContext(context.active(), spanContext);
}

function endSpan(span: Span, name: string, attributes: Readonly<Record<string, string | number>>): void {
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
