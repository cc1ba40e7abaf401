import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser, type Page } from '../../../src/cli/demo/browser.ts';
import { driveCitizen } from '../../../src/simulator/citizen.ts';
import { DOCUMENT } from '../../support/fakes.ts';
import { notRun } from '../../support/not-run.ts';
import { freePorts } from '../../support/ports.ts';
import { api, ended, type RpWorld, sign, startRpWorld, submitted } from './world.ts';

const BASE = '/city/sign';
const NGINX = spawnSync('nginx', ['-v']).status === 0;

/** A proxy that knows one path and answers 404 for every other: a link that forgets the path leads nowhere. */
interface Front {
  readonly url: (port: number) => Promise<string>;
  close(): Promise<void>;
}

function smallProxy(strips: boolean): Front {
  let target = 0;
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    if (path !== BASE && !path.startsWith(`${BASE}/`) && !path.startsWith(`${BASE}?`))
      return void response.writeHead(404).end('not here');
    const forwarded = strips ? path.slice(BASE.length).replace(/^(?!\/)/, '/') : path;
    const { method, headers } = request;
    const onward = httpRequest(
      { host: '127.0.0.1', port: target, method, headers, path: forwarded },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on('error', () => response.destroy());
    return void request.pipe(onward);
  });
  return {
    url: async (port) => {
      target = port;
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      return `http://localhost:${typeof address === 'object' ? address?.port : 0}${BASE}`;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function nginx(strips: boolean): Front {
  const folder = mkdtempSync(join(tmpdir(), 'jitsuin-nginx-'));
  let child: ReturnType<typeof spawn> | undefined;
  return {
    url: async (port) => {
      const [own = 0] = await freePorts(1);
      const file = join(folder, 'nginx.conf');
      const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
      writeFileSync(
        file,
        `daemon off; pid ${folder}/pid; error_log ${folder}/error.log; events {}
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
  server {
    listen 127.0.0.1:${own};
    absolute_redirect off;
    location = ${BASE} { proxy_pass http://127.0.0.1:${port}/; }
    location ${BASE}/ {
      proxy_pass http://127.0.0.1:${port}${strips ? '/' : ''};
      proxy_set_header Host $http_host;
    }
  }
}
`,
      );
      child = spawn('nginx', ['-p', folder, '-c', file, '-e', `${folder}/error.log`], { stdio: 'ignore' });
      const url = `http://localhost:${own}${BASE}`;
      const until = Date.now() + 10_000;
      while (
        Date.now() < until &&
        !(await fetch(url).then(
          () => true,
          () => false,
        ))
      )
        await new Promise((resolve) => setTimeout(resolve, 20));
      return url;
    },
    close: async () => {
      const gone = new Promise((resolve) => child?.once('exit', resolve));
      child?.kill('SIGTERM');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const FRONTS = [
  ['a proxy that takes the path off', () => smallProxy(true)],
  ['a proxy that leaves the path', () => smallProxy(false)],
  ...(NGINX
    ? ([
        ['nginx that takes the path off', () => nginx(true)],
        ['nginx that leaves the path', () => nginx(false)],
      ] as const)
    : []),
] as const;
if (!NGINX) notRun('a public URL with a path behind nginx', 'apt-get install nginx-light');

describe.each(FRONTS)('a public URL with a path behind %s', (_name, makeFront) => {
  let world: RpWorld;
  let front: Front;
  beforeAll(async () => {
    front = makeFront();
    const env = { JITSUIN_DEMO_PAGES: '1', JITSUIN_PASSKEY: 'on' };
    world = await startRpWorld('gov', { front: front.url, env });
  }, 60_000);
  afterAll(async () => {
    await world?.close();
    await front?.close();
  });

  /** Every own address of a page lies below the path; what can be fetched answers. */
  async function expectOwnAddresses(page: Page): Promise<void> {
    const found = [
      ...page.html.matchAll(/\s(?:href|action|src|data-events|data-[a-z]+-url)="(\/[^"]*)"/g),
    ].map(([, address = '']) => address);
    expect(found.length, page.url).toBeGreaterThan(0);
    expect(found.filter((address) => !address.startsWith(`${BASE}/`))).toEqual([]);
    for (const address of found.filter((one) => /\/assets\//.test(one))) {
      const { status } = await fetch(new URL(address, page.url));
      expect([address, status]).toEqual([address, 200]);
    }
  }

  it('a citizen signs from the first page to the last, and the agency decides', async () => {
    const created = await submitted(world, DOCUMENT);
    expect(created.sign_url?.startsWith(`${world.url}/applications/`)).toBe(true);
    const browser = new Browser();
    const first = await browser.visit(created.sign_url ?? '');
    expect(first.status).toBe(200);
    await expectOwnAddresses(first);
    const last = await sign(browser, created.sign_url ?? '');
    expect([last.status, new URL(last.url).pathname]).toEqual([
      200,
      `${BASE}/applications/${created.id}/complete`,
    ]);
    await expectOwnAddresses(last);
    expect((await ended(world, created.id)).state).toBe('decided');
  });

  it('cookies name the path, so that two worlds of one host keep apart', async () => {
    const lines = (await fetch(`${world.url}/login`, { redirect: 'manual' })).headers.getSetCookie();
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines)
      expect(line).toMatch(/^jitsuin-[a-z]+-city-sign=[^;]+; Path=\/; HttpOnly; SameSite=Lax$/);
  });

  it('login, account, logout: each redirect stays below the path', async () => {
    const browser = new Browser();
    const sent = await browser.open(`${world.url}/login`);
    expect(new URL(sent.location ?? '').searchParams.get('redirect_uri')).toBe(`${world.url}/login/callback`);
    const back = await browser.open(await driveCitizen(sent.location ?? ''));
    expect(back.location).toBe(`${world.url}/account`);
    const account = await browser.open(back.location ?? '');
    expect(account.html).toContain('data-state="logged-in"');
    await expectOwnAddresses(account);
    const out = await browser.submit(account, '/logout');
    expect(out.location).toBe(`${world.url}/account`);
  });

  it.each(['/', '/verify', '/docs', '/account', '/login/passkey'])('the page %s', async (path) => {
    const page = await new Browser().open(`${world.url}${path}`);
    expect(page.status).toBe(200);
    await expectOwnAddresses(page);
  });

  it('the path itself is the first page, and the API answers', async () => {
    expect((await fetch(world.url)).status).toBe(200);
    expect((await api(world, '/v1/applications')).status).toBe(200);
    const { servers } = (await (await fetch(`${world.url}/openapi.json`)).json()) as {
      servers: { url: string }[];
    };
    expect(servers.map(({ url }) => url)).toEqual([world.url]);
  });
});
