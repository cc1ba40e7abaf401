import type { Request } from 'express';
import { JitsuinError } from '../../core/errors.ts';
import type { Application } from '../../core/sign-transaction/application.ts';
import { joinTrace } from '../../http/observe.ts';
import { applicationIdOf } from '../../http/relying-party/find-application.ts';
import type { Log } from '../../ports/log.ts';
import type { RelyingParty } from '../../rp/relying-party.ts';
import { hashOfCookie, type SessionPorts } from '../../rp/sessions.ts';
import { linkNotGood } from '../../rp/sign-link.ts';
import type { WaitingRoom } from '../../rp/waiting-room.ts';
import { BROWSER_COOKIE, readCookie } from '../cookies.ts';

/** What the citizen's pages work with. */
export interface ApplicantPages {
  readonly rp: RelyingParty & SessionPorts;
  readonly log: Log;
  readonly publicUrl: string;
  /** Page of ours where a citizen logs in. */
  readonly loginPath: string;
  readonly room: WaitingRoom;
}

/** The application of the route; its document is for pages that show it. @throws JitsuinError `http.not-found` */
export async function applicationOf(
  { rp: { applications } }: ApplicantPages,
  request: Request,
  extent: 'whole' | 'without document' = 'without document',
): Promise<Application> {
  const id = applicationIdOf(request);
  const read = extent === 'whole' ? applications.get : applications.withoutDocument;
  const found = id === undefined ? undefined : await read.call(applications, id);
  if (found === undefined) throw new JitsuinError('http.not-found', 'No application here has this id.');
  joinTrace(request, found.correlationId);
  return found;
}

/** Whose application it is, as far as browsers go: nobody's yet, this one's, or another's. */
export function bindingOf(application: Application, request: Request): 'nobody' | 'ours' | 'another' {
  const bound = application.secrets?.browserHash;
  if (bound === undefined) return 'nobody';
  return bound === hashOfCookie(readCookie(request, BROWSER_COOKIE)) ? 'ours' : 'another';
}

/**
 * Only the browser that has taken the application gets on; after the purge there is nothing left to protect but the
 * state.
 * @throws JitsuinError `transaction.hand-over`, `transaction.other-browser`
 */
export function requireOwnBrowser(application: Application, request: Request): void {
  if (application.secrets === undefined || bindingOf(application, request) === 'ours') return;
  throw linkNotGood(application);
}
