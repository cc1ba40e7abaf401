import type { Request, Response } from 'express';
import { asJitsuinError } from '../../core/errors.ts';
import { authorize } from '../../rp/authorize.ts';
import { findSession } from '../../rp/sessions.ts';
import { BROWSER_COOKIE, LOGIN_COOKIE, readCookie } from '../cookies.ts';
import { leadTo } from '../leave-page.ts';
import type { ApplicantPages } from './pages.ts';
import { ownApplicationOf } from './sign-link.ts';
import { waitingPage } from './waiting-page.ts';

const DOUBLE_CLICKS = 5;

/** Hashes of the cookies of who signs: the browser's, and the login's where somebody is logged in. */
export interface Signing {
  readonly idHash: string;
  readonly loginHash: string | undefined;
}

/** The button was pressed: on to the service, or into the line before it when the service's rate is full. */
export async function signOrWait(
  pages: ApplicantPages,
  browser: Signing,
  request: Request,
  response: Response,
): Promise<void> {
  if (await pages.room.isFull()) return enterRoom(pages, request, response);
  try {
    leadTo(response, await authorizeNewest(pages, request, browser));
  } catch (thrown) {
    if (!isRateFull(thrown)) throw thrown;
    await enterRoom(pages, request, response);
  }
}

async function enterRoom(pages: ApplicantPages, request: Request, response: Response): Promise<void> {
  const application = await ownApplicationOf(pages, request);
  await pages.room.enter(application);
  response.redirect(303, `/applications/${application.id}/wait`);
}

/**
 * The page of the line, which loads itself again: it goes on as soon as it is the citizen's turn. Only who pressed the
 * button has a place. `?look`: asked by our script, which loads the page when the turn has come.
 */
export async function showPlace(pages: ApplicantPages, request: Request, response: Response): Promise<void> {
  const application = await ownApplicationOf(pages, request);
  if (!['received', 'opened', 'authorizing'].includes(application.state)) {
    await pages.room.leave(application);
    return response.redirect(303, `/applications/${application.id}/complete`);
  }
  const browser = await signingOf(pages, request);
  if (browser === undefined) return response.redirect(303, `/applications/${application.id}/sign`);
  const looks = request.query['look'] !== undefined;
  const turn = await pages.room.turn(application, looks ? 'look' : undefined);
  if (turn.kind === 'nobody') return response.redirect(303, `/applications/${application.id}/sign`);
  if (turn.kind === 'waits' || looks) return void response.type('html').send(waitingPage(application, turn));
  const url = await authorizeNewest(pages, request, browser).catch((thrown: unknown) => {
    if (!isRateFull(thrown)) throw thrown;
    return undefined; // the place is kept, and the next question comes soon
  });
  if (url === undefined) return void response.type('html').send(waitingPage(application, turn));
  await pages.room.leave(application);
  leadTo(response, url);
}

function isRateFull(thrown: unknown): boolean {
  const { code, at } = asJitsuinError(thrown);
  return code === 'upstream.temporary' && at === 'turn';
}

/** Undefined: the page of the signature asks for a login first, or knows this browser no more. */
async function signingOf({ rp }: ApplicantPages, request: Request): Promise<Signing | undefined> {
  const session = await findSession(rp, readCookie(request, BROWSER_COOKIE));
  const login = await findSession(rp, readCookie(request, LOGIN_COOKIE));
  if (session === undefined || (login === undefined && rp.settings.signer.login === 'required'))
    return undefined;
  return { idHash: session.idHash, loginHash: login?.idHash };
}

/**
 * A button pressed twice is two requests on one record: who lost the race reads it again, and the newest state
 * wins.
 */
async function authorizeNewest(
  pages: ApplicantPages,
  request: Request,
  browser: Signing,
  more = DOUBLE_CLICKS,
): Promise<string> {
  const application = await ownApplicationOf(pages, request);
  try {
    return await authorize(pages.rp, application, browser.idHash, browser.loginHash);
  } catch (thrown) {
    if (more === 0 || asJitsuinError(thrown).code !== 'store.conflict') throw thrown;
    return authorizeNewest(pages, request, browser, more - 1);
  }
}
