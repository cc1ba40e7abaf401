import type { Express } from 'express';
import { accessRoutes } from './access-routes.ts';
import { AGEING_ROUTES } from './ageing-routes.ts';
import { APPROVAL_ROUTES } from './approval-routes.ts';
import { AUDIT_ROUTES } from './audit-routes.ts';
import type { Console, ConsoleRoute } from './console.ts';
import { EVIDENCE_ROUTES } from './evidence-routes.ts';
import { FEE_ROUTES } from './fee-routes.ts';
import { KEY_ROUTES } from './key-routes.ts';
import { METRICS_ROUTES } from './metrics-routes.ts';
import { RECORD_ROUTES } from './record-routes.ts';
import { guardedRoute } from './route.ts';
import { OPERATOR_ROUTES } from './staff-routes.ts';
import { TENANT_ROUTES } from './tenant-routes.ts';
import { WORK_ROUTES } from './work-routes.ts';

const HOME: ConsoleRoute = {
  method: 'get',
  path: '/console',
  act: 'records.read',
  handle: async ({ response }) => response.redirect(303, '/console/records'),
};

/** Every page and action of the console, each with the right it asks for; what the role does not have is not there. */
export function consoleTable({ keys, tenants, fees, changes }: Console): readonly ConsoleRoute[] {
  return [
    HOME,
    ...RECORD_ROUTES,
    ...WORK_ROUTES,
    ...METRICS_ROUTES,
    ...EVIDENCE_ROUTES,
    ...AGEING_ROUTES,
    ...AUDIT_ROUTES,
    ...OPERATOR_ROUTES,
    ...(fees === undefined ? [] : FEE_ROUTES),
    ...(keys === undefined ? [] : KEY_ROUTES),
    ...(tenants === undefined ? [] : TENANT_ROUTES),
    ...(Object.keys(changes).length === 0 ? [] : APPROVAL_ROUTES),
  ];
}

/** The operator's console below `/console`. Nothing but login and enrolment is there for who is not logged in. */
export function consoleRoutes(app: Express, console: Console): void {
  accessRoutes(app, console);
  for (const route of consoleTable(console)) guardedRoute(app, console, route);
}
