import type { Request } from 'express';
import type { z } from 'zod';
import { fromUtf8 } from '../core/encoding.ts';
import { JitsuinError } from '../core/errors.ts';
import { parseStrictJson } from '../core/json/strict-json.ts';
import { bodyOctets } from './body.ts';

const DEEPEST = 8;

/**
 * The JSON body that `octetsBody` read, by its schema; members twice, lone surrogates, deep nesting and unknown
 * members are refused (catalogue A4, A5).
 * @throws JitsuinError `http.body` with a JSON pointer in `at`
 */
export function strictBody<Schema extends z.ZodType>(schema: Schema, request: Request): z.infer<Schema> {
  const parsed = schema.safeParse(jsonOf(bodyOctets(request)));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const named = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const at = `/${[...(issue?.path ?? []), ...named].join('/')}`;
  // zod's own sentences name what is expected, the allowed values and the limit, and nothing of what was sent
  throw new JitsuinError(
    'http.body',
    `The body is not acceptable at ${at}: ${issue?.message ?? 'see /docs'}.`,
    { at },
  );
}

function jsonOf(octets: Uint8Array): unknown {
  try {
    const value = parseStrictJson(fromUtf8(octets), DEEPEST);
    if (value !== undefined) return value;
  } catch {
    // not UTF-8: the same answer
  }
  throw new JitsuinError('http.body', 'The body is not JSON in UTF-8 with distinct members.', { at: '/' });
}
