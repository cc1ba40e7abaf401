import type { Express } from 'express';
import type { TenantId } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import { basePathOf } from '../../http/base-path.ts';
import { createEdge, type EdgeOptions } from '../../http/edge.ts';
import { health, type ReadinessProbes } from '../../http/health.ts';
import type { RelyingPartyApi } from '../../http/relying-party/api.ts';
import { applicationRoutes } from '../../http/relying-party/application-routes.ts';
import { logoutRoute } from '../../http/relying-party/logout-route.ts';
import type { WebhookApi } from '../../http/webhooks/endpoints.ts';
import { webhookRoutes } from '../../http/webhooks/routes.ts';
import type { Log } from '../../ports/log.ts';
import type { LoginPorts } from '../../ports/login.ts';
import type { RequestObserver } from '../../ports/request-observer.ts';
import type { LogoutPorts } from '../../rp/back-channel-logout.ts';
import type { WaitingRoom } from '../../rp/waiting-room.ts';
import { PASSKEY_LOGIN_PATH } from '../../web/account/passkey-routes.ts';
import { accountRoutes } from '../../web/account/routes.ts';
import { apiDocsRoutes } from '../../web/api-docs/routes.ts';
import { applicantRoutes } from '../../web/applicant/routes.ts';
import { assetsRoute } from '../../web/assets-route.ts';
import { demoRoutes } from '../../web/demo/routes.ts';
import { homeRoute } from '../../web/home-page.ts';
import { type Site, siteRoutes } from '../../web/site/site.ts';
import type { JudgeDocument } from '../../web/verify/judgement.ts';

export interface RelyingPartyParts extends Omit<RelyingPartyApi, 'rp'> {
  readonly rp: LogoutPorts;
  readonly log: Log;
  readonly observer?: RequestObserver;
  readonly webhooks: WebhookApi;
  /** Absent: nobody begins a signature without the API. */
  readonly demo?: { readonly tenant: TenantId };
  /** Absent: nobody logs in here, citizens only sign. */
  readonly login?: LoginPorts;
  /** Anyone's page: a signed document in, a report out. Absent: there is none. */
  readonly judge?: JudgeDocument;
  readonly offlinePage?: string;
  /** For whom one signs here, in which environment. */
  readonly site: Site;
  readonly probes: ReadinessProbes;
  /** Where citizens wait when the service's rate is full. */
  readonly room: WaitingRoom;
  /** Which is told apart for developers: production cannot be tried out. */
  readonly environment: 'sandbox' | 'test' | 'production';
}

/**
 * The routes that sp and gov share, and `own`, those of the one role: API, citizen's pages, callback, logout,
 * health.
 */
export function createRelyingPartyApp(
  role: 'sp' | 'gov',
  parts: RelyingPartyParts,
  own: (app: Express) => void,
): Express {
  const { rp, log, publicUrl } = parts;
  return createEdge(edgeOptions(parts), (app) => {
    health(app, parts.probes);
    siteRoutes(app, parts.site);
    assetsRoute(app);
    apiDocsRoutes(app, role, publicUrl, parts.environment);
    applicationRoutes(app, parts);
    webhookRoutes(app, parts.webhooks, parts.tenants);
    logoutRoute(app, rp, log);
    if (parts.login !== undefined) accountRoutes(app, { login: parts.login, rp, log, publicUrl });
    const loginPath = parts.login?.passkeys === undefined ? '/login' : PASSKEY_LOGIN_PATH;
    applicantRoutes(app, { rp, log, publicUrl, loginPath, room: parts.room });
    if (parts.demo !== undefined) demoRoutes(app, { ...parts, ...parts.demo, loginPath });
    own(app);
    if (parts.demo === undefined) homeRoute(app, role, { verify: parts.judge !== undefined });
  });
}

function edgeOptions({ log, rp, publicUrl, observer }: RelyingPartyParts): EdgeOptions {
  return defined({ log, random: rp.random, publicUrl, observer, basePath: basePathOf(publicUrl) });
}
