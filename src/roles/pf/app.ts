import type { Express } from 'express';
import { defined } from '../../core/defined.ts';
import { followingTenants } from '../../http/assertion-tenants.ts';
import { basePathOf } from '../../http/base-path.ts';
import { createEdge } from '../../http/edge.ts';
import { health, type ReadinessProbes } from '../../http/health.ts';
import type { Unpack } from '../../http/packed-form.ts';
import { publicLogRoute } from '../../http/public-log-route.ts';
import { limitedTenants } from '../../http/tenants.ts';
import type { WebhookApi } from '../../http/webhooks/endpoints.ts';
import { webhookRoutes } from '../../http/webhooks/routes.ts';
import type { PlatformOperator } from '../../pf/platform-operator.ts';
import type { RateLimit } from '../../ports/rate-limit.ts';
import type { RequestObserver } from '../../ports/request-observer.ts';
import { apiDocsRoutes } from '../../web/api-docs/routes.ts';
import { assetsRoute } from '../../web/assets-route.ts';
import { homeRoute } from '../../web/home-page.ts';
import type { JudgeDocument } from '../../web/verify/judgement.ts';
import { verifyRoutes } from '../../web/verify/routes.ts';
import { verificationRoutes } from './routes/verifications.ts';

/** The platform operator's HTTP application: health, the public keys of its receipts, and the API for sps. */
export function createPfApp(
  operator: PlatformOperator,
  options: {
    readonly bodyLimit: number;
    readonly environment: 'sandbox' | 'test' | 'production';
    readonly probes: ReadinessProbes;
    readonly rateLimit: RateLimit;
    readonly webhooks: WebhookApi;
    /** Anyone's page: a signed document in, a report out. Absent: there is none. */
    readonly judge?: JudgeDocument;
    /** Of `/verify`: the ZIP of a form. */
    readonly unpack: Unpack;
    readonly offlinePage?: string;
    /** What of the public log is for anyone. */
    readonly publicLogFolder?: string;
    readonly observer?: RequestObserver;
  },
): Express {
  const { log, random, clock, replay, publicUrl, tenants, receipts } = operator;
  return createEdge(
    defined({
      log,
      random,
      publicUrl,
      observer: options.observer,
      basePath: basePathOf(publicUrl),
    }),
    (app) => {
      health(app, options.probes);
      assetsRoute(app);
      apiDocsRoutes(app, 'pf', publicUrl, options.environment);
      app.get('/.well-known/jwks.json', (_request, response) => {
        response.json(receipts.jwks);
      });
      const judge = followingTenants(() => tenants.assertions, { audience: publicUrl, clock, replay });
      const limited = limitedTenants(judge, options.rateLimit);
      if (options.publicLogFolder !== undefined) publicLogRoute(app, options.publicLogFolder);
      verificationRoutes(app, operator, limited, options.bodyLimit);
      webhookRoutes(app, options.webhooks, limited);
      const { judge: judgeDocument, offlinePage, bodyLimit, unpack } = options;
      if (judgeDocument !== undefined)
        verifyRoutes(app, defined({ judge: judgeDocument, offlinePage, log, bodyLimit, unpack }));
      homeRoute(app, 'pf', { verify: judgeDocument !== undefined });
    },
  );
}
