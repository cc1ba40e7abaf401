import { resolve } from 'node:path';
import { z } from 'zod';
import { defined } from '../core/defined.ts';

/** The variables of the log, at every role and worker alike. */
export const LOG_VARIABLES = {
  JITSUIN_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  JITSUIN_LOG_DIR: z.string().min(1).optional(),
  JITSUIN_LOG_DAYS: z.coerce.number().int().min(1).max(36_525).default(30),
};

const variables = z.object(LOG_VARIABLES);

export interface LogConfig {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Where each process writes a file a day; absent: standard output, and the platform keeps it. */
  readonly directory?: string;
  /** Days after which a file is deleted. */
  readonly days: number;
}

export function readLogConfig(read: z.infer<typeof variables>): LogConfig {
  const { JITSUIN_LOG_LEVEL: level, JITSUIN_LOG_DIR: directory, JITSUIN_LOG_DAYS: days } = read;
  return defined({
    level,
    days,
    directory: directory === undefined ? undefined : resolve(directory),
  });
}
