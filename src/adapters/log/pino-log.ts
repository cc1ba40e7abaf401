import { type DestinationStream, type Level, pino } from 'pino';
import type { Log, LogFields } from '../../ports/log.ts';

interface LogOptions {
  /** Which part of the software writes, for example `sp` or `pf-worker`. */
  readonly role: string;
  readonly level?: Extract<Level, 'debug' | 'info' | 'warn' | 'error'> | 'silent';
  /** Default: standard output. */
  readonly destination?: DestinationStream;
}

/** The allow-list. A field that is not here does not exist, whatever a caller hands over. */
const FIELDS = {
  correlationId: 'string',
  tenant: 'string',
  application: 'string',
  verification: 'string',
  job: 'string',
  jobName: 'string',
  attempt: 'number',
  state: 'string',
  outcome: 'string',
  code: 'string',
  row: 'string',
  status: 'number',
  method: 'string',
  route: 'string',
  durationMillis: 'number',
  count: 'number',
  port: 'number',
  octets: 'number',
  claims: 'string',
} as const satisfies Record<keyof LogFields, 'string' | 'number'>;

const LONGEST = 1_024;
/** Control characters, bidirectional overrides, line and paragraph separators, lone surrogates. */
const UNSAFE = /[\p{Cc}\p{Surrogate}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** JSON lines, one per event; only the fields of `LogFields`, strings cut at 1 kB with control characters escaped. */
export function createLog({ role, level = 'info', destination }: LogOptions): Log {
  const options = {
    level,
    base: { role: cleaned(role) },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const logger = destination === undefined ? pino(options) : pino(options, destination);
  return {
    info: (event, fields) => logger.info(allowed(event, fields)),
    warn: (event, fields) => logger.warn(allowed(event, fields)),
    error: (event, fields) => logger.error(allowed(event, fields)),
  };
}

/** A Log that keeps nothing, for tests and one-shot commands. */
export const silentLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

function allowed(event: string, fields: LogFields = {}): Record<string, string | number> {
  const line: Record<string, string | number> = { event: cleaned(event) };
  for (const [name, type] of Object.entries(FIELDS)) {
    const value: unknown = Object.hasOwn(fields, name) ? fields[name as keyof LogFields] : undefined;
    if (typeof value !== type) continue;
    if (typeof value === 'string') line[name] = cleaned(value);
    if (typeof value === 'number' && Number.isFinite(value)) line[name] = value;
  }
  return line;
}

/** At most 1 kB of text that cannot end a line, drive a terminal or turn the reading order. */
function cleaned(text: string): string {
  const safe = text
    .slice(0, LONGEST)
    .replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return cutAtOctets(safe, LONGEST);
}

function cutAtOctets(text: string, most: number): string {
  if (Buffer.byteLength(text) <= most) return text;
  return new TextDecoder('utf-8').decode(Buffer.from(text).subarray(0, most)).replace(/\uFFFD+$/, '');
}
