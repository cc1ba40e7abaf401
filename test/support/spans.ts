import { trace } from '@opentelemetry/api';
import { NodeTracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace-node';

/** OpenTelemetry's own SDK as an operator installs it, with every span that was started; `stop` takes it out again. */
export function keepSpans(): { readonly spans: readonly ReadableSpan[]; stop(): void } {
  const spans: ReadableSpan[] = [];
  const nothing = async () => undefined;
  new NodeTracerProvider({
    spanProcessors: [
      {
        onStart: (span) => void spans.push(span),
        onEnd: () => undefined,
        forceFlush: nothing,
        shutdown: nothing,
      },
    ],
  }).register();
  return { spans, stop: () => trace.disable() };
}

/** The names of the spans of one trace. */
export function namesOf(spans: readonly ReadableSpan[], traceId: string): readonly string[] {
  return spans.filter((span) => span.spanContext().traceId === traceId).map(({ name }) => name);
}
