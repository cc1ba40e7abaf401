import type { ApplicationEventKind } from './sign-transaction/events.ts';

/**
 * What a process logs when somebody must look, and the alarm (a rule of `samples/observability/alerts.yaml`) that it
 * raises. Each event moves `jitsuin_alarming_events_total` by its own name. An event that is logged as an error and has
 * no line here does not compile.
 */
export const ALARMING_EVENTS = {
  'sweep.failed': 'JitsuinSweepFails',
  'status-notices.failed': 'JitsuinStatusNoticesFail',
  'worker-heartbeat.failed': 'JitsuinWorkerUnheard',
  'queue.claim-failed': 'JitsuinQueueFails',
  'queue.reap-failed': 'JitsuinQueueFails',
  'queue.relay-failed': 'JitsuinQueueFails',
  'queue.redis-error': 'JitsuinQueueFails',
  'job.unsettled': 'JitsuinQueueFails',
  'evidence.stamping-failed': 'JitsuinTimeStampFails',
  'evidence.time-stamp-failed': 'JitsuinTimeStampFails',
  'store.went-back': 'JitsuinStoreWentBack',
  'audit.broken': 'JitsuinAuditBroken',
  'audit.seal-failed': 'JitsuinAuditUnsealed',
  'clock.off': 'JitsuinClockOff',
  'verification.held': 'JitsuinVerificationHeld',
  'verification.expired': 'JitsuinVerificationExpired',
  'verification.refused': 'JitsuinBundleRefused',
  'bundle.other-spelling': 'JitsuinBundleSpelling',
  'revocation.ageing': 'JitsuinListsAge',
  'revocation.refused': 'JitsuinListRefused',
  'revocation-watch.failed': 'JitsuinListsAge',
  'service.maintenance': 'JitsuinServiceMaintenance',
  'service.private-key-shown': 'JitsuinServiceKeyShown',
  'application.waits-for-operator': 'JitsuinOperatorMustAct',
  'login.refused': 'JitsuinLoginNeedsOperator',
  'webhook.given-up': 'JitsuinWebhookGivenUp',
  'http.failure': 'JitsuinRequestFails',
  'page.failure': 'JitsuinRequestFails',
  'console.failure': 'JitsuinRequestFails',
  'history.failed': 'JitsuinConsoleHistoryFails',
  'rate-limit.store-away': 'JitsuinRateNotShared',
  'token.away': 'JitsuinTokenAway',
  'tlog.broken': 'JitsuinPublicLogBroken',
  'tlog.failed': 'JitsuinPublicLogFails',
  'log.not-deleted': 'JitsuinLogNotDeleted',
} as const;

export type AlarmingEvent = keyof typeof ALARMING_EVENTS;

/** A step of an application with a failure that only an operator can heal. Counted by its code. */
export type ErrorEvent = AlarmingEvent | `application.${ApplicationEventKind}`;

/** Logged as warnings too, where nobody must look: these alarm as errors alone. */
const AS_ERRORS_ALONE: readonly string[] = ['verification.refused', 'login.refused'];

/** Whether a line of this level and event raises an alarm. */
export function isAlarming(level: 'info' | 'warn' | 'error', event: string): event is AlarmingEvent {
  if (level === 'info' || !Object.hasOwn(ALARMING_EVENTS, event)) return false;
  return level === 'error' || !AS_ERRORS_ALONE.includes(event);
}
