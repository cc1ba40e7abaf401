import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPfWorld } from '../../support/pf-world.ts';
import { freePorts } from '../../support/ports.ts';
import { startRpWorld } from '../rp/world.ts';

/**
 * One table of HTTP's rules over every route of every listener: the APIs, the citizens' pages, the consoles, the
 * management ports and the simulator. The routes are read from the routers themselves, so that a new one is walked
 * without a line here.
 */

interface Route {
  readonly path: string;
  readonly methods: ReadonlySet<string>;
}

interface Place {
  readonly name: string;
  readonly url: string;
}

const LISTENERS = [
  'sp',
  'sp console',
  'gov',
  'gov console',
  'pf',
  'pf console',
  'pf management',
  'simulator',
] as const;
const places = new Map<string, Place>();
const routesAt = new Map<string, readonly Route[]>();
const closes: (() => Promise<void>)[] = [];

beforeAll(async () => {
  const [spConsole = 0, govConsole = 0, pfConsole = 0, pfManagement = 0] = await freePorts(4);
  const sp = await startRpWorld('sp', {
    env: { JITSUIN_CONSOLE_PORT: String(spConsole), JITSUIN_TENANT_RATE: '0' },
  });
  const gov = await startRpWorld('gov', {
    env: { JITSUIN_CONSOLE_PORT: String(govConsole), JITSUIN_TENANT_RATE: '0' },
  });
  const pf = await startPfWorld({
    JITSUIN_CONSOLE_PORT: String(pfConsole),
    JITSUIN_TENANT_RATE: '0',
    JITSUIN_MANAGEMENT_PORT: String(pfManagement),
  });
  closes.push(
    () => sp.close(),
    () => gov.close(),
    () => pf.close(),
  );
  const at = (port: number) => `http://127.0.0.1:${port}`;
  const urls: Record<(typeof LISTENERS)[number], string> = {
    sp: sp.url,
    'sp console': at(spConsole),
    gov: gov.url,
    'gov console': at(govConsole),
    pf: pf.url,
    'pf console': at(pfConsole),
    'pf management': at(pfManagement),
    simulator: gov.simulator.url,
  };
  for (const name of LISTENERS) {
    places.set(name, { name, url: urls[name] });
    routesAt.set(name, await routesOf(urls[name]));
  }
}, 90_000);
afterAll(async () => {
  await Promise.all(closes.map((close) => close()));
});

interface Layer {
  readonly route?: {
    readonly path: string | RegExp;
    readonly stack: readonly { readonly method?: string }[];
  };
  readonly handle?: { readonly stack?: readonly Layer[] };
}

/** What the router of a listener has, read from the application that answers there. */
async function routesOf(url: string): Promise<readonly Route[]> {
  let application: { readonly router: { readonly stack: readonly Layer[] } } | undefined;
  const started = (message: unknown) => {
    const { response } = message as { readonly response: ServerResponse & { readonly req?: object } };
    const seen = response.req as (IncomingMessage & { readonly app?: typeof application }) | undefined;
    application ??= seen?.app;
  };
  subscribe('http.server.response.finish', started);
  await ask(url, '/of-no-route');
  unsubscribe('http.server.response.finish', started);
  const found = new Map<string, Set<string>>();
  const walk = (layers: readonly Layer[]) => {
    for (const { route, handle } of layers) {
      if (route === undefined) walk(handle?.stack ?? []);
      else
        for (const { method } of route.stack)
          if (method !== undefined) {
            const path = String(route.path).replaceAll(/[:*]\w+/g, '0197aaaa-0000-7000-8000-000000000000');
            found.set(path, (found.get(path) ?? new Set()).add(method.toUpperCase()));
          }
    }
  };
  walk(application?.router.stack ?? []);
  return [...found].map(([path, methods]) => ({ path, methods }));
}

interface Asked {
  readonly method?: string;
  /** Names and values in turn, as they are given. */
  readonly headers?: readonly string[];
  readonly body?: string;
}

interface Answer {
  readonly status: number;
  readonly header: (name: string) => string;
  readonly text: string;
}

function ask(url: string, path: string, { method = 'GET', headers = [], body }: Asked = {}): Promise<Answer> {
  const { hostname, port } = new URL(url);
  const length = body === undefined ? [] : ['Content-Length', String(Buffer.byteLength(body))];
  return new Promise((resolve, reject) => {
    const sent = request(
      { hostname, port, path, method, headers: ['Host', `${hostname}:${port}`, ...headers, ...length] },
      async (response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk as Buffer);
        resolve({
          status: response.statusCode ?? 0,
          header: (name) => String(response.headers[name] ?? ''),
          text: Buffer.concat(chunks).toString(),
        });
      },
    );
    sent.on('error', (thrown) =>
      reject(new Error(`${method} ${path} ${headers.join(' ')}: ${thrown.message}`)),
    );
    sent.end(body);
  });
}

/** Octets as they are. */
function raw(url: string, octets: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text));
    socket.write(octets);
  });
}

const isProblem = (answer: Answer, status: number, code?: string) =>
  answer.status === status &&
  answer.header('content-type').startsWith('application/problem+json') &&
  (code === undefined || (JSON.parse(answer.text) as { code: string }).code === code);

/** A page says its code too. */
const isRefused = (answer: Answer, status: number, code: string) =>
  isProblem(answer, status, code) ||
  (answer.status === status && answer.text.includes(`data-code="${code}"`));

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'];
const allowedAt = (methods: ReadonlySet<string>) =>
  [...methods, 'OPTIONS', ...(methods.has('GET') ? ['HEAD'] : [])].sort().join(', ');

/** What is wrong at a route, in words; each rule is asked of each route. */
type Rule = (url: string, route: Route) => Promise<readonly string[]>;

const otherMethods: Rule = async (url, { path, methods }) => {
  const wrong: string[] = [];
  for (const method of METHODS.filter((one) => !methods.has(one))) {
    const answer = await ask(url, path, { method });
    const allow = answer.header('allow').split(', ').sort().join(', ');
    if (!isProblem(answer, 405, 'http.method') || allow !== allowedAt(methods))
      wrong.push(`${method} ${answer.status} ${allow}`);
  }
  return wrong;
};

const options: Rule = async (url, { path, methods }) => {
  const answer = await ask(url, path, { method: 'OPTIONS' });
  const right = answer.status === 204 && answer.text === '' && answer.header('allow') === allowedAt(methods);
  return right ? [] : [`OPTIONS ${answer.status} ${answer.header('allow')}`];
};

const heads: Rule = async (url, { path, methods }) => {
  if (!methods.has('GET') || path === '/metrics') return [];
  const [got, head] = [await ask(url, path), await ask(url, path, { method: 'HEAD' })];
  const of = (answer: Answer) => [answer.status, answer.header('content-type')].join(' ');
  const right = head.text === '' && of(head) === of(got);
  return right ? [] : [`HEAD ${of(head)}, GET ${of(got)}`];
};

const ONE_METHOD = (methods: ReadonlySet<string>) => [...methods].sort()[0] ?? 'GET';

const queries: Rule = async (url, { path, methods }) => {
  const wrong: string[] = [];
  for (const query of ['?q=%E3%81', '?q=%ff', '?%C0%AF=1', '?q=%']) {
    const answer = await ask(url, path + query, { method: ONE_METHOD(methods) });
    if (answer.status !== 400 || answer.text.includes('\uFFFD')) wrong.push(`${query} ${answer.status}`);
  }
  return wrong;
};

const doubled: Rule = async (url, { path, methods }) => {
  const wrong: string[] = [];
  for (const name of ['Authorization', 'Content-Type', 'Origin']) {
    const headers = [name, 'a/b', name.toLowerCase(), 'c/d'];
    const answer = await ask(url, path, { method: ONE_METHOD(methods), headers });
    if (!isRefused(answer, 400, 'http.body')) wrong.push(`${name} twice ${answer.status}`);
  }
  return wrong;
};

const bodies: Rule = async (url, { path, methods }) => {
  const wrong: string[] = [];
  for (const method of methods) {
    // what comes with the others means nothing (RFC 9110 sections 9.3.1 and 9.3.5)
    if (method === 'GET' || method === 'DELETE') continue;
    for (const type of ['text/plain; charset=shift_jis', 'application/json; charset=utf-7', 'x']) {
      const answer = await ask(url, path, { method, headers: ['Content-Type', type], body: '{"a":' });
      // a console sends strangers to its login before it reads anything (with a session: test/unit/console/http-rules)
      const login = answer.status === 303 && answer.header('location') === '/console/login';
      if (!login && (answer.status < 400 || answer.status >= 500))
        wrong.push(`${method} ${type} ${answer.status}`);
    }
  }
  return wrong;
};

const ranges: Rule = async (url, { path, methods }) => {
  if (!methods.has('GET')) return [];
  const { status } = await ask(url, path);
  const wrong: string[] = [];
  for (const range of ['bytes=0-1', 'bytes=99999999-', 'bytes=9-0', 'lines=1-2']) {
    const answer = await ask(url, path, { headers: ['Range', range] });
    if (answer.status !== status) wrong.push(`${range} ${answer.status}, whole ${status}`);
  }
  return wrong;
};

const RULES: Readonly<Record<string, Rule>> = {
  'another method: 405 and Allow, as a problem document': otherMethods,
  'OPTIONS: 204 and Allow': options,
  'HEAD is GET without its body': heads,
  'a query that is no UTF-8: 400': queries,
  'a header that stands twice: 400': doubled,
  'a body in a charset or type that is not read: 4xx': bodies,
  'a range is ignored': ranges,
};

describe.each(LISTENERS)('HTTP at every route of %s', (name) => {
  it.each(Object.keys(RULES))('%s', { timeout: 60_000 }, async (rule) => {
    const routes = routesAt.get(name) ?? [];
    expect(routes.length).toBeGreaterThan(2);
    const wrong: string[] = [];
    for (const route of routes)
      for (const fault of (await RULES[rule]?.(places.get(name)?.url ?? '', route)) ?? [])
        wrong.push(`${route.path}: ${fault}`);
    expect(wrong).toEqual([]);
  });

  it.each([
    ['no request', 'no request at all\r\n\r\n', 400],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400],
    ['a header without end', `GET / HTTP/1.1\r\nHost: h\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ])('%s fails below the router, as a problem document too', async (_what, octets, status) => {
    const text = await raw(places.get(name)?.url ?? '', octets);
    expect(text.slice(0, 12)).toBe(`HTTP/1.1 ${status}`);
    expect(text.toLowerCase()).toContain('content-type: application/problem+json');
    expect(text).toContain('"code":"http.syntax"');
  });

  it('a path that is none, and one that cannot be read: problem documents', async () => {
    const url = places.get(name)?.url ?? '';
    expect(isProblem(await ask(url, '/of-no-route'), 404, 'http.not-found')).toBe(true);
    const unreadable = await ask(url, '/%E3%81');
    expect([400, 404]).toContain(unreadable.status);
    expect(isProblem(unreadable, unreadable.status)).toBe(true);
  });
});
