import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../../../src/cli/demo/browser.ts';
import type { ApplicationView } from '../../../src/contracts/public-api.ts';
import {
  api,
  applicationOf,
  goToService,
  OTHER_RETURN_URL,
  type RpWorld,
  startRpWorld,
  submit,
  submitted,
} from './world.ts';

const DOCUMENT = '<届出><氏名>模擬</氏名></届出>';

let world: RpWorld;
let application: ApplicationView;
beforeAll(async () => {
  world = await startRpWorld('sp');
  await world.stopWorker();
  application = await submitted(world, DOCUMENT);
});
afterAll(() => world.close());

const codeOf = async (response: Response) => [
  response.status,
  ((await response.json()) as { code: string }).code,
];
const other = () => ({ headers: { authorization: `Bearer ${world.otherApiKey}` } });

describe('the API of a relying party', () => {
  it.each([
    ['no key', {}],
    ['unknown key', { authorization: 'Bearer jk_wrong' }],
    ['another scheme', { authorization: 'Basic eDp5' }],
  ])('%s: 401 on every route, before anything is looked up', async (_name, headers) => {
    for (const path of ['', `/${application.id}`, `/${application.id}/receipt`]) {
      const response = await fetch(`${world.url}/v1/applications${path}`, { headers });
      expect(await codeOf(response)).toEqual([401, 'http.authentication']);
    }
  });

  it('another tenant finds nothing: 404 on every route with an id, and an empty list', async () => {
    const path = `/v1/applications/${application.id}`;
    expect(await codeOf(await api(world, path, other()))).toEqual([404, 'http.not-found']);
    expect(await codeOf(await api(world, `${path}/receipt`, other()))).toEqual([404, 'http.not-found']);
    const cancel = await api(world, `${path}/cancel`, { method: 'POST', ...other() });
    expect(await codeOf(cancel)).toEqual([404, 'http.not-found']);
    expect(await (await api(world, '/v1/applications', other())).json()).toEqual({ items: [] });
    expect((await applicationOf(world, application.id)).state).toBe('opened');
  });

  it.each([
    ['no Idempotency-Key', DOCUMENT, { key: '' }, 400, 'idempotency.key'],
    ['JSON', '{}', { type: 'application/json' }, 415, 'http.media-type'],
    ['Shift_JIS declared', DOCUMENT, { type: 'text/xml; charset=shift_jis' }, 415, 'http.media-type'],
    ['a file without the profile', DOCUMENT, { type: 'application/octet-stream' }, 415, 'http.media-type'],
    ['XML as a file', DOCUMENT, { query: '?profile=detached' }, 415, 'http.media-type'],
    ['DOCTYPE', '<!DOCTYPE a><a/>', {}, 400, 'xml.dtd'],
    ['unknown profile', DOCUMENT, { query: '?profile=xades' }, 400, 'http.body'],
    ['unknown parameter', DOCUMENT, { query: '?tenant=other' }, 400, 'http.body'],
    ['a parameter twice', DOCUMENT, { query: '?name=a&name=b' }, 400, 'http.body'],
    ['an element that is not there', DOCUMENT, { query: '?element=x' }, 400, 'xmldsig.signed-element'],
    ['an element that is no name', DOCUMENT, { query: '?element=%7Bx' }, 400, 'http.body'],
    ['too large', 'x'.repeat(5 * 1024 * 1024 + 1), {}, 413, 'http.body-size'],
    [
      'return_to that is not registered',
      DOCUMENT,
      { query: '?return_to=https://evil.example' },
      400,
      'http.body',
    ],
  ] as const)('%s: refused', async (_name, document, options, status, code) => {
    expect(await codeOf(await submit(world, document, options))).toEqual([status, code]);
  });

  it.each([
    '//evil.example',
    'https:evil',
    '/\\evil',
    'javascript:alert(1)',
    `${OTHER_RETURN_URL}#x`,
    '%2f%2fevil',
  ])('return_to %s leads nowhere', async (returnTo) => {
    const query = `?return_to=${encodeURIComponent(returnTo)}`;
    const answer = await submit(world, DOCUMENT, { query, apiKey: world.otherApiKey });
    expect(await codeOf(answer)).toEqual([400, 'http.body']);
  });

  it('a registered return_to is kept for the page at the end', async () => {
    const query = `?return_to=${encodeURIComponent(OTHER_RETURN_URL)}`;
    const made = await submitted(world, DOCUMENT, { query, apiKey: world.otherApiKey });
    const browser = new Browser();
    const back = await browser.open(
      await goToService(browser, made.authorization_url ?? '', { outcome: 'refuse' }),
    );
    const page = await browser.open(back.location ?? '');
    expect(page.html).toContain(`<a href="${OTHER_RETURN_URL}">`);
  });

  it('a file in both modes', async () => {
    for (const [mode, length] of [
      ['digest', 44],
      ['digest-info', 68],
    ] as const) {
      const query = `?profile=detached&mode=${mode}`;
      const made = await submitted(world, new Uint8Array([0x25, 0x50]), {
        query,
        type: 'application/octet-stream',
      });
      expect(made.data).toHaveLength(length);
    }
  });

  it('pages by cursor, newest first, without gap or repetition', async () => {
    const ids: string[] = [];
    let cursor = '';
    do {
      const page = (await (await api(world, `/v1/applications?limit=2${cursor}`)).json()) as {
        items: ApplicationView[];
        next_cursor?: string;
      };
      ids.push(...page.items.map(({ id }) => id));
      cursor = page.next_cursor === undefined ? '' : `&cursor=${page.next_cursor}`;
    } while (cursor !== '');
    expect(ids).toEqual([...new Set(ids)].sort().reverse());
    expect(ids).toContain(application.id);
    expect(await codeOf(await api(world, '/v1/applications?cursor=x'))).toEqual([400, 'http.body']);
    expect(await codeOf(await api(world, '/v1/applications?sort=name'))).toEqual([400, 'http.body']);
  });

  it('an ETag that has not changed: 304', async () => {
    const path = `/v1/applications/${application.id}`;
    const tag = (await api(world, path)).headers.get('etag') ?? '';
    expect((await api(world, path, { headers: { 'if-none-match': tag } })).status).toBe(304);
  });

  it('no receipt before the verdict; cancel ends it, twice the same', async () => {
    const path = `/v1/applications/${application.id}`;
    expect(await codeOf(await api(world, `${path}/receipt`))).toEqual([409, 'transaction.state']);
    const made = await submitted(world, DOCUMENT);
    for (const _round of [1, 2]) {
      const answer = await api(world, `/v1/applications/${made.id}/cancel`, { method: 'POST' });
      expect(await answer.json()).toMatchObject({
        state: 'cancelled',
        failure: { code: 'transaction.cancelled' },
      });
    }
  });

  it.each(['x', '../../etc/passwd', '%00', `${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}`])(
    'id %s: 404 and nothing else',
    async (id) => {
      expect(await codeOf(await api(world, `/v1/applications/${encodeURIComponent(id)}`))).toEqual([
        404,
        'http.not-found',
      ]);
    },
  );
});

describe('the citizen’s browser', () => {
  const signUrl = () => `${world.url}/applications/${application.id}/sign`;
  const fieldsOf = (html: string) => /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';

  it('security headers stand on pages, problems and unknown paths', async () => {
    for (const path of [
      `/applications/${application.id}/sign`,
      '/v1/applications',
      '/nowhere',
      '/callback',
    ]) {
      const { headers } = await fetch(`${world.url}${path}`);
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.has('x-powered-by')).toBe(false);
    }
  });

  it('the cookie is an opaque __Host- value: Secure, HttpOnly, Lax, whole host', async () => {
    const cookie = (await fetch(signUrl())).headers.getSetCookie()[0] ?? '';
    expect(cookie).toMatch(
      /^__Host-jitsuin-browser=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
  });

  it('a session value set by the client is not taken over', async () => {
    const set = `__Host-jitsuin-browser=${'A'.repeat(43)}`;
    const response = await fetch(signUrl(), { headers: { cookie: set } });
    expect(response.headers.getSetCookie()[0]).toBeDefined();
    expect(response.headers.getSetCookie()[0]).not.toContain('A'.repeat(43));
  });

  it('a form counts from our own page only: Origin, cookie and token', async () => {
    const opened = await fetch(signUrl());
    const cookie = (opened.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
    const csrf = fieldsOf(await opened.text());
    const post = (headers: Record<string, string>, token: string) =>
      fetch(signUrl(), {
        method: 'POST',
        redirect: 'manual',
        headers,
        body: new URLSearchParams({ csrf: token }),
      });
    const own = { origin: world.url, cookie };
    const attempts = [
      post({ cookie }, csrf),
      post({ ...own, origin: 'https://evil.example' }, csrf),
      post({ ...own, origin: 'null' }, csrf),
      post({ cookie, 'sec-fetch-site': 'cross-site' }, csrf),
      post({ origin: world.url }, csrf),
      post(own, ''),
      post(own, `${csrf}x`),
    ];
    for (const response of await Promise.all(attempts)) {
      expect(response.status).toBe(403);
      expect(await response.text()).toContain('data-code="http.origin"');
    }
    expect((await applicationOf(world, application.id)).state).toBe('opened');
    expect((await post({ cookie, origin: 'null', 'sec-fetch-site': 'same-origin' }, csrf)).status).toBe(303);
    expect((await applicationOf(world, application.id)).state).toBe('authorizing');
  });

  it('a button pressed twice leads to the service both times; the newest state is the one that counts', async () => {
    const made = await submitted(world, DOCUMENT);
    const opened = await fetch(made.authorization_url ?? '');
    const cookie = (opened.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
    const body = new URLSearchParams({ csrf: fieldsOf(await opened.text()) });
    const headers = { origin: world.url, cookie };
    const press = () =>
      fetch(made.authorization_url ?? '', { method: 'POST', redirect: 'manual', headers, body });
    const answers = await Promise.all([press(), press(), press()]);
    expect(answers.map(({ status }) => status)).toEqual([303, 303, 303]);
    const states = answers.map((answer) =>
      new URL(answer.headers.get('location') ?? '').searchParams.get('state'),
    );
    expect(new Set(states).size).toBe(3);
  });

  it('error texts of the query are never rendered', async () => {
    const response = await fetch(`${world.url}/callback?state=x&error=e&error_description=%3Cscript%3EMARK`);
    const html = await response.text();
    expect(response.status).toBe(400);
    expect(html).not.toContain('MARK');
  });

  it('a citizen can cancel; the page of another browser tells nothing', async () => {
    const made = await submitted(world, DOCUMENT);
    const browser = new Browser();
    await goToService(browser, made.authorization_url ?? '');
    const confirmation = await browser.open(made.authorization_url ?? '');
    const cancelled = await browser.submit(confirmation, '/cancel');
    expect((await browser.open(cancelled.location ?? '')).html).toContain('data-state="cancelled"');
    const stranger = await new Browser().open(cancelled.location ?? '');
    expect(stranger.status).toBe(400);
    expect(stranger.html).not.toContain(made.identification_code);
  });

  it('after the login nothing of a token is in the browser', async () => {
    const made = await submitted(world, DOCUMENT);
    const browser = new Browser();
    const callback = await goToService(browser, made.authorization_url ?? '');
    const back = await browser.open(callback);
    expect(back.location).toBe(`${world.url}/applications/${made.id}/complete`);
    const page = await browser.open(back.location ?? '');
    expect(page.html).toContain('data-state="authorized"');
    expect(page.html).not.toMatch(
      /eyJ|access_token|<script(?! src="\/assets\/progress\.js" defer><\/script>)/,
    );
  });
});
