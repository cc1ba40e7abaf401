import type { EpochMillis } from '../core/brand.ts';
import { defined } from '../core/defined.ts';
import type { Application } from '../core/sign-transaction/application.ts';
import type { ApplicationEvent } from '../core/sign-transaction/events.ts';
import type { AuditEvent } from '../ports/audit.ts';
import type { Effects } from '../ports/effects.ts';
import type { JobName, JobRequest } from '../ports/job-queue.ts';
import type { WebhookNotice } from '../ports/webhook-store.ts';
import { proofOfData } from './data-proof.ts';

const FIRST_QUESTION = 500;
const FIRST_START_AGAIN = 2_000;

/** Audit event and job of one step; written in the same transaction as the step itself. */
export function effectsOf(before: Application, event: ApplicationEvent, next: Application): Effects {
  const code = 'failure' in event ? event.failure?.code : undefined;
  const audit: AuditEvent = defined({
    event: `application.${event.kind}`,
    subject: next.id,
    tenant: next.tenant,
    at: next.updatedAt,
    code,
    facts: { from: before.state, to: next.state, revision: next.revision, ...factsOf(event, next) },
  });
  const needed = next.state !== before.state || event.kind === 'job-renewed';
  const job = needed ? jobFor(next, `r${next.revision}`) : startAgainOf(event, next);
  const leaves = next.state !== before.state;
  const notice = leaves ? noticeOf(next) : undefined;
  return defined({
    endsJobOf: leaves ? next.id : undefined,
    audit: [audit],
    jobs: job === undefined ? undefined : [job],
    notices: notice === undefined ? undefined : [notice],
  });
}

/** What the tenant is told of: every end, by whomever it came. */
function noticeOf({ id, tenant, state, updatedAt }: Application): WebhookNotice | undefined {
  switch (state) {
    case 'decided':
    case 'refused':
    case 'failed':
    case 'restart-needed':
    case 'expired':
    case 'cancelled':
      return { type: `application.${state}`, tenant, at: updatedAt, data: { id, state } };
    default:
      return undefined;
  }
}

/** Audit event of the receipt; the proof of `data` is recorded before anything is sent. */
export function receiptEffects(application: Application): Effects {
  const { profile, mode } = application;
  const facts = { to: 'received', revision: 1, profile, mode, ...proofOfData(application.data, mode) };
  const { id, tenant, createdAt } = application;
  return { audit: [{ event: 'application.received', subject: id, tenant, at: createdAt, facts }] };
}

/**
 * The job that carries an application out of its state, or undefined where a person or a callback must act.
 * `occasion` makes the key: one job for each entry into the state, and one for each renewal by the sweep.
 */
function jobFor(application: Application, occasion: string): JobRequest | undefined {
  const name = jobNameOf(application);
  if (name === undefined) return undefined;
  const notBefore = (application.updatedAt + FIRST_QUESTION) as EpochMillis;
  return defined({
    name,
    subject: application.id,
    key: `${name}:${application.id}:${occasion}`,
    notBefore: name === 'await-verification' ? notBefore : undefined,
  });
}

/** Tried again from its first failure on, as one job with the queue's back-off, while the application waits. */
function startAgainOf({ kind }: ApplicationEvent, { id, updatedAt }: Application): JobRequest | undefined {
  if (kind !== 'start-given-up') return undefined;
  const notBefore = (updatedAt + FIRST_START_AGAIN) as EpochMillis;
  return { name: 'start-signature', subject: id, key: `start-signature:${id}`, notBefore };
}

function jobNameOf(application: Application): JobName | undefined {
  switch (application.state) {
    case 'authorized':
      return 'fetch-result';
    case 'fetched':
      return application.secrets?.resultJwe === undefined ? 'verify-application' : 'submit-verification';
    case 'submitted':
      return 'await-verification';
    default:
      return undefined;
  }
}

function factsOf(event: ApplicationEvent, next: Application): Readonly<Record<string, string | number>> {
  switch (event.kind) {
    case 'transaction-opened':
      return { ...proofOfData(next.data, next.mode), mode: next.mode };
    case 'start-given-up':
    case 'citizen-refused':
    case 'restart-demanded':
    case 'failed':
      return event.failure.row === undefined ? {} : { row: event.failure.row };
    case 'cancelled':
      return { by: event.by };
    case 'judged-again':
      return event.by;
    case 'verdict-reached':
      return {
        indication: event.verdict.indication,
        signedOctetsSha256: event.verdict.signedOctetsSha256,
        reference: event.verdict.reference,
      };
    default:
      return {};
  }
}
