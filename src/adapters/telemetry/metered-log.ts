import { type ErrorEvent, isAlarming } from '../../core/alarms.ts';
import type { Log, LogFields } from '../../ports/log.ts';
import type { Metrics } from './metrics.ts';

/**
 * Steps of an application and a verification, runs of jobs, webhook attempts and whatever somebody must look at,
 * counted where they are logged: by allow-list.
 */
export function meteredLog(log: Log, metrics: Metrics): Log {
  const counted =
    <Event extends string>(
      level: 'info' | 'warn' | 'error',
      write: (event: Event, fields?: LogFields) => void,
    ) =>
    (event: Event, fields: LogFields = {}) => {
      if (isAlarming(level, event)) metrics.alarm(event);
      count(metrics, event, fields);
      write(event, fields);
    };
  return {
    info: counted('info', (event, fields) => log.info(event, fields)),
    warn: counted('warn', (event, fields) => log.warn(event, fields)),
    error: counted<ErrorEvent>('error', (event, fields) => log.error(event, fields)),
  };
}

function count(metrics: Metrics, event: string, fields: LogFields): void {
  const { code, row, jobName, durationMillis, outcome: came } = fields;
  const seconds = durationMillis === undefined ? undefined : durationMillis / 1000;
  const [subject, outcome = ''] = event.split('.', 2);
  switch (subject) {
    case 'application':
    case 'verification':
      metrics.step(event, seconds);
      if (came !== undefined) metrics.outcome(came);
      if (code !== undefined) metrics.failure(code, row);
      return;
    case 'revocation':
      if (code !== undefined) metrics.failure(code, undefined);
      return;
    case 'job':
      if (jobName !== undefined) metrics.job(jobName, outcome, seconds ?? 0);
      // a run that is tried again ends no step: an alarm must not wait until the application has ended
      if (code !== undefined) metrics.failure(code, row);
      return;
    case 'webhook':
      // the last attempt was counted as refused
      if (outcome !== 'given-up') metrics.webhook(outcome);
  }
}
