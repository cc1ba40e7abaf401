import type { ErrorEvent } from '../core/alarms.ts';

/** Structured log by allow-list: only these fields exist. Protected data has no field to go to. */
export interface LogFields {
  readonly correlationId?: string;
  readonly tenant?: string;
  readonly application?: string;
  readonly verification?: string;
  readonly job?: string;
  readonly jobName?: string;
  readonly attempt?: number;
  readonly state?: string;
  /** Word of `core/outcomes.ts`, once there is a verdict. */
  readonly outcome?: string;
  readonly code?: string;
  /** Row of the guideline's table of errors. */
  readonly row?: string;
  readonly status?: number;
  readonly method?: string;
  /** Route pattern, never the URL. */
  readonly route?: string;
  readonly durationMillis?: number;
  readonly count?: number;
  readonly port?: number;
  /** Length of a body. */
  readonly octets?: number;
  /** Names of the four attributes, each with what was wrong; never a value. */
  readonly claims?: string;
}

export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  /** Somebody must look: each event has an alarm. */
  error(event: ErrorEvent, fields?: LogFields): void;
}
