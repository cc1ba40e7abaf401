import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consoleTable } from '../../../src/web/console/routes.ts';
import { type ConsoleKit, consoleKit, ORIGIN, RECORD_ID, type Visitor } from '../../support/console-kit.ts';

let kit: ConsoleKit;
let administrator: Visitor;
let paths: ReadonlyMap<string, ReadonlySet<string>>;
beforeAll(async () => {
  kit = await consoleKit();
  administrator = await kit.visitor('administrator');
  const found = new Map<string, Set<string>>();
  const add = (path: string, method: string) =>
    found.set(path, (found.get(path) ?? new Set()).add(method.toUpperCase()));
  for (const { method, path } of consoleTable(kit.console))
    add(path.replace(':id', RECORD_ID).replace(':tenant', 'tenant-a'), method);
  add('/console/login', 'get');
  add('/console/login', 'post');
  add('/console/enrol', 'get');
  add('/console/enrol', 'post');
  add('/console/enrol/passkey', 'post');
  add('/console/logout', 'post');
  paths = found;
});
afterAll(() => kit.close());

interface Asked {
  readonly method?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
}

/** A request whose headers stand as they are given: names and values in turn. */
function ask(path: string, { method = 'GET', headers = [], body }: Asked = {}): Promise<Answer> {
  const { hostname, port } = new URL(kit.url);
  const cookie = ['Cookie', `__Host-jitsuin-console=${administrator.cookie}`];
  const length = body === undefined ? [] : ['Content-Length', String(Buffer.byteLength(body))];
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        hostname,
        port,
        path,
        method,
        headers: ['Host', 'console.example', ...cookie, ...headers, ...length],
      },
      async (response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk as Buffer);
        const type = String(response.headers['content-type'] ?? '');
        const allow = String(response.headers.allow ?? '');
        const status = response.statusCode ?? 0;
        resolve({ status, type, allow, text: Buffer.concat(chunks).toString() });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly allow: string;
  readonly text: string;
}

const codeOf = ({ text }: Answer) =>
  /data-code="([^"]+)"/.exec(text)?.[1] ?? (JSON.parse(text) as { code: string }).code;

describe('HTTP at every route of the console', () => {
  it('another method: 405 as a problem document, and Allow names those there are', async () => {
    expect(paths.size).toBeGreaterThan(35);
    const wrong: string[] = [];
    for (const [path, methods] of paths) {
      for (const method of ['PUT', 'DELETE', 'PATCH', 'POST', 'GET']) {
        if (methods.has(method)) continue;
        const answer = await ask(path, { method });
        const allowed = new Set(answer.allow.split(', '));
        const right =
          answer.status === 405 &&
          answer.type.startsWith('application/problem+json') &&
          codeOf(answer) === 'http.method' &&
          [...methods].every((one) => allowed.has(one)) &&
          !allowed.has(method);
        if (!right) wrong.push(`${method} ${path}: ${answer.status} ${answer.allow}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('a query that is no UTF-8, and a header that stands twice: 400 everywhere', async () => {
    const wrong: string[] = [];
    for (const [path, methods] of paths) {
      const method = methods.has('GET') ? 'GET' : 'POST';
      const broken = await ask(`${path}?q=%E3%81`, { method });
      if (broken.status !== 400 || broken.text.includes('\uFFFD')) wrong.push(`${path}: ${broken.status}`);
      const twice = await ask(path, {
        method,
        headers: ['Origin', ORIGIN, 'Origin', 'https://evil.example'],
      });
      if (twice.status !== 400) wrong.push(`${path} twice: ${twice.status}`);
    }
    expect(wrong).toEqual([]);
  });

  it('a form in another media type or charset is not read', async () => {
    const body = `csrf=${administrator.csrf}`;
    const wrong: string[] = [];
    for (const [path, methods] of paths) {
      if (!methods.has('POST') || path === '/console/evidence') continue;
      for (const type of ['application/json', 'application/x-www-form-urlencoded; charset=shift_jis']) {
        const headers = ['Origin', ORIGIN, 'Content-Type', type];
        const answer = await ask(path, { method: 'POST', headers, body });
        if (answer.status !== 415) wrong.push(`${path} as ${type}: ${answer.status}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('a range is ignored: an asset comes whole, whatever part is asked for', async () => {
    for (const asset of ['/assets/console.css', '/assets/tokens.css'])
      for (const range of ['bytes=0-9', 'bytes=99999999-', 'bytes=9-0', 'lines=1-2']) {
        const answer = await ask(asset, { headers: ['Range', range] });
        expect([asset, range, answer.status]).toEqual([asset, range, 200]);
        expect(answer.text.length).toBeGreaterThan(100);
      }
  });
});
