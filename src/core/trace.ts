/** Ids of W3C Trace Context, lower-case hexadecimal. */
export interface TraceParent {
  /** 32 digits. */
  readonly traceId: string;
  /** 16 digits. */
  readonly spanId: string;
}

/**
 * The trace that a correlation id (UUID) names: its 128 bits are the trace id, so that a request, its jobs and the hand-off to
 * the platform operator are one trace although nothing but that id travels.
 */
export function traceOf(correlationId: string): TraceParent {
  const traceId = correlationId.replaceAll('-', '').toLowerCase();
  return { traceId, spanId: traceId.slice(16) };
}
