import type { Request } from 'express';
import type { z } from 'zod';
import { JitsuinError } from '../../core/errors.ts';

/** The query of a request by its schema; unknown and repeated parameters are refused. @throws JitsuinError `http.body` */
export function readQuery<Schema extends z.ZodType>(schema: Schema, request: Request): z.infer<Schema> {
  const result = schema.safeParse({ ...request.query });
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const at = unknown ?? issue?.path.join('/') ?? '';
  throw new JitsuinError('http.body', 'A query parameter is unknown or not acceptable.', { at });
}
