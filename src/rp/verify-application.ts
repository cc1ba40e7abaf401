import type { ApplicationId, EpochMillis } from '../core/brand.ts';
import { defined } from '../core/defined.ts';
import { asJitsuinError, JitsuinError } from '../core/errors.ts';
import { type Application, withDocument } from '../core/sign-transaction/application.ts';
import { MINUTE_MILLIS } from '../core/spans.ts';
import type { InsideOutcome, InsideVerification, VerifyInside } from '../ports/inside-verification.ts';
import type { JobOutcome } from '../ports/job-queue.ts';
import { isFormName } from './prepare.ts';
import type { RelyingParty } from './relying-party.ts';
import { endByFailure, isOverdue, step } from './step.ts';

const DONE: JobOutcome = { kind: 'done' };
/** While revocation data is missing, ask again this often … */
const AGAIN = MINUTE_MILLIS;
/** … until this long before the clock runs out; then INDETERMINATE stands. */
const LAST_WORD = 10 * MINUTE_MILLIS;

/**
 * gov: verifies the clear result inside and keeps the verdict. An undecided one is asked again until shortly before the
 * application's deadline, then kept as INDETERMINATE.
 * @throws JitsuinError when the queue shall try again
 */
export async function verifyApplication(
  ports: RelyingParty & { readonly verify: VerifyInside },
  id: ApplicationId,
): Promise<JobOutcome> {
  const application = await ports.applications.get(id);
  if (application?.state !== 'fetched') return DONE;
  if (isOverdue(ports, application)) {
    await step(ports, application, { kind: 'timed-out' });
    return DONE;
  }
  const now = ports.clock.now();
  const files = isFormName(application.profile) ? await ports.applications.files(id, application.tenant) : [];
  const outcome = await ports
    .verify(inputOf(application, now, files))
    .catch((thrown: unknown) => asJitsuinError(thrown));
  if (outcome instanceof JitsuinError) {
    await endByFailure(ports, application, outcome, 'may-repeat');
    return DONE;
  }
  if (outcome.kind === 'undecided') {
    await keepReason(ports, application, outcome);
    return { kind: 'later', notBefore: (now + AGAIN) as EpochMillis };
  }
  await step(ports, application, { kind: 'verdict-reached', verdict: outcome.verdict });
  return DONE;
}

/** An application that ends without a verdict says by what; one step for each change of it. */
async function keepReason(
  ports: RelyingParty,
  application: Application,
  { code }: Extract<InsideOutcome, { readonly kind: 'undecided' }>,
): Promise<void> {
  if (code === application.failure?.code) return;
  const failure = code === undefined ? undefined : { code };
  await step(ports, application, defined({ kind: 'judgement-postponed', failure }));
}

function inputOf(
  application: Application,
  at: EpochMillis,
  files: InsideVerification['files'],
): InsideVerification {
  const { id, tenant, profile, mode, data, secrets } = application;
  const { clearCertificate: certificate, clearSignatureValue: signatureValue } = secrets ?? {};
  if (secrets === undefined || certificate === undefined || signatureValue === undefined) {
    throw new JitsuinError(
      'transaction.state',
      'This application has no result to verify: it was not fetched yet, or was verified.',
    );
  }
  const { document, prepared } = withDocument(secrets);
  const patience = at < application.deadline - LAST_WORD ? 'may-wait' : 'last-word';
  return {
    application: id,
    tenant,
    profile,
    mode,
    data,
    prepared,
    document,
    files,
    certificate,
    signatureValue,
    at,
    patience,
  };
}
