import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STAFF_ROLES } from '../../../src/ports/staff-store.ts';
import { may } from '../../../src/staff/permissions.ts';
import { consoleTable } from '../../../src/web/console/routes.ts';
import { type ConsoleKit, consoleKit } from '../../support/console-kit.ts';

interface Documented {
  readonly operationId: string;
  readonly 'x-right': string;
  readonly 'x-roles': readonly string[];
  readonly requestBody?: { readonly content: object };
}

let kit: ConsoleKit;
beforeAll(async () => {
  kit = await consoleKit();
});
afterAll(() => kit.close());

describe('the document of a console', () => {
  it('has every route with its right and who has it, and no other', async () => {
    const answer = await kit.get('/console/openapi.json', await kit.visitor('viewer'));
    const { paths, openapi } = (await answer.json()) as {
      openapi: string;
      paths: Record<string, Record<string, Documented>>;
    };
    expect(openapi).toBe('3.1.1');
    const documented = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    );
    const table = consoleTable(kit.console);
    expect(documented.map(({ path, method }) => `${method} ${path}`).sort()).toEqual(
      table.map(({ path, method }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`).sort(),
    );
    const ids = documented.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { method, path, act } of table) {
      const operation = paths[path.replaceAll(/:(\w+)/g, '{$1}')]?.[method];
      expect(operation?.['x-right'], path).toBe(act);
      expect(operation?.['x-roles']).toEqual(STAFF_ROLES.filter((role) => may({ role }, act)));
      expect(operation?.requestBody === undefined).toBe(method === 'get');
    }
  });

  it('is for who is logged in', async () => {
    expect((await kit.get('/console/openapi.json')).headers.get('location')).toBe('/console/login');
  });
});
