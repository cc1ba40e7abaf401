import type { Express, Request, Response } from 'express';
import {
  type ApplicationListQuery,
  applicationListQuerySchema,
  applicationStatusQuerySchema,
  type NewApplicationQuery,
  newApplicationQuerySchema,
  signedElementSelector,
} from '../../contracts/public-api.ts';
import type { ApplicationId, TenantId } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import { asJitsuinError, JitsuinError } from '../../core/errors.ts';
import { type Application, FINAL_APPLICATION_STATES } from '../../core/sign-transaction/application.ts';
import { consequenceOf } from '../../core/sign-transaction/failure.ts';
import type { ApplicationGlance, ApplicationQuery } from '../../ports/application-store.ts';
import { cancelApplication } from '../../rp/cancel.ts';
import { type NewApplication, receiveApplication } from '../../rp/receive-application.ts';
import { renewSignLink } from '../../rp/sign-link.ts';
import { startSignature } from '../../rp/start-signature.ts';
import { octetsBody } from '../body.ts';
import { type Answer, idempotent } from '../idempotency.ts';
import { PROBLEMS } from '../problem.ts';
import { readQuery } from '../read-query.ts';
import { correlationIdOf } from '../request-context.ts';
import { authenticate, hasScope, tenantOf } from '../tenants.ts';
import { waitingRoom } from '../waiting.ts';
import { wholeBody } from '../whole-body.ts';
import type { RelyingPartyApi } from './api.ts';
import {
  applicationBody,
  FILE_TYPE,
  MULTIPART,
  packageLimit,
  XML_TYPES,
  ZIP_TYPE,
} from './application-body.ts';
import { applicationView } from './application-view.ts';
import { isApplicationId, ownApplication, ownGlance } from './find-application.ts';
import { isRegisteredReturn } from './return-urls.ts';

/** `/v1/applications`: receive, read, list, hand over anew, cancel. Every route is the authenticated tenant's own. */
export function applicationRoutes(app: Express, api: RelyingPartyApi): void {
  const { rp } = api;
  const authenticated = authenticate(api.tenants);
  const path = '/v1/applications';
  app.post(
    path,
    authenticated,
    wholeBody(packageLimit(api), [MULTIPART, ZIP_TYPE]),
    octetsBody(api.bodyLimit, [...XML_TYPES, FILE_TYPE], {
      read: [MULTIPART, ZIP_TYPE],
      variable: 'JITSUIN_BODY_LIMIT',
    }),
    idempotent(api.idempotency, rp, (request, response, id) => create(api, request, response, id)),
  );
  app.get(path, authenticated, async (request, response) => {
    response.json(await list(api, request, tenantOf(response)));
  });
  const room = waitingRoom(app);
  app.get(`${path}/:id`, authenticated, async (request, response) => {
    const { wait: seconds = 0 } = readQuery(applicationStatusQuerySchema, request);
    const known = request.get('If-None-Match');
    const glance = await room.until(
      response,
      { seconds, tenant: tenantOf(response) },
      () => ownGlance(rp.applications, request, response),
      ({ application }) =>
        known === undefined
          ? FINAL_APPLICATION_STATES.includes(application.state)
          : tagOf(application) !== known,
    );
    sendWithTag(request, response, glance, api.publicUrl);
  });
  app.post(`${path}/:id/sign-url`, authenticated, async (request, response) => {
    const application = await ownApplication(rp.applications, request, response);
    response.json(applicationView(await renewSignLink(rp, application), api.publicUrl));
  });
  app.post(`${path}/:id/cancel`, authenticated, async (request, response) => {
    const application = await ownApplication(rp.applications, request, response);
    response.json(applicationView(await cancelApplication(rp, application, 'tenant'), api.publicUrl));
  });
}

/**
 * Stores the document, then opens the sign transaction. When the service cannot be reached now nothing is lost: the
 * application stays `received` and the transaction is opened by a job, or when the citizen comes.
 */
async function create(
  api: RelyingPartyApi,
  request: Request,
  response: Response,
  id: string,
): Promise<Answer> {
  const correlationId = correlationIdOf(response);
  const query = readQuery(newApplicationQuerySchema, request);
  const input = newApplication(api, request, tenantOf(response), query);
  const received = await receiveApplication(api.rp, { ...input, correlationId, id: id as ApplicationId });
  const application = await startSignature(api.rp, received).catch((thrown: unknown) =>
    storedAfter(api, received, thrown),
  );
  return {
    status: 201,
    headers: { Location: `/v1/applications/${application.id}` },
    body: applicationView(application, api.publicUrl),
  };
}

async function storedAfter(
  api: RelyingPartyApi,
  received: Application,
  thrown: unknown,
): Promise<Application> {
  const error = asJitsuinError(thrown);
  // a refusal would give the key back, and the same request again would make a second application
  if (consequenceOf(error).kind === 'end' && PROBLEMS[error.kind].status >= 500) throw error;
  return (await api.rp.applications.get(received.id)) ?? received;
}

function newApplication(
  api: RelyingPartyApi,
  request: Request,
  tenant: TenantId,
  query: NewApplicationQuery,
): NewApplication {
  const { profile, document, files } = applicationBody(api, request, query);
  if (query.return_to !== undefined && !isRegisteredReturn(api.returnUrls(tenant), query.return_to)) {
    throw new JitsuinError(
      'http.body',
      'return_to is neither one of the return_urls registered for this tenant nor a path below one.',
      { at: 'return_to' },
    );
  }
  return defined({
    tenant,
    document,
    profile,
    files,
    mode: query.mode,
    joins: query.joins as ApplicationId | undefined,
    displayName: query.name,
    externalId: query.external_id,
    returnTo: query.return_to,
    signedElement: query.element === undefined ? undefined : signedElementSelector(query.element),
  });
}

async function list(api: RelyingPartyApi, request: Request, tenant: TenantId): Promise<object> {
  const query = readQuery(applicationListQuerySchema, request);
  const page = await api.rp.applications.list(applicationQuery(query, tenant));
  const last = page.length === query.limit ? page.at(-1) : undefined;
  return defined({
    items: page.map((application) => applicationView(application, api.publicUrl)),
    next_cursor: last === undefined ? undefined : last.id,
  });
}

function applicationQuery(query: ApplicationListQuery, tenant: TenantId): ApplicationQuery {
  if (query.cursor !== undefined && !isApplicationId(query.cursor)) {
    throw new JitsuinError('http.body', 'The cursor is not one of ours.', { at: 'cursor' });
  }
  return defined({
    tenant,
    limit: query.limit,
    states: query.state === undefined ? undefined : [query.state],
    after: query.cursor,
  });
}

function tagOf({ revision }: Application): string {
  return `"${revision}"`;
}

function sendWithTag(
  request: Request,
  response: Response,
  { application, signLink }: ApplicationGlance,
  publicUrl: string,
): void {
  const tag = tagOf(application);
  response.setHeader('ETag', tag);
  response.setHeader('Cache-Control', 'private, no-cache');
  if (request.get('If-None-Match') === tag) {
    response.status(304).end();
    return;
  }
  // who has the link has the application: it is given to who could have made one
  const link = hasScope(response, 'write') ? signLink : undefined;
  response.json(applicationView(application, publicUrl, link));
}
