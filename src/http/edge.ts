import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import helmet from 'helmet';
import type { Log } from '../ports/log.ts';
import type { Random } from '../ports/random.ts';
import type { RequestObserver } from '../ports/request-observer.ts';
import { underBasePath } from './base-path.ts';
import { COOKIE_NAMES, cookieNamesAt } from './cookie-names.ts';
import { observeRequests } from './observe.ts';
import { notFound, problemHandler } from './problem.ts';
import { parseQuery } from './read-query.ts';
import { requestContext } from './request-context.ts';
import { singleHeaders } from './single-headers.ts';

export interface EdgeOptions {
  readonly log: Log;
  readonly random: Random;
  readonly observer?: RequestObserver;
  /** Path of the public URL, where it has one: everything lies below it. */
  readonly basePath?: string;
  /** Where people reach this role; absent: a role without pages for them. */
  readonly publicUrl?: string;
}

/**
 * An Express application with what every role needs before its routes: correlation id, security headers on every
 * answer, no version, no ETag guessing, no-store. `routes` adds the role's own; unknown paths and errors are
 * handled after.
 */
export function createEdge(options: EdgeOptions, routes: (app: Express) => void): Express {
  const app = plainApp();
  const { basePath = '' } = options;
  if (basePath !== '') app.use(underBasePath(basePath));
  app.set(COOKIE_NAMES, cookieNamesAt(options.publicUrl));
  app.use(requestContext(options.random));
  app.use(observeRequests(options.observer));
  app.use((_request, response, next) => {
    for (const [name, value] of CONSTANT_HEADERS) response.setHeader(name, value);
    next();
  });
  return underHttpRules(app, options.log, routes);
}

/** An Express application without any of what Express adds or guesses by itself. */
export function plainApp(): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', parseQuery);
  return app;
}

/**
 * What holds at every listener of ours, whoever it is for: headers that stand twice and queries that cannot be read are
 * refused before `routes`, other methods and unknown paths are told after them, every failure by a problem document.
 */
export function underHttpRules(app: Express, log: Log, routes: (app: Express) => void): Express {
  app.use(singleHeaders);
  app.use(readableQuery);
  routes(app);
  app.use(notFound);
  app.use(problemHandler(log));
  return app;
}

/** One rule at every route, whether it reads its query or not. @throws JitsuinError `http.body` (from `parseQuery`) */
const readableQuery: RequestHandler = (request, _response, next) => {
  void request.query;
  next();
};

const SECURITY_HEADERS: RequestHandler = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      styleSrc: ["'self'"],
      scriptSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      // No form leads elsewhere: other sites are reached by a page (web/leave-page.ts).
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
      baseUri: ["'none'"],
    },
  },
  crossOriginOpenerPolicy: { policy: 'same-origin' },
  // With `no-referrer` browsers send `Origin: null` with our own forms (Fetch standard section 3.2); nothing leaves
  // our origin.
  referrerPolicy: { policy: 'same-origin' },
  strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: true },
  xFrameOptions: { action: 'deny' },
});

/** None of them depends on the request, so that they are made once: a dozen middlewares less for each. */
const CONSTANT_HEADERS = constantHeaders();

function constantHeaders(): readonly (readonly [string, string])[] {
  const headers = new Map<string, string>();
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  response.setHeader = (name, value) => {
    headers.set(name, String(value));
    return response;
  };
  SECURITY_HEADERS(request as Request, response as Response, () => undefined);
  headers.set('Cache-Control', 'no-store');
  // src/decisions/http.md
  headers.set('Accept-Ranges', 'none');
  return [...headers];
}
