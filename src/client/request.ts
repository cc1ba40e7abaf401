import { defined } from './defined.ts';
import type { OperationEntry } from './operation-entry.ts';
import type { CallOptions } from './options.ts';

/** One request, ready to be sent as often as it takes; the bearer is added to each attempt. */
export interface PreparedRequest {
  readonly operation: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly idempotencyKey?: string;
  readonly again: 'repeatable' | 'once';
}

type Input = Readonly<Record<string, unknown>>;

/** Path, query, headers and body of a call. @throws TypeError for a path parameter that is missing or empty */
export function prepareRequest(
  baseUrl: string,
  operation: string,
  entry: OperationEntry,
  input: Input,
  options: CallOptions,
): PreparedRequest {
  const { method, again } = entry;
  const idempotencyKey =
    entry.idempotencyKey === 'made' ? (options.idempotencyKey ?? crypto.randomUUID()) : undefined;
  const url = `${baseUrl.replace(/\/+$/, '')}${pathOf(operation, entry.path, input)}${queryOf(entry, input)}`;
  const content = contentOf(entry, input['body'], options);
  return defined({
    operation,
    method,
    url,
    again,
    headers: defined({
      accept: 'application/json, application/problem+json;q=0.9, */*;q=0.8',
      'content-type': content?.mediaType,
      'idempotency-key': idempotencyKey,
      'x-request-id': options.requestId,
    }),
    body: content?.body,
    idempotencyKey,
  });
}

function pathOf(operation: string, path: string, input: Input): string {
  return path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => {
    const value = input[name];
    if (typeof value !== 'string' || value === '') {
      throw new TypeError(`${operation}: "${name}" must be a text that is not empty.`);
    }
    return encodeURIComponent(value);
  });
}

function queryOf({ query }: OperationEntry, input: Input): string {
  const search = new URLSearchParams();
  for (const name of query) {
    const value = input[name];
    if (value !== undefined) search.set(name, String(value));
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

function contentOf(
  { mediaTypes }: OperationEntry,
  body: unknown,
  { mediaType = mediaTypes[0] }: CallOptions,
): { readonly mediaType: string; readonly body: string | Uint8Array<ArrayBuffer> } | undefined {
  if (mediaType === undefined) return undefined;
  if (mediaType === 'application/json') return { mediaType, body: JSON.stringify(body) };
  return { mediaType, body: body instanceof Uint8Array ? new Uint8Array(body) : String(body) };
}
