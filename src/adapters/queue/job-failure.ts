import { defined } from '../../core/defined.ts';
import type { JitsuinError } from '../../core/errors.ts';

/** Why a job failed last, for operators: in the log, at the console, in `jitsuin jobs list`. */
export interface JobFailure {
  /** Stable error code. */
  readonly reason: string;
  /** HTTP status of who answered instead: the service, a peer, a proxy on the way to it. */
  readonly status?: number;
  /** Octets of the body that was sent, where a proxy answered. */
  readonly octets?: number;
}

const WRITTEN = /^(?<reason>\S+)(?: (?<status>\d{3})(?: (?<octets>\d{1,12}))?)?$/;

export function failureOf({ code, upstream }: Pick<JitsuinError, 'code' | 'upstream'>): JobFailure {
  return defined({ reason: code, status: upstream?.status, octets: upstream?.octets });
}

/** As the column `reason` holds it: programs of the version before show it as it stands. */
export function writeFailure({ reason, status, octets }: JobFailure): string {
  if (status === undefined) return reason;
  return octets === undefined ? `${reason} ${status}` : `${reason} ${status} ${octets}`;
}

export function readFailure(written: string | null): JobFailure {
  const { reason = 'internal.unexpected', status, octets } = WRITTEN.exec(written ?? '')?.groups ?? {};
  return defined({
    reason,
    status: status === undefined ? undefined : Number(status),
    octets: octets === undefined ? undefined : Number(octets),
  });
}
