import express, { type Express } from 'express';
import helmet from 'helmet';
import type { Log } from '../ports/log.ts';
import type { Random } from '../ports/random.ts';
import type { RequestObserver } from '../ports/request-observer.ts';
import { underBasePath } from './base-path.ts';
import { observeRequests } from './observe.ts';
import { notFound, problemHandler } from './problem.ts';
import { parseQuery } from './read-query.ts';
import { requestContext } from './request-context.ts';
import { singleHeaders } from './single-headers.ts';

export interface EdgeOptions {
  readonly log: Log;
  readonly random: Random;
  /** Origins that a form of ours may lead to by redirect (the service's), beside our own. */
  readonly formTargets?: readonly string[];
  readonly observer?: RequestObserver;
  /** Path of the public URL, where it has one: everything lies below it. */
  readonly basePath?: string;
}

/**
 * An Express application with what every role needs before its routes: correlation id, security headers on every
 * answer, no version, no ETag guessing, no-store. `routes` adds the role's own; unknown paths and errors are handled after.
 */
export function createEdge(options: EdgeOptions, routes: (app: Express) => void): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', parseQuery);
  const { basePath = '' } = options;
  if (basePath !== '') app.use(underBasePath(basePath));
  app.use(requestContext(options.random));
  app.use(observeRequests(options.observer));
  app.use(securityHeaders(options.formTargets ?? []));
  app.use(singleHeaders);
  app.use((_request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    next();
  });
  routes(app);
  app.use(notFound);
  app.use(problemHandler(options.log));
  return app;
}

function securityHeaders(formTargets: readonly string[]): ReturnType<typeof helmet> {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        scriptSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'self'", ...formTargets],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
    },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: true },
    xFrameOptions: { action: 'deny' },
  });
}
