import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../../src/contracts/operations/of-role.ts';
import {
  API_SCOPES,
  type ApiRole,
  type Operation,
  scopeOf,
} from '../../../src/contracts/operations/operation.ts';
import { type ApiWorld, startApiWorld } from '../../support/api-worlds.ts';
import { answerJudge } from '../../support/openapi.ts';
import { keyOfScope } from '../rp/world.ts';

const ROLES: readonly ApiRole[] = ['sp', 'gov', 'pf'];
const UNKNOWN = '0197aaaa-0000-7000-8000-000000000000';
const worlds = new Map<ApiRole, ApiWorld>();

beforeAll(async () => {
  for (const role of ROLES) worlds.set(role, await startApiWorld(role));
}, 60_000);
afterAll(async () => {
  await Promise.all([...worlds.values()].map((world) => world.close()));
});

function worldOf(role: ApiRole): ApiWorld {
  const world = worlds.get(role);
  if (world === undefined) throw new Error(`no world of ${role}`);
  return world;
}

interface Sending {
  readonly authorization?: string;
  readonly id?: string;
  readonly query?: string;
  readonly method?: string;
  readonly body?: string;
}

function send(role: ApiRole, operation: Operation, sending: Sending = {}): Promise<Response> {
  const { id = UNKNOWN, query = '', method = operation.method, body } = sending;
  const path = operation.path.replaceAll(/\{\w+\}/g, encodeURIComponent(id));
  const mediaType = operation.bodies?.[0]?.mediaType ?? 'application/json';
  return fetch(`${worldOf(role).url}${path}${query}`, {
    method: method.toUpperCase(),
    redirect: 'manual',
    headers: {
      'idempotency-key': crypto.randomUUID(),
      ...(sending.authorization === undefined ? {} : { authorization: sending.authorization }),
      ...(body === undefined ? {} : { 'content-type': mediaType }),
    },
    ...(body === undefined ? {} : { body }),
  });
}

async function problem(response: Response): Promise<{ status: number; code: string; rest: string }> {
  const { instance: _own, ...body } = (await response.json()) as { code: string; instance: string };
  return { status: response.status, code: body.code, rest: JSON.stringify(body) };
}

const all = ROLES.flatMap((role) =>
  OPERATIONS[role].map((operation) => ({ role, operation, name: operation.id })),
);
const tenantOnly = all.filter(({ operation }) => operation.authentication === 'tenant');
const withId = tenantOnly.filter(({ operation }) => operation.path.includes('{'));

describe.each(tenantOnly)('$role $name: who may ask (A1, A2, A14)', ({ role, operation }) => {
  it('nobody unauthenticated, and the body is not read first', async () => {
    const refused = { status: 401, code: 'http.authentication' };
    expect(
      await problem(
        await send(role, operation, { body: operation.method === 'get' ? undefined : '{' } as Sending),
      ),
    ).toMatchObject(refused);
    for (const authorization of ['Basic eDp5', 'Bearer', 'Bearer x', `Bearer ${'x'.repeat(9000)}`]) {
      expect(await problem(await send(role, operation, { authorization }))).toMatchObject(refused);
    }
  });

  it.each(ROLES.filter((foreign) => foreign !== role))(
    'no tenant of %s: refused like a stranger',
    async (foreign) => {
      const authorization = await worldOf(foreign).mine();
      const answer = await problem(await send(role, operation, { authorization }));
      const stranger = await problem(await send(role, operation, { authorization: 'Bearer x' }));
      expect(answer).toEqual(stranger);
      expect(answer.status).toBe(401);
    },
  );

  it('another method there: 405, and Allow names those of the document (RFC 9110 section 15.5.6)', async () => {
    const answer = await send(role, operation, { method: 'put', authorization: await worldOf(role).mine() });
    const allowed = (answer.headers.get('allow') ?? '').split(', ');
    expect(await problem(answer)).toMatchObject({ status: 405, code: 'http.method' });
    const documented = all.filter((other) => other.role === role && other.operation.path === operation.path);
    for (const other of documented) expect(allowed).toContain(other.operation.method.toUpperCase());
    expect(allowed).not.toContain('PUT');
  });
});

describe.each(tenantOnly.filter(({ role }) => role !== 'pf'))(
  '$role $name: what a key may do',
  ({ role, operation }) => {
    it.each(API_SCOPES)('a key of the scope %s', async (scope) => {
      const authorization = `Bearer ${keyOfScope(scope)}`;
      const answer = await send(role, operation, { authorization });
      if (scope === scopeOf(operation)) expect(answer.status).not.toBe(403);
      else expect(await problem(answer)).toMatchObject({ status: 403, code: 'http.forbidden' });
    });
  },
);

describe.each(all)('$role $name: a query that is no UTF-8', ({ role, operation }) => {
  it('is refused before anything else, and no replacement character comes back', async () => {
    for (const query of ['?name=%E3%81', '?limit=%ff', '?x=%C0%AF']) {
      const answer = await problem(await send(role, operation, { query }));
      expect(answer).toMatchObject({ status: 400, code: 'http.body' });
      expect(answer.rest).not.toContain('\uFFFD');
    }
  });
});

describe.each(withId)('$role $name: whose id (A1, A10, A16)', ({ role, operation }) => {
  it('another tenant’s id is answered like one that never was', async () => {
    const world = worldOf(role);
    const id = world.idFor(operation.path);
    const theirs = await problem(await send(role, operation, { id, authorization: await world.other() }));
    const none = await problem(
      await send(role, operation, { id: UNKNOWN, authorization: await world.other() }),
    );
    expect(theirs).toEqual(none);
    expect(theirs).toMatchObject({ status: 404, code: 'http.not-found' });
  });

  it('an id that is none finds nothing', async () => {
    const ids = [
      "' or 1=1 --",
      '../../etc/passwd',
      '%00',
      '..%2f..',
      '{"$ne":1}',
      'a'.repeat(300),
      '１',
      "'] | //*",
    ];
    const answers = await Promise.all(
      ids.map(async (id) =>
        problem(await send(role, operation, { id, authorization: await worldOf(role).mine() })),
      ),
    );
    for (const answer of answers) expect(answer).toMatchObject({ status: 404, code: 'http.not-found' });
  });
});

describe.each(tenantOnly.filter(({ operation }) => operation.query !== undefined))(
  '$role $name: the query (A4, A16)',
  ({ role, operation }) => {
    it('what is not in the document: 400', async () => {
      const world = worldOf(role);
      const body = operation.method === 'get' ? {} : { body: '<a/>' };
      const own = { ...body, id: world.idFor(operation.path) };
      const queries = [
        '?sort=id;drop',
        '?tenant=other',
        '?limit=0',
        '?limit=1e9',
        // a whole number is written in decimal digits and nothing else
        ...['?limit=0x10', '?limit=1e1', '?limit=%201', '?limit=%2B1', '?limit=01', '?limit=1.0'],
        '?cursor=%27',
        '?__proto__=x',
        '?limit=1&limit=2',
      ];
      const answers = await Promise.all(
        queries.map(async (query) =>
          problem(await send(role, operation, { ...own, query, authorization: await world.mine() })),
        ),
      );
      for (const answer of answers) expect(answer).toMatchObject({ status: 400, code: 'http.body' });
    });
  },
);

describe.each(ROLES)('%s answers as its document says', (role) => {
  const judge = answerJudge(role);

  it('to its tenant, to strangers, about unknown ids', async () => {
    const world = worldOf(role);
    let judged = 0;
    for (const operation of OPERATIONS[role]) {
      const { method, path } = operation;
      const tenant = operation.authentication === 'tenant';
      const sendings: Sending[] = [{}];
      if (tenant && method !== 'delete') {
        sendings.push({ id: world.idFor(path) }, { id: UNKNOWN });
      }
      for (const [index, sending] of sendings.entries()) {
        const authorization = tenant && index > 0 ? { authorization: await world.mine() } : {};
        const answer = await send(role, operation, { ...sending, ...authorization });
        expect(answer.status, `${method} ${path}`).not.toBe(500);
        expect(await judge.wrongWith(method, path, answer)).toBeUndefined();
        judged += 1;
      }
    }
    expect(judged).toBeGreaterThan(OPERATIONS[role].length);
  });

  it('the document that it serves is the document that is judged by', async () => {
    const { url } = worldOf(role);
    const served = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: object };
    expect(served.paths).toEqual(JSON.parse(JSON.stringify(judge.document.paths)));
    const page = await fetch(`${url}/docs`);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect((await fetch(`${url}/assets/docs.css`)).status).toBe(200);
  });

  it('nothing of us is told: no version, no stack, no path (A14)', async () => {
    const { url } = worldOf(role);
    for (const path of ['/nowhere', '/v1/', '/.env', '/openapi.yaml', '/%ff', '//x', '/v1/applications/%']) {
      const answer = await fetch(`${url}${path}`);
      expect([400, 404]).toContain(answer.status);
      expect(answer.headers.has('x-powered-by')).toBe(false);
      expect(await answer.text()).not.toMatch(/node_modules|\.ts|at \w+ \(|Express|SQL/);
    }
  });

  it('no credential stands in a log line', () => {
    expect(worldOf(role).logged()).not.toMatch(/jk_|eyJ/);
  });
});

it.each(ROLES)(
  'opening the address of %s shows a page that leads on, not a problem document',
  async (role) => {
    const response = await fetch(`${worldOf(role).url}/`);
    const page = await response.text();
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      'text/html; charset=utf-8',
    ]);
    const links = [...page.matchAll(/<a href="(\/[^"]*)"/g)].map(([, href]) => href ?? '');
    expect(links).toEqual(role === 'sp' ? ['/docs', '/openapi.json'] : ['/verify', '/docs', '/openapi.json']);
    for (const href of links) expect((await fetch(`${worldOf(role).url}${href}`)).status, href).toBe(200);
  },
);
