import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signingBy } from '../../../src/cli/rp-test/hooks.ts';
import { newVisitor } from '../../../src/cli/rp-test/visitor.ts';

let server: Server;
let base = '';
const heard: string[] = [];
beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    heard.push(`${request.method} ${request.url} ${body}`);
    if (request.url === '/page') {
      const field = '<input type="hidden" name="t" value="a&amp;b">';
      const buttons = '<form method="post" action="/no"><button>やめる</button></form>';
      return void response.end(
        `${buttons}<form method="post" action="/go?x=1">${field}<button>次へ</button></form>`,
      );
    }
    if (request.url === '/go?x=1') return void response.writeHead(303, { location: '/end' }).end();
    const status = Number(/\/(\d+)/.exec(request.url ?? '')?.[1] ?? 200);
    response.writeHead(status).end(JSON.stringify({ url: `${base}/page`, sha256: 'AB' }));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

const node = (code: string) => ({ command: [process.execPath, '-e', code] });
const post = (path: string) => ({ post: `${base}${path}`, headers: {} });

describe('how the author of a relying party is asked', () => {
  it('a command says an address, or JSON with the hash', async () => {
    const told = async (code: string) => signingBy(node(code), node(''), '.').start();
    expect(await told("console.log('http://localhost/a')")).toEqual({
      url: 'http://localhost/a',
      note: 'http://localhost/a',
    });
    const json = '{"url":"http://localhost/b","sha256":"AB"}';
    expect(await told(`console.log('${json}')`)).toEqual({
      url: 'http://localhost/b',
      note: json,
      sha256: 'ab',
    });
    expect(await told('console.log("nonsense")')).toBeUndefined();
    expect(await told('process.exit(3)')).toBeUndefined();
  });

  it.each([
    [0, 'taken'],
    [75, 'waiting'],
    [1, 'refused'],
  ])('a command that ends with %i says %s, and knows what was begun', async (status, word) => {
    const code = `process.exit(process.env.RP_TEST_STARTED === 'n' ? ${status} : 9)`;
    expect(await signingBy(node(''), node(code), '.').done({ url: '', note: 'n' }, newVisitor())).toBe(word);
  });

  it.each([
    [200, 'taken'],
    [202, 'waiting'],
    [404, 'refused'],
  ])('an address that answers %i says %s', async (status, word) => {
    const started = { url: '', note: '{"id":1}' };
    expect(await signingBy(base, post(`/${status}`), '.').done(started, newVisitor())).toBe(word);
    expect(heard.at(-1)).toBe(`POST /${status} {"id":1}`);
    expect(await signingBy(base, `${base}/${status}`, '.').done(started, newVisitor())).toBe(word);
  });

  it('the visitor presses the button that has the words, with its hidden fields, and no other', async () => {
    heard.length = 0;
    const { status, pages } = await newVisitor(['次へ']).visit(`${base}/page`);
    expect([status, pages.length]).toEqual([200, 2]);
    expect(heard).toEqual(['GET /page ', 'POST /go?x=1 t=a%26b', 'GET /end ']);
    heard.length = 0;
    await newVisitor().visit(`${base}/page`);
    expect(heard).toEqual(['GET /page ']);
  });
});
