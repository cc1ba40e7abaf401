import type { Express } from 'express';
import { accessRoutes } from './access-routes.ts';
import { AGEING_ROUTES } from './ageing-routes.ts';
import { API_KEY_ROUTES } from './api-key-routes.ts';
import { APPROVAL_ROUTES } from './approval-routes.ts';
import { AUDIT_ROUTES } from './audit-routes.ts';
import type { Console, ConsoleRoute } from './console.ts';
import { consoleDocument } from './document.ts';
import { EVIDENCE_ROUTES } from './evidence-routes.ts';
import { FEE_ROUTES } from './fee-routes.ts';
import { KEY_ROUTES } from './key-routes.ts';
import { METRICS_ROUTES } from './metrics-routes.ts';
import {
  EVIDENCE_EXPORT_ROUTES,
  JUDGE_AGAIN_ROUTES,
  PERSONAL_ROUTES,
  RECORD_ROUTES,
  REPORT_ROUTES,
  STATUS_ROUTES,
} from './record-routes.ts';
import { guardedRoute } from './route.ts';
import { SETTINGS_ROUTES } from './settings-routes.ts';
import { OPERATOR_ROUTES } from './staff-routes.ts';
import { TENANT_ROUTES } from './tenant-routes.ts';
import { WEBHOOK_ROUTES } from './webhook-routes.ts';
import { WORK_ROUTES } from './work-routes.ts';

const HOME: ConsoleRoute = {
  method: 'get',
  path: '/console',
  act: 'records.read',
  handle: async ({ response }) => response.redirect(303, '/console/records'),
};

const DOCUMENT: ConsoleRoute = {
  method: 'get',
  path: '/console/openapi.json',
  act: 'records.read',
  handle: async ({ console, response }) =>
    void response.json(consoleDocument(console, consoleTable(console))),
};

/** Every page and action of the console, each with the right it asks for; what the role does not have is not there. */
export function consoleTable(console: Console): readonly ConsoleRoute[] {
  const { records, changes } = console;
  const parts: readonly (readonly [unknown, readonly ConsoleRoute[]])[] = [
    [records, [HOME, DOCUMENT, ...RECORD_ROUTES]],
    [records.personal, PERSONAL_ROUTES],
    [records.report, REPORT_ROUTES],
    [records.exportEvidence, EVIDENCE_EXPORT_ROUTES],
    [records.checkStatus, STATUS_ROUTES],
    [records.judgeAgain, JUDGE_AGAIN_ROUTES],
    [console.work, WORK_ROUTES],
    [console.metrics, METRICS_ROUTES],
    [records.checkEvidence, EVIDENCE_ROUTES],
    [console.ageing, AGEING_ROUTES],
    [console.ports, [...AUDIT_ROUTES, ...OPERATOR_ROUTES]],
    [console.fees, FEE_ROUTES],
    [console.keys, KEY_ROUTES],
    [console.tenants, TENANT_ROUTES],
    [console.webhooks, WEBHOOK_ROUTES],
    [console.apiKeys, API_KEY_ROUTES],
    [console.settings, SETTINGS_ROUTES],
    [Object.keys(changes).length === 0 ? undefined : changes, APPROVAL_ROUTES],
  ];
  return parts.flatMap(([port, routes]) => (port === undefined ? [] : routes));
}

/** The operator's console below `/console`. Nothing but login and enrolment is there for who is not logged in. */
export function consoleRoutes(app: Express, console: Console): void {
  accessRoutes(app, console);
  for (const route of consoleTable(console)) guardedRoute(app, console, route);
}
