import type { VerificationStatus, VerificationSubmission } from '../contracts/verification.ts';
import type { ApplicationId } from '../core/brand.ts';
import { defined } from '../core/defined.ts';
import { toBase64 } from '../core/encoding.ts';
import { asJitsuinError, JitsuinError } from '../core/errors.ts';
import { type Application, withDocument } from '../core/sign-transaction/application.ts';
import { readFormState } from '../core/xmldsig/prepared-state.ts';
import type { JobOutcome } from '../ports/job-queue.ts';
import type { ReceiptJudge } from '../ports/receipt-judge.ts';
import type { VerificationService } from '../ports/verification-service.ts';
import { assemblyOf, isFormName } from './prepare.ts';
import type { RelyingParty } from './relying-party.ts';
import {
  correlationOf,
  endByFailure,
  isOverdue,
  sayIfOperatorShouldLook,
  step,
  withItsDocument,
} from './step.ts';

/** What an sp needs beside the rest: the platform operator, and what this service is called there. */
export interface VerificationClient {
  readonly verifications: VerificationService;
  readonly receipts: ReceiptJudge;
  readonly service: string;
  readonly environment: 'test' | 'production';
  readonly checkMethod: 'CRL' | 'OCSP';
}

const DONE: JobOutcome = { kind: 'done' };

/**
 * sp: hands skeleton, JWE, `data` and mode to the platform operator. The application's id is the submission's id,
 * so that the same submission again has the same answer. While the operator is away the JWE stays sealed as
 * received.
 * @throws JitsuinError `upstream.*` when the queue shall try again
 */
export async function submitVerification(
  ports: RelyingParty & VerificationClient,
  id: ApplicationId,
): Promise<JobOutcome> {
  const application = await ports.applications.withoutDocument(id);
  if (application?.state !== 'fetched') return DONE;
  if (isOverdue(ports, application)) {
    await step(ports, application, { kind: 'timed-out' });
    return DONE;
  }
  const answer = await handIn(ports, application);
  if (answer instanceof JitsuinError) {
    throwIfOperatorsMayHeal(ports, application, answer);
    await endByFailure(ports, application, answer, 'may-repeat');
    return DONE;
  }
  await step(ports, application, { kind: 'verification-submitted', verificationId: answer.id });
  return DONE;
}

/**
 * Hands the submission in. Where the operator has another one under this id, a store went back in time: ours, which
 * then fetched the result once more, newly encrypted. Then that verification is this application's: its receipt must
 * name our `data` before its verdict is believed.
 */
export async function handIn(
  ports: RelyingParty & VerificationClient,
  application: Application,
): Promise<VerificationStatus | JitsuinError> {
  const context = correlationOf(application);
  const submission = await submissionOf(ports, await withItsDocument(ports, application));
  const answer = await ports.verifications.submit(submission, context).catch(asJitsuinError);
  if (answer instanceof JitsuinError && answer.code === 'binding.transaction') {
    const known = await ports.verifications.find(application.id, context).catch(asJitsuinError);
    if (known instanceof JitsuinError && known.retryable) return known;
    if (known === undefined || known instanceof JitsuinError) return answer;
    const { id, tenant } = application;
    ports.log.warn('application.submission-known', { application: id, tenant });
    return known;
  }
  if (answer instanceof JitsuinError || answer.submission_id === application.id) return answer;
  return new JitsuinError('binding.transaction', 'The verification belongs to another submission.');
}

/**
 * A registration or key that is wrong between us and the operator costs no citizen a signature: the result is in
 * hand.
 */
export function throwIfOperatorsMayHeal(
  ports: Pick<RelyingParty, 'log'>,
  application: Application,
  error: JitsuinError,
): void {
  if (error.kind !== 'operator') return;
  sayIfOperatorShouldLook(ports.log, application, error);
  throw error;
}

async function submissionOf(
  ports: RelyingParty & VerificationClient,
  application: Application,
): Promise<VerificationSubmission> {
  const { id, profile, mode, data, secrets } = application;
  if (secrets?.resultJwe === undefined) {
    throw new JitsuinError(
      'transaction.state',
      'This application has no encrypted result to hand over: it was not fetched yet, or was handed over.',
    );
  }
  const { skeleton, signedElement } = assemblyOf(profile, withDocument(secrets), ports.forms);
  const { form, files, joins } = await formParts(ports, application);
  return defined({
    submission_id: id,
    service: ports.service,
    environment: ports.environment,
    profile: isFormName(profile) ? undefined : profile,
    form,
    files,
    joins,
    mode,
    skeleton: toBase64(skeleton),
    jwe: secrets.resultJwe,
    data,
    check_method: ports.checkMethod,
    signed_element: signedElement,
  });
}

/** The form by name, version and hash, so that both have the same file, and the files' octets, as they are signed. */
async function formParts(
  ports: RelyingParty,
  { id, tenant, profile, secrets }: Application,
): Promise<Pick<VerificationSubmission, 'form' | 'files' | 'joins'>> {
  if (!isFormName(profile) || secrets === undefined) return {};
  const { form, joins } = readFormState(secrets.prepared);
  const files = await ports.applications.files(id, tenant);
  return defined({
    form,
    files: files.map(({ name, octets }) => ({ name, octets: toBase64(octets) })),
    joins,
  });
}
