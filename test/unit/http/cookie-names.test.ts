import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createEdge } from '../../../src/http/edge.ts';
import { BROWSER_COOKIE, clearCookie, readCookie, setCookie } from '../../../src/web/cookies.ts';
import { fakeWorld } from '../../support/fakes.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** An application that is reached at this URL, and what it sets, reads back and clears. */
async function cookiesAt(publicUrl: string | undefined): Promise<readonly string[]> {
  const { log, random } = fakeWorld();
  const options = publicUrl === undefined ? { log, random } : { log, random, publicUrl };
  const app = createEdge(options, (routes) => {
    routes.get('/set', (_request, response) => {
      setCookie(response, BROWSER_COOKIE, 'value');
      response.end();
    });
    routes.get(
      '/read',
      (request, response) => void response.send(readCookie(request, BROWSER_COOKIE) ?? 'none'),
    );
    routes.get('/clear', (_request, response) => {
      clearCookie(response, BROWSER_COOKIE);
      response.end();
    });
  });
  const server = app.listen(0, '127.0.0.1');
  closers.push(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const line = async (path: string) => (await fetch(base + path)).headers.getSetCookie()[0] ?? '';
  const set = await line('/set');
  const cookie = set.split(';', 1)[0] ?? '';
  const read = await (await fetch(`${base}/read`, { headers: { cookie } })).text();
  return [set, read, await line('/clear')];
}

describe('cookies', () => {
  it.each(['https://sp.example', 'https://localhost', 'http://sp.internal', undefined])(
    'at %s are __Host- cookies: Secure, HttpOnly, whole host',
    async (publicUrl) => {
      const [set, read, cleared] = await cookiesAt(publicUrl);
      expect(set).toBe('__Host-jitsuin-browser=value; Path=/; HttpOnly; Secure; SameSite=Lax');
      expect(read).toBe('value');
      expect(cleared).toMatch(/^__Host-jitsuin-browser=; .*Secure/);
    },
  );

  it.each(['http://localhost:3000', 'http://127.0.0.1:3000', 'http://[::1]:3000'])(
    'at %s have plain names, since WebKit drops Secure cookies there',
    async (publicUrl) => {
      const [set, read, cleared] = await cookiesAt(publicUrl);
      expect(set).toBe('jitsuin-browser=value; Path=/; HttpOnly; SameSite=Lax');
      expect(read).toBe('value');
      expect(cleared).toMatch(/^jitsuin-browser=; /);
    },
  );
});
