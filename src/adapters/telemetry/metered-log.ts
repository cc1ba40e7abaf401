import type { Log, LogFields } from '../../ports/log.ts';
import type { Metrics } from './metrics.ts';

/**
 * Steps of an application and a verification, runs of jobs and webhook attempts, counted where they are logged: by
 * allow-list.
 */
export function meteredLog(log: Log, metrics: Metrics): Log {
  const counted =
    (write: (event: string, fields?: LogFields) => void) =>
    (event: string, fields: LogFields = {}) => {
      count(metrics, event, fields);
      write(event, fields);
    };
  return {
    info: counted((event, fields) => log.info(event, fields)),
    warn: counted((event, fields) => log.warn(event, fields)),
    error: counted((event, fields) => log.error(event, fields)),
  };
}

function count(metrics: Metrics, event: string, fields: LogFields): void {
  const { code, row, jobName, durationMillis } = fields;
  const seconds = durationMillis === undefined ? undefined : durationMillis / 1000;
  const [subject, outcome = ''] = event.split('.', 2);
  switch (subject) {
    case 'application':
    case 'verification':
      metrics.step(event, seconds);
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
      metrics.webhook(outcome);
  }
}
