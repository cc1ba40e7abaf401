import type { Express } from 'express';
import { accessRoutes } from './access-routes.ts';
import type { Console, ConsoleRoute } from './console.ts';
import { RECORD_ROUTES } from './record-routes.ts';
import { guardedRoute } from './route.ts';
import { WORK_ROUTES } from './work-routes.ts';

const HOME: ConsoleRoute = {
  method: 'get',
  path: '/console',
  act: 'records.read',
  handle: async ({ response }) => response.redirect(303, '/console/records'),
};

/** Every page and action of the console, each with the right it asks for. */
export function consoleTable(_console: Console): readonly ConsoleRoute[] {
  return [HOME, ...RECORD_ROUTES, ...WORK_ROUTES];
}

/** The operator's console below `/console`. Nothing but login and enrolment is there for who is not logged in. */
export function consoleRoutes(app: Express, console: Console): void {
  accessRoutes(app, console);
  for (const route of consoleTable(console)) guardedRoute(app, console, route);
}
