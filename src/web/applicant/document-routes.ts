import type { Express, Request, Response } from 'express';
import { JitsuinError } from '../../core/errors.ts';
import { withDocument } from '../../core/sign-transaction/application.ts';
import { isFinal } from '../../core/sign-transaction/machine.ts';
import { findSession } from '../../rp/sessions.ts';
import { readCookie, SESSION_COOKIE } from '../cookies.ts';
import { citizenRoute } from './browser-route.ts';
import { documentPage, shownForm } from './document-section.ts';
import { fileKind } from './file-kind.ts';
import type { ApplicantPages } from './pages.ts';
import { paperPage } from './paper-page.ts';
import { progressEvents } from './progress-events.ts';
import { ownApplicationOf } from './sign-link.ts';

/** What belongs to an application beside its two pages: the document, the receipt, the events of its progress. */
export function documentRoutes(app: Express, pages: ApplicantPages): void {
  const route = (handler: (pages: ApplicantPages, request: Request, response: Response) => Promise<void>) =>
    citizenRoute(pages.log, (request, response) => handler(pages, request, response));
  app.get('/applications/:id/document', route(showDocument));
  app.get('/applications/:id/document/file', route(sendDocument));
  app.get('/applications/:id/files/:number', route(sendBeside));
  app.get('/applications/:id/receipt', route(sendReceipt));
  app.get('/applications/:id/paper', route(showPaper));
  app.get('/applications/:id/events', route(sendEvents));
}

/** Before it is signed, to the browser that has it. Afterwards only the API gives documents out. */
async function unsignedOf(pages: ApplicantPages, request: Request) {
  const application = await ownApplicationOf(pages, request, 'whole');
  const { state, secrets } = application;
  const unsigned = state === 'received' || state === 'opened' || state === 'authorizing';
  if (!unsigned || secrets === undefined) {
    throw new JitsuinError('http.not-found', 'The document is shown only before it is signed.');
  }
  return { application, document: withDocument(secrets).document };
}

async function showDocument(pages: ApplicantPages, request: Request, response: Response): Promise<void> {
  const { application } = await unsignedOf(pages, request);
  response.type('html').send(documentPage(application, await shownForm(pages.rp, application, 'whole')));
}

async function sendDocument(pages: ApplicantPages, request: Request, response: Response): Promise<void> {
  const { application, document } = await unsignedOf(pages, request);
  const name =
    application.profile === 'detached' ? `application.${fileKind(document).extension}` : 'application.xml';
  sendFile(response, name, Buffer.from(document));
}

/** A file beside the document, under its own name. */
async function sendBeside(pages: ApplicantPages, request: Request, response: Response): Promise<void> {
  const { application } = await unsignedOf(pages, request);
  const files = await pages.rp.applications.files(application.id, application.tenant);
  const number = String(request.params['number']);
  const file = /^[1-9][0-9]{0,2}$/.test(number) ? files[Number(number) - 1] : undefined;
  if (file === undefined)
    throw new JitsuinError('http.not-found', 'The application has no file of this number.');
  const plain = `file-${number}.${fileKind(file.octets).extension}`;
  sendFile(response, plain, Buffer.from(file.octets), file.name);
}

async function sendReceipt(pages: ApplicantPages, request: Request, response: Response): Promise<void> {
  const application = await ownApplicationOf(pages, request);
  const receipt = application.secrets?.receipt;
  const session = await findSession(pages.rp, readCookie(request, SESSION_COOKIE));
  if (receipt === undefined || session?.subjectHash !== application.subjectHash) {
    throw new JitsuinError(
      'http.not-found',
      'This browser has no receipt of this application: it was not decided yet, or another browser signed it.',
    );
  }
  sendFile(response, 'receipt.jws', Buffer.from(receipt));
}

/** For who signed, as the receipt is: nothing of it may be read by who only has the browser. */
async function showPaper(pages: ApplicantPages, request: Request, response: Response): Promise<void> {
  const application = await ownApplicationOf(pages, request);
  const { verdict, subjectHash } = application;
  const session = await findSession(pages.rp, readCookie(request, SESSION_COOKIE));
  // after the purge nobody is known to be the one who signed
  const signer = subjectHash !== undefined && session?.subjectHash === subjectHash;
  if (verdict?.indication !== 'TOTAL-PASSED' || !signer) {
    throw new JitsuinError(
      'http.not-found',
      'This browser has no valid signature of this application to show.',
    );
  }
  response.type('html').send(paperPage(application, verdict));
}

async function sendEvents(pages: ApplicantPages, request: Request, response: Response): Promise<void> {
  const application = await ownApplicationOf(pages, request);
  if (isFinal(application.state)) {
    response.type('text/event-stream').send(`event: state\ndata: ${application.state}\n\n`);
    return;
  }
  const { id, tenant } = application;
  const browser = application.secrets?.browserHash ?? id;
  // without the document and the secrets: it is asked for again and again
  const state = async () => (await pages.rp.applications.glance(id, tenant))?.application.state;
  await progressEvents(state, browser, response);
}

/** Always saved, never opened by the browser: it is somebody else's content. */
function sendFile(response: Response, name: string, octets: Buffer, own?: string): void {
  const encoded =
    own === undefined ? '' : `; filename*=UTF-8''${encodeURIComponent(own).replace(/['()*]/g, percent)}`;
  response.setHeader('Content-Disposition', `attachment; filename="${name}"${encoded}`);
  response.type('application/octet-stream').send(octets);
}

/** What RFC 8187 does not let stand as it is, and `encodeURIComponent` does. */
function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
