import { defined } from '../core/defined.ts';
import { JitsuinError } from '../core/errors.ts';
import { outcomeOfVerdict } from '../core/outcomes.ts';
import type { Application } from '../core/sign-transaction/application.ts';
import type { ApplicationEvent } from '../core/sign-transaction/events.ts';
import { consequenceOf, failureOf, needsOperator } from '../core/sign-transaction/failure.ts';
import { applyEvent } from '../core/sign-transaction/machine.ts';
import type { Log } from '../ports/log.ts';
import { effectsOf } from './effects.ts';
import type { RelyingParty, RelyingPartySettings } from './relying-party.ts';

/** What a transition needs. */
export type StepPorts = Pick<RelyingParty, 'applications' | 'clock' | 'log'> & {
  readonly settings: Pick<RelyingPartySettings, 'clocks'>;
};

/**
 * One transition as one compare-and-set update, with its job and audit event in the same transaction.
 * Undefined when somebody else changed the record first: a late run cannot commit.
 * @throws JitsuinError `transaction.state`
 */
export async function tryStep(
  ports: StepPorts,
  application: Application,
  event: ApplicationEvent,
): Promise<Application | undefined> {
  const next = applyEvent(application, event, ports.clock.now(), ports.settings.clocks);
  const won = await ports.applications.update(next, effectsOf(application, event, next));
  if (!won) return undefined;
  logStep(ports.log, event, application, next);
  return next;
}

/** One line for each step; one that only an operator can heal is an error, for the alarm. */
function logStep(log: Log, event: ApplicationEvent, before: Application, next: Application): void {
  const failure = 'failure' in event ? event.failure : undefined;
  const { id: application, tenant, state } = next;
  const fields = defined({
    application,
    tenant,
    state,
    outcome: event.kind === 'verdict-reached' ? outcomeOfVerdict(event.verdict) : undefined,
    durationMillis: Math.max(0, next.updatedAt - before.updatedAt),
    ...correlationOf(next),
    ...failure,
  });
  if (failure !== undefined && needsOperator(failure)) log.error(`application.${event.kind}`, fields);
  else log.info(`application.${event.kind}`, fields);
}

/** The id of a record's request, where it has one. */
export function correlationOf(record: { readonly correlationId?: string }): {
  readonly correlationId?: string;
} {
  return record.correlationId === undefined ? {} : { correlationId: record.correlationId };
}

/** The same with its document, where it was read without. @throws JitsuinError `store.conflict`: it was purged */
export async function withItsDocument(
  { applications }: Pick<RelyingParty, 'applications'>,
  application: Application,
): Promise<Application> {
  const { id, tenant, secrets } = application;
  if (secrets === undefined || secrets.document !== undefined) return application;
  const document = (await applications.get(id, tenant))?.secrets?.document;
  if (document !== undefined) return { ...application, secrets: { ...secrets, document } };
  throw new JitsuinError('store.conflict', 'The document of this application went at the same time.');
}

/** As `tryStep`; @throws JitsuinError `store.conflict` when somebody else was first, `transaction.state`. */
export async function step(
  ports: StepPorts,
  application: Application,
  event: ApplicationEvent,
): Promise<Application> {
  const next = await tryStep(ports, application, event);
  if (next === undefined) {
    throw new JitsuinError(
      'store.conflict',
      'The application was changed by another request at the same time.',
    );
  }
  return next;
}

/**
 * What a failure of an outside call means for the application: the step to its end, or the error itself, to be tried
 * again. `once` names callers whose call must not be repeated (codes work once): there every failure is an end.
 */
export async function endByFailure(
  ports: StepPorts,
  application: Application,
  error: JitsuinError,
  repeat: 'may-repeat' | 'once',
): Promise<Application> {
  const consequence = consequenceOf(error);
  if (consequence.kind === 'end') return step(ports, application, consequence.event);
  if (repeat === 'may-repeat') {
    sayIfOperatorShouldLook(ports.log, application, error);
    throw error;
  }
  return step(ports, application, { kind: 'restart-demanded', failure: failureOf(error) });
}

/** One error line, for the alarm: some of what is asked again is the fault of a setting, not of load. */
export function sayIfOperatorShouldLook(log: Log, application: Application, error: JitsuinError): void {
  const failure = failureOf(error);
  if (!needsOperator(failure)) return;
  const { id, tenant, state } = application;
  log.error('application.waits-for-operator', { application: id, tenant, state, ...failure });
}

/** True when the application's clock has run out at this instant. */
export function isOverdue(ports: Pick<RelyingParty, 'clock'>, application: Application): boolean {
  return ports.clock.now() >= application.deadline;
}
