import type { Application, ApplicationState, Failure } from './application.ts';
import { certificateEnded } from './certificate-ended.ts';
import { upstreamErrorRow } from './upstream-errors.ts';

/**
 * What can happen next with an application, for the sentence that a person reads:
 * `by-itself`: a job is queued and asks again; `sign`: nothing happens until the citizen presses the button;
 * `sign-again`: the same document can be signed anew; `begin-anew`: nothing is left here to sign;
 * `ask`: only who runs the service can heal it; `none`: it is done, or a call is under way.
 */
export type WayOn = 'by-itself' | 'sign' | 'sign-again' | 'begin-anew' | 'ask' | 'none';

/** Ends after which the citizen may sign the same document anew. A cancelled application stays cancelled. */
const AGAIN: ReadonlySet<ApplicationState> = new Set(['refused', 'restart-needed', 'expired']);

/** Errors of the service's rows that a municipal office heals: the certificate on the card has to be put in order. */
const AT_THE_OFFICE: ReadonlySet<string | undefined> = new Set([
  'invalid_certificat',
  'expired_certificate',
  'revoked_certificate',
  'locked_certificate',
  'not_installed_certificate',
]);

/** Whether the citizen may begin again with this application's document, which is still kept. */
export function canStartAgain({
  state,
  purged,
  verdict,
}: Pick<Application, 'state' | 'purged' | 'verdict'>): boolean {
  if (purged === true) return false;
  return AGAIN.has(state) || (state === 'decided' && certificateEnded(verdict));
}

/**
 * Whether an agency can have its judgement made again: it ended without a verdict or undecided, and the result is
 * still kept.
 */
export function canBeJudgedAgain({ verdict, secrets, state }: Application): boolean {
  const ended = state === 'failed' || state === 'restart-needed' || state === 'decided';
  const open = verdict === undefined || verdict.indication === 'INDETERMINATE';
  return ended && open && secrets?.clearCertificate !== undefined;
}

/** Whether a visit to the municipal office must come before the next signature. */
export function needsOffice(failure: Failure | undefined): boolean {
  return failure?.row !== undefined && AT_THE_OFFICE.has(upstreamErrorRow(failure.row)?.error);
}

export function wayOnOf(application: Pick<Application, 'state' | 'purged' | 'verdict'>): WayOn {
  switch (application.state) {
    case 'received':
    case 'opened':
    case 'authorizing':
      return 'sign';
    case 'exchanging':
      return 'none';
    case 'authorized':
    case 'fetched':
    case 'submitted':
      return 'by-itself';
    case 'failed':
      return 'ask';
    case 'decided':
      if (application.verdict?.indication === 'TOTAL-PASSED') return 'none';
      return canStartAgain(application) ? 'sign-again' : 'ask';
    default:
      return canStartAgain(application) ? 'sign-again' : 'begin-anew';
  }
}
