/** Ids of W3C Trace Context, lower-case hexadecimal. */
interface TraceParent {
  /** 32 digits. */
  readonly traceId: string;
  /** 16 digits. */
  readonly spanId: string;
}

/**
 * The trace that a correlation id (UUID) names: its 128 bits are the trace id, so that a request, its jobs and the
 * hand-off to the platform operator are one trace although nothing but that id travels.
 */
export function traceOf(correlationId: string): TraceParent {
  const traceId = correlationId.replaceAll('-', '').toLowerCase();
  return { traceId, spanId: traceId.slice(16) };
}

const TRACEPARENT =
  /^00-(?!0{32})([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})-[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * The way back: the correlation id of the trace in a `traceparent` (W3C Trace Context, version 00); undefined
 * without one.
 */
export function correlationIdOfTrace(traceparent: string | undefined): string | undefined {
  return TRACEPARENT.exec(traceparent ?? '')
    ?.slice(1)
    .join('-');
}
