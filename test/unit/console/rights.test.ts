import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STAFF_ROLES, type StaffRole } from '../../../src/ports/staff-store.ts';
import { consoleTable } from '../../../src/web/console/routes.ts';
import { type ConsoleKit, consoleKit, RECORD_ID, type Visitor } from '../../support/console-kit.ts';

/** Who may: v(iewer), o(perator), a(uditor), A(dministrator). Written by hand, so that a slip in the table of rights shows. */
const MATRIX: Readonly<Record<string, string>> = {
  'get /console': 'voaA',
  'get /console/openapi.json': 'voaA',
  'get /console/records': 'voaA',
  'get /console/records/:id': 'voaA',
  'get /console/records/:id/report': 'voaA',
  'get /console/records/:id/report.xml': 'voaA',
  'post /console/records/:id/personal': 'oA',
  'post /console/records/:id/status': 'oA',
  'post /console/records/:id/evidence': 'oA',
  'post /console/records/:id/judge-again': 'oA',
  'get /console/work': 'voaA',
  'post /console/work/:id/retry': 'oA',
  'post /console/work/:id/drop': 'oA',
  'get /console/metrics': 'voaA',
  'get /console/evidence': 'oaA',
  'post /console/evidence': 'oaA',
  'get /console/ageing': 'aA',
  'get /console/audit': 'aA',
  'post /console/audit/verify': 'aA',
  'get /console/operators': 'aA',
  'post /console/operators/:id/disable': 'A',
  'get /console/fees': 'aA',
  'get /console/fees.csv': 'aA',
  'get /console/fees/statement': 'aA',
  'get /console/fees/statement.csv': 'aA',
  'get /console/keys': 'aA',
  'post /console/keys/changes': 'A',
  'get /console/tenants': 'aA',
  'post /console/tenants/changes': 'A',
  'post /console/tenants/:id/remove': 'A',
  'get /console/webhooks': 'voaA',
  'get /console/webhooks/:tenant/:id': 'voaA',
  'post /console/webhooks/:tenant/:id/test': 'oA',
  'post /console/webhooks/:tenant/:id/enable': 'oA',
  'post /console/webhooks/:tenant/:id/disable': 'oA',
  'get /console/webhook-deliveries/:tenant/:id': 'voaA',
  'post /console/webhook-deliveries/:tenant/:id/replay': 'oA',
  'get /console/api-keys': 'aA',
  'post /console/api-keys': 'A',
  'post /console/api-keys/:id/revoke': 'A',
  'get /console/settings': 'voaA',
  'get /console/settings/logo': 'voaA',
  'get /console/approvals': 'aA',
  'post /console/approvals/:id/approve': 'A',
  'post /console/approvals/:id/again': 'A',
  'post /console/approvals/:id/refuse': 'A',
};

const LETTERS: Readonly<Record<StaffRole, string>> = {
  viewer: 'v',
  operator: 'o',
  auditor: 'a',
  administrator: 'A',
};

let kit: ConsoleKit;
const visitors = new Map<StaffRole, Visitor>();

beforeAll(async () => {
  kit = await consoleKit();
  for (const role of STAFF_ROLES) visitors.set(role, await kit.visitor(role));
});
afterAll(() => kit.close());

const pathOf = (route: string) =>
  (route.split(' ')[1] ?? '').replace(':id', RECORD_ID).replace(':tenant', 'tenant-a');
const ask = (route: string, visitor?: Visitor) =>
  route === 'post /console/evidence'
    ? kit.upload(pathOf(route), visitor)
    : route.startsWith('get')
      ? kit.get(pathOf(route), visitor)
      : kit.post(pathOf(route), visitor, { reason: 'audit', method: 'CRL' });

describe('rights', () => {
  it('name every route of the console, and no other', () => {
    const table = consoleTable(kit.console);
    expect(table.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(Object.keys(MATRIX).sort());
  });

  const cases = Object.entries(MATRIX).flatMap(([route, who]) =>
    STAFF_ROLES.map((role) => [route, role, who.includes(LETTERS[role])] as const),
  );
  it.each(cases)('%s by %s: allowed %s', async (route, role, allowed) => {
    const answer = await ask(route, visitors.get(role));
    if (allowed) {
      expect([200, 303, 400, 404]).toContain(answer.status);
      expect(answer.headers.get('location')).not.toBe('/console/login');
    } else {
      expect(answer.status).toBe(403);
      expect(await answer.text()).toContain('data-code="right.missing"');
    }
  });

  it.each(Object.keys(MATRIX))('%s sends who is not logged in to the login', async (route) => {
    const answer = await ask(route);
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe('/console/login');
  });

  it('what is not there is 404, for everybody', async () => {
    for (const visitor of [undefined, ...visitors.values()]) {
      expect((await kit.get('/console/nothing', visitor)).status).toBe(404);
      expect((await kit.get('/v1/verifications', visitor)).status).toBe(404);
    }
    const unknown = RECORD_ID.replace('01a', '01b');
    expect((await kit.get(`/console/records/${unknown}`, visitors.get('viewer'))).status).toBe(404);
    expect((await kit.get('/console/records/x%00', visitors.get('viewer'))).status).toBe(404);
  });
});
