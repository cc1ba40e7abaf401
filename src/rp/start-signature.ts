import type { ApplicationId, EpochMillis, SignTransactionId } from '../core/brand.ts';
import { asJitsuinError, JitsuinError } from '../core/errors.ts';
import type { Application } from '../core/sign-transaction/application.ts';
import { consequenceOf, failureOf } from '../core/sign-transaction/failure.ts';
import { DAY_MILLIS } from '../core/spans.ts';
import type { JobOutcome } from '../ports/job-queue.ts';
import { agreedSignature } from './agreed-signature.ts';
import type { RelyingParty } from './relying-party.ts';
import { isOverdue, step, withItsDocument } from './step.ts';

/** Longer than any start call may last; until then another attempt is taken to be under way. */
const ATTEMPT_MILLIS = 15_000;

/**
 * [04]–[07] Opens the sign transaction of a received application. The attempt is written before the call leaves.
 * When the answer is lost, the transaction it may have opened is never used: its id never reached us, and a later
 * attempt opens another. An application has at most one sign transaction that is used. Returns the application
 * opened, or ended when the service said no for good.
 * @throws JitsuinError `upstream.*` when it may be tried again, `store.conflict`, `transaction.expired`
 */
export async function startSignature(ports: RelyingParty, application: Application): Promise<Application> {
  if (application.state !== 'received') return application;
  if (isOverdue(ports, application)) {
    await step(ports, application, { kind: 'timed-out' });
    throw new JitsuinError('transaction.expired', 'The application was not signed in its time.');
  }
  if (isBeingStarted(ports, application)) {
    throw new JitsuinError('store.conflict', 'The sign transaction is being opened by another request.');
  }
  const agreed = agreedSignature(await withItsDocument(ports, application), ports.forms);
  const attempted = await step(ports, application, { kind: 'start-attempted' });
  const answer = await ports.authAndSign
    .startSignature(agreed)
    .catch((thrown: unknown) => asJitsuinError(thrown));
  if (answer instanceof JitsuinError) return endOrGiveUp(ports, attempted, answer);
  if (!(await isNew(ports, answer.id))) return endOrGiveUp(ports, attempted, givenBefore());
  return step(ports, attempted, { kind: 'transaction-opened', signTransactionId: answer.id });
}

/** One sign transaction serves one application: an id that another one has is no answer to this request. */
function isNew({ replay, clock }: RelyingParty, id: SignTransactionId): Promise<boolean> {
  return replay.remember('sign-transaction', id, (clock.now() + DAY_MILLIS) as EpochMillis, undefined);
}

function givenBefore(): JitsuinError {
  return new JitsuinError(
    'upstream.response',
    'The service gave a sign transaction id that another application has.',
    {
      at: 'id',
    },
  );
}

/**
 * Job `start-signature`: a start that failed is tried again, by the queue's back-off, until it succeeds or the
 * application's clock runs out. @throws JitsuinError `upstream.*` when it may be tried again, `store.conflict`
 */
export async function startByItself(ports: RelyingParty, id: ApplicationId): Promise<JobOutcome> {
  const application = await ports.applications.withoutDocument(id);
  if (application?.state === 'received' && !isOverdue(ports, application))
    await startSignature(ports, application);
  return { kind: 'done' };
}

async function endOrGiveUp(
  ports: RelyingParty,
  attempted: Application,
  error: JitsuinError,
): Promise<Application> {
  const consequence = consequenceOf(error);
  if (consequence.kind === 'end') return step(ports, attempted, consequence.event);
  await step(ports, attempted, { kind: 'start-given-up', failure: failureOf(error) });
  throw error;
}

/** Written before the call leaves; gone with its answer. */
function isBeingStarted(ports: RelyingParty, { startAttemptedAt }: Application): boolean {
  return startAttemptedAt !== undefined && ports.clock.now() - startAttemptedAt < ATTEMPT_MILLIS;
}
