import type { Request } from 'express';
import { z } from 'zod';
import { JitsuinError } from '../core/errors.ts';

/** Parameters of a schema that are whole numbers; read from the schema once. */
const wholeNumbers = new WeakMap<z.ZodType, ReadonlySet<string>>();
/** Decimal digits without sign, leading zeros, exponent or blanks. */
const DECIMAL = /^(?:0|[1-9][0-9]{0,14})$/;

/**
 * The query of a request by its schema; unknown, repeated and undecodable parameters are refused, and a whole number is
 * written in decimal digits only.
 * @throws JitsuinError `http.body`: the parameter in `at`, what is acceptable in the message
 */
export function readQuery<Schema extends z.ZodType>(schema: Schema, request: Request): z.infer<Schema> {
  const given: Record<string, unknown> = { ...request.query };
  for (const name of wholeNumbersOf(schema)) {
    const text = given[name];
    if (typeof text === 'string' && DECIMAL.test(text)) given[name] = Number(text);
  }
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue?.code === 'unrecognized_keys') {
    const known = Object.keys(propertiesOf(schema)).join(', ');
    throw badQuery(issue.keys[0] ?? '', `is not a parameter of this call; it takes ${known || 'none'}.`);
  }
  const at = issue?.path.join('/') ?? '';
  throw badQuery(at, `is not acceptable: ${issue?.message ?? 'see /docs'}.`);
}

/**
 * `query parser` of Express: `application/x-www-form-urlencoded` (URL standard section 5.1), but an escape that is no
 * UTF-8 is refused and not replaced by U+FFFD: what the citizen is shown must be what was sent.
 * @throws JitsuinError `http.body`
 */
export function parseQuery(text: string | null | undefined): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = Object.create(null);
  for (const pair of !text ? [] : text.split('&', MOST_PARAMETERS + 1)) {
    const [rawName = '', ...rest] = pair.split('=');
    const name = decoded(rawName, 'query');
    const value = decoded(rest.join('='), name);
    const before = query[name];
    query[name] = before === undefined ? value : [before, value].flat();
  }
  if (Object.keys(query).length > MOST_PARAMETERS)
    throw badQuery('query', `has more than ${MOST_PARAMETERS} parameters.`);
  return query;
}

const MOST_PARAMETERS = 100;

function decoded(text: string, at: string): string {
  if (!/^[\x21-\x7e]*$/.test(text)) throw badQuery(at, 'must be percent-encoded (RFC 3986 section 2.1).');
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw badQuery(at, 'is not UTF-8 in percent-encoding (RFC 3986 section 2.1).');
  }
}

function badQuery(at: string, what: string): JitsuinError {
  return new JitsuinError('http.body', `The query parameter "${at}" ${what}`, { at });
}

function wholeNumbersOf(schema: z.ZodType): ReadonlySet<string> {
  const known = wholeNumbers.get(schema);
  if (known !== undefined) return known;
  const found = Object.entries(propertiesOf(schema)).filter(([, { type }]) => type === 'integer');
  const names = new Set(found.map(([name]) => name));
  wholeNumbers.set(schema, names);
  return names;
}

function propertiesOf(schema: z.ZodType): Readonly<Record<string, { readonly type?: unknown }>> {
  return Object(z.toJSONSchema(schema, { io: 'input' })['properties']);
}
