import { defined } from '../../core/defined.ts';
import type { ExampleCall } from './call-examples.ts';

type Part = Readonly<Record<string, unknown>>;

const ID = '01890a5d-ac96-774b-bcce-b302099a8057';
const KEY = '2026-11-30-order-1';

/** A call of an operation with all that it needs and nothing else. */
export function exampleCall(base: string, path: string, method: string, operation: Part): ExampleCall {
  const parameters = list(operation['parameters']).map(parts);
  const needed = (place: string) =>
    parameters.filter((parameter) => parameter['in'] === place && parameter['required'] === true);
  const query = needed('query').map(
    ({ name, schema }) => `${String(name)}=${encodeURIComponent(sampleOf(parts(schema)))}`,
  );
  const [content] = Object.entries(parts(parts(operation['requestBody'])['content']));
  const keyed = parameters.some(({ name }) => name === 'Idempotency-Key');
  const tail = query.length === 0 ? '' : `?${query.join('&')}`;
  return defined({
    method: method.toUpperCase(),
    url: `${base.replace(/\/$/, '')}${path.replaceAll(/\{\w+\}/g, ID)}${tail}`,
    bearer: list(operation['security']).length === 0 ? undefined : 'JITSUIN_API_KEY',
    idempotencyKey: keyed ? KEY : undefined,
    mediaType: content?.[0],
    body: content === undefined ? undefined : bodyOf(content[0], parts(content[1])['example']),
  });
}

function bodyOf(mediaType: string, example: unknown): string {
  if (mediaType === 'application/x-www-form-urlencoded') return 'logout_token=…';
  return typeof example === 'string' ? example : JSON.stringify(example);
}

/** One value that the schema takes, for what a call needs. */
function sampleOf({ format, enum: values, pattern }: Part): string {
  if (Array.isArray(values)) return String(values[0]);
  if (typeof pattern === 'string' && pattern.startsWith('^20')) return '2026-11';
  return format === 'uuid' ? ID : 'text';
}

function parts(value: unknown): Part {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
