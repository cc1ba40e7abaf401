import type { Request, Response } from 'express';
import { asJitsuinError } from '../../core/errors.ts';
import type { Application } from '../../core/sign-transaction/application.ts';
import { requireGoodLink, takeApplication } from '../../rp/sign-link.ts';
import { both } from '../bilingual.ts';
import { BROWSER_COOKIE, readCookie } from '../cookies.ts';
import { html } from '../html.ts';
import { browserSessionOf } from './browser-session.ts';
import { layout } from './layout.ts';
import { noCookie, requireOwnForm } from './own-form.ts';
import { type ApplicantPages, applicationOf, bindingOf, requireOwnBrowser } from './pages.ts';

/**
 * The one-time link of the tenant. A person's navigation takes the application and goes on under an address without
 * the link; programs that look at links before people do (previews, scanners, prefetching) get a page with a
 * button, which takes nothing.
 */
export async function openByLink(
  pages: ApplicantPages,
  request: Request,
  response: Response,
  signLink: string,
): Promise<void> {
  const application = await applicationOf(pages, request);
  // a link that is still good is used up by its own browser too
  if (bindingOf(application, request) === 'ours' && application.secrets?.signLink !== signLink) {
    toSignPage(response, application);
    return;
  }
  requireGoodLink(application, signLink);
  const hadCookie = readCookie(request, BROWSER_COOKIE) !== undefined;
  const { idHash, csrf } = await browserSessionOf(pages.rp, request, response);
  if (!isNavigation(request)) {
    response.type('html').send(openPage(application, signLink, csrf));
    return;
  }
  if (!hadCookie) {
    // a link is spent only by a browser that will still have the application on the next page
    if (request.query['cookie'] !== undefined) throw noCookie();
    response.redirect(303, `/applications/${application.id}/sign?hand_over=${signLink}&cookie=sent`);
    return;
  }
  await take(pages, application, signLink, idHash, response);
}

/** The button of that page. */
export async function openByButton(
  pages: ApplicantPages,
  request: Request,
  response: Response,
): Promise<void> {
  const application = await applicationOf(pages, request);
  const { idHash } = await requireOwnForm(pages, request);
  const body: unknown = request.body;
  const signLink: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'hand_over') : '';
  await take(pages, application, typeof signLink === 'string' ? signLink : '', idHash, response);
}

/** Pressed twice it is two requests on one record: who lost the race has it all the same. */
async function take(
  pages: ApplicantPages,
  application: Application,
  signLink: string,
  browserHash: string,
  response: Response,
): Promise<void> {
  try {
    await takeApplication(pages.rp, application, signLink, browserHash);
  } catch (thrown) {
    const now = await pages.rp.applications.withoutDocument(application.id);
    if (asJitsuinError(thrown).code !== 'store.conflict' || now?.secrets?.browserHash !== browserHash)
      throw thrown;
  }
  toSignPage(response, application);
}

function toSignPage(response: Response, { id }: Application): void {
  response.redirect(303, `/applications/${id}/sign`);
}

/** Fetch Metadata and Sec-Purpose: what a browser sends for a page that a person goes to, and nobody else. */
function isNavigation(request: Request): boolean {
  const early = request.get('Sec-Purpose') ?? request.get('Purpose');
  return (
    request.method === 'GET' &&
    early === undefined &&
    request.get('Sec-Fetch-Mode') === 'navigate' &&
    request.get('Sec-Fetch-Dest') === 'document'
  );
}

function openPage({ id }: Application, signLink: string, csrf: string): string {
  return layout(
    { ja: '署名を開く', en: 'Open the signature' },
    html`<p id="hand-over">${both({
      ja: 'このブラウザーで署名の手続を開きます。開くと、ほかのブラウザーや端末では続けられません。',
      en: 'Open the signature in this browser. Other browsers and devices can then not go on with it.',
    })}</p>
<form method="post" action="/applications/${id}/open">
<input type="hidden" name="csrf" value="${csrf}">
<input type="hidden" name="hand_over" value="${signLink}">
<button type="submit">${both({ ja: 'このブラウザーで開く', en: 'Open in this browser' })}</button>
</form>`,
    { step: 'confirm' },
  );
}

/** The pages of an application are for the browser that has it. @throws as `requireOwnBrowser` */
export async function ownApplicationOf(
  pages: ApplicantPages,
  request: Request,
  extent?: 'whole',
): Promise<Application> {
  const application = await applicationOf(pages, request, extent);
  requireOwnBrowser(application, request);
  return application;
}
