import type { Express } from 'express';
import { defined } from '../../core/defined.ts';
import { createEdge } from '../../http/edge.ts';
import { liveness } from '../../http/health.ts';
import type { RequestObserver } from '../../ports/request-observer.ts';
import { assetsRoute } from '../assets-route.ts';
import type { Console } from './console.ts';
import { consoleRoutes } from './routes.ts';

/** The console's own HTTP application: it shares no port with the API and the citizen's pages. */
export function createConsoleApp(console: Console, observer?: RequestObserver): Express {
  const { log, ports } = console;
  const options = defined({
    log,
    random: ports.random,
    publicUrl: console.origin,
    observer,
    basePath: console.basePath,
  });
  return createEdge(options, (app) => {
    assetsRoute(app);
    liveness(app);
    app.get('/', (_request, response) => response.redirect(303, '/console'));
    consoleRoutes(app, console);
  });
}
