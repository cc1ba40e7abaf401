import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Browser } from '../../../src/cli/demo/browser.ts';
import type { ApplicationView } from '../../../src/contracts/public-api.ts';
import { addressThatPageLeadsTo } from '../../../src/simulator/citizen.ts';
import {
  api,
  applicationOf,
  goToService,
  keyOfScope,
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
    ['a control character in external_id', DOCUMENT, { query: '?external_id=a%00b' }, 400, 'http.body'],
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
    const back = await browser.open(await goToService(browser, made.sign_url ?? '', { outcome: 'refuse' }));
    const page = await browser.open(back.location ?? '');
    expect(page.html).toContain(`<a href="${OTHER_RETURN_URL}">`);
  });

  it('a file in mode digest, asked for or not; the other mode is refused unless the operator allows it', async () => {
    const type = 'application/octet-stream';
    const file = new Uint8Array([0x25, 0x50]);
    for (const mode of ['', '&mode=digest']) {
      const made = await submitted(world, file, { query: `?profile=detached${mode}`, type });
      expect(made.data).toHaveLength(44);
    }
    const refused = await api(world, '/v1/applications?profile=detached&mode=digest-info', {
      method: 'POST',
      body: file,
      headers: { 'Content-Type': type, 'Idempotency-Key': randomUUID() },
    });
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([
      400,
      'xmldsig.mode',
    ]);
  });

  it('the link that hands an application over is for keys that may write, never for one that may read', async () => {
    const made = await submitted(world, DOCUMENT);
    const readBy = async (key: string) => {
      const headers = { Authorization: `Bearer ${key}` };
      return (await (
        await fetch(`${world.url}/v1/applications/${made.id}`, { headers })
      ).json()) as ApplicationView;
    };
    const seen = await readBy(keyOfScope('read'));
    expect([seen.id, seen.sign_url]).toEqual([made.id, undefined]);
    expect((await applicationOf(world, made.id)).sign_url).toBe(made.sign_url);
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
      expect(headers.get('referrer-policy')).toBe('same-origin');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.has('x-powered-by')).toBe(false);
    }
  });

  it('the cookie is an opaque value: HttpOnly, Lax, whole host; on plain-http loopback neither Secure nor __Host-, which WebKit drops there', async () => {
    const cookie = (await fetch(application.sign_url ?? '')).headers.getSetCookie()[0] ?? '';
    expect(cookie).toMatch(/^jitsuin-browser=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
  });

  it('a session value set by the client is not taken over', async () => {
    const set = `jitsuin-browser=${'A'.repeat(43)}`;
    const response = await fetch(application.sign_url ?? '', { headers: { cookie: set } });
    expect(response.headers.getSetCookie()[0]).toBeDefined();
    expect(response.headers.getSetCookie()[0]).not.toContain('A'.repeat(43));
  });

  it('a form counts from our own page only: Origin, cookie and token', async () => {
    const browser = new Browser();
    const csrf = fieldsOf((await browser.visit(application.sign_url ?? '')).html);
    const cookie = browser.cookieFor(world.url);
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
      post(own, ''),
      post(own, `${csrf}x`),
    ];
    for (const response of await Promise.all(attempts)) {
      expect(response.status).toBe(403);
      expect(await response.text()).toContain('data-code="http.origin"');
    }
    const lost = await post({ origin: world.url }, csrf);
    expect([lost.status, (await lost.text()).includes('data-code="http.cookie"')]).toEqual([403, true]);
    expect((await applicationOf(world, application.id)).state).toBe('opened');
    expect((await post({ cookie, origin: 'null', 'sec-fetch-site': 'same-origin' }, csrf)).status).toBe(200);
    expect((await applicationOf(world, application.id)).state).toBe('authorizing');
  });

  it('a button pressed twice leads to the service both times; the newest state is the one that counts', async () => {
    const made = await submitted(world, DOCUMENT);
    const browser = new Browser();
    const opened = await browser.visit(made.sign_url ?? '');
    const body = new URLSearchParams({ csrf: fieldsOf(opened.html) });
    const headers = { origin: world.url, cookie: browser.cookieFor(world.url) };
    const press = () => fetch(opened.url, { method: 'POST', redirect: 'manual', headers, body });
    const answers = await Promise.all([press(), press(), press()]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const pages = await Promise.all(answers.map((answer) => answer.text()));
    const states = pages.map((html) => new URL(addressThatPageLeadsTo(html) ?? '').searchParams.get('state'));
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
    await goToService(browser, made.sign_url ?? '');
    const confirmation = await browser.open(`${world.url}/applications/${made.id}/sign`);
    const cancelled = await browser.submit(confirmation, '/cancel');
    expect((await browser.open(cancelled.location ?? '')).html).toContain('data-state="cancelled"');
    const stranger = await new Browser().open(cancelled.location ?? '');
    expect(stranger.status).toBe(403);
    expect(stranger.html).toContain('data-code="transaction.other-browser"');
    expect(stranger.html).not.toContain(made.identification_code);
  });

  const PAGES = ['sign', 'complete', 'document', 'document/file', 'events', 'receipt'];
  const FORMS = ['sign', 'cancel', 'again'];

  it('the id alone opens nothing: before a browser has taken it, and afterwards in any other', async () => {
    const made = await submitted(world, DOCUMENT);
    const base = `${world.url}/applications/${made.id}`;
    const stranger = new Browser();
    const { html } = await stranger.open((await submitted(world, DOCUMENT)).sign_url ?? '');
    const refusals = async (code: string) => {
      for (const path of PAGES) {
        const page = await stranger.open(`${base}/${path}`);
        expect([page.status, page.html.includes(`data-code="${code}"`)], path).toEqual([403, true]);
        expect(page.html, path).not.toMatch(new RegExp(`${made.identification_code}|${made.name}|氏名`));
      }
      const headers = { origin: world.url, cookie: stranger.cookieFor(world.url) };
      const body = new URLSearchParams({ csrf: fieldsOf(html), hand_over: 'A'.repeat(43) });
      for (const path of [...FORMS, 'open']) {
        const answer = await fetch(`${base}/${path}`, { method: 'POST', redirect: 'manual', headers, body });
        expect([answer.status, (await answer.text()).includes(code)], path).toEqual([403, true]);
      }
    };
    await refusals('transaction.hand-over');
    const own = new Browser();
    expect((await own.visit(made.sign_url ?? '')).html).toContain(made.identification_code);
    await refusals('transaction.other-browser');
    const late = await stranger.open(made.sign_url ?? '');
    expect([late.status, late.html.includes('別のブラウザー')]).toEqual([403, true]);
    expect((await applicationOf(world, made.id)).state).toBe('opened');
  });

  it('the link leads on to an address without it, and is not in the API any more; opened again by its browser it leads there', async () => {
    const made = await submitted(world, DOCUMENT);
    expect((await applicationOf(world, made.id)).sign_url).toBe(made.sign_url);
    const browser = new Browser();
    const location = `${world.url}/applications/${made.id}/sign`;
    expect((await browser.visit(made.sign_url ?? '')).url).toBe(location);
    expect(await applicationOf(world, made.id)).not.toHaveProperty('sign_url');
    expect((await browser.open(made.sign_url ?? '')).location).toBe(location);
    expect((await browser.open(location)).status).toBe(200);
  });

  it('programs that look at links take nothing; the button of the page takes it', async () => {
    const made = await submitted(world, DOCUMENT);
    const url = made.sign_url ?? '';
    const navigation = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    const looks: [string, Record<string, string>][] = [
      ['GET', {}],
      ['HEAD', navigation],
      ['GET', { ...navigation, 'sec-purpose': 'prefetch;prerender' }],
      ['GET', { ...navigation, purpose: 'prefetch' }],
      ['GET', { ...navigation, 'sec-fetch-dest': 'iframe' }],
    ];
    for (const [method, headers] of looks) expect(await look(url, method, headers)).toEqual([200, undefined]);
    expect((await applicationOf(world, made.id)).sign_url).toBe(url);
    const opened = await fetch(url);
    const cookie = (opened.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
    const html = await opened.text();
    const hand_over = /name="hand_over" value="([^"]+)"/.exec(html)?.[1] ?? '';
    const post = (csrf: string) =>
      fetch(`${world.url}/applications/${made.id}/open`, {
        method: 'POST',
        redirect: 'manual',
        headers: { origin: world.url, cookie },
        body: new URLSearchParams({ csrf, hand_over }),
      });
    expect((await post('x')).status).toBe(403);
    const taken = await post(fieldsOf(html));
    expect([taken.status, taken.headers.get('location')]).toEqual([303, `/applications/${made.id}/sign`]);
    const page = await fetch(`${world.url}/applications/${made.id}/sign`, { headers: { cookie } });
    expect(await page.text()).toContain(made.identification_code);
    const other = await submitted(world, DOCUMENT);
    expect(await look(other.sign_url ?? '', 'GET', { ...navigation, cookie })).toEqual([
      303,
      `/applications/${other.id}/sign`,
    ]);
  });

  it('a link is spent only by a browser that sends a cookie back; one that refuses cookies is told so', async () => {
    const made = await submitted(world, DOCUMENT);
    const url = made.sign_url ?? '';
    const navigation = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    const path = `${new URL(url).pathname}${new URL(url).search}`;
    expect(await look(url, 'GET', navigation)).toEqual([303, `${path}&cookie=sent`]);
    expect(await look(`${url}&cookie=sent`, 'GET', navigation)).toEqual([403, undefined]);
    expect((await applicationOf(world, made.id)).sign_url).toBe(url);
    const cookie = `jitsuin-browser=${'B'.repeat(43)}`;
    expect((await look(`${url}&cookie=sent`, 'GET', { ...navigation, cookie }))[0]).toBe(303);
    expect(await applicationOf(world, made.id)).not.toHaveProperty('sign_url');
  });

  it('after a locked card a link leads back in another browser, and only the same person signs then', async () => {
    await world.startWorker();
    const made = await submitted(world, DOCUMENT);
    const [first, second] = [new Browser(), new Browser()];
    await first.open(
      await goToService(first, made.sign_url ?? '', { outcome: 'locked', surface: 'result', person: 'taro' }),
    );
    await vi.waitFor(async () => expect((await applicationOf(world, made.id)).state).toBe('refused'), 10_000);
    await world.stopWorker();
    const { failure } = await applicationOf(world, made.id);
    expect(failure?.message_ja).toMatch(
      /ロックされています。.*市区町村.*まで、同じ申請のままもう一度署名できます。$/,
    );
    const ended = await first.open(`${world.url}/applications/${made.id}/complete`);
    const made_link = await first.submit(ended, '/way-back');
    const link = /id="way-back"><code>([^<]+)</.exec(made_link.html)?.[1]?.replaceAll('&amp;', '&') ?? '';
    expect((await second.visit(made.sign_url ?? '')).status).toBe(403);
    const back = await second.visit(link);
    expect([back.status, back.html.includes('data-state="refused"')]).toEqual([200, true]);
    expect((await first.open(`${world.url}/applications/${made.id}/complete`)).status).toBe(403);
    const again = await second.submit(back, '/again');
    const stranger = await second.open(
      await goToService(second, again.location ?? '', { outcome: 'sign', person: 'hanako' }),
    );
    const page = await second.open(stranger.location ?? '');
    expect(page.html).toContain('data-code="signer.other-person"');
    const retried = await second.submit(page, '/again');
    const own = await second.open(
      await goToService(second, retried.location ?? '', { outcome: 'sign', person: 'taro' }),
    );
    expect((await second.open(own.location ?? '')).html).toContain('data-state="authorized"');
  });

  it('the tenant makes a new link, for another device; nobody else does', async () => {
    const made = await submitted(world, DOCUMENT);
    const path = `/v1/applications/${made.id}/sign-url`;
    const [first, second] = [new Browser(), new Browser()];
    await first.visit(made.sign_url ?? '');
    const authorization = `Bearer ${world.otherApiKey}`;
    expect((await api(world, path, { method: 'POST', headers: { authorization } })).status).toBe(404);
    const renewed = (await (await api(world, path, { method: 'POST' })).json()) as ApplicationView;
    expect(renewed.sign_url).not.toBe(made.sign_url);
    expect((await first.open(`${world.url}/applications/${made.id}/sign`)).status).toBe(200);
    expect((await second.open(made.sign_url ?? '')).status).toBe(403);
    expect((await second.visit(renewed.sign_url ?? '')).html).toContain(made.identification_code);
    expect((await first.open(`${world.url}/applications/${made.id}/sign`)).status).toBe(403);
    await api(world, `/v1/applications/${made.id}/cancel`, { method: 'POST' });
    expect(await codeOf(await api(world, path, { method: 'POST' }))).toEqual([409, 'transaction.state']);
  });

  it('after the login nothing of a token is in the browser', async () => {
    const made = await submitted(world, DOCUMENT);
    const browser = new Browser();
    const callback = await goToService(browser, made.sign_url ?? '');
    const back = await browser.open(callback);
    expect(back.location).toBe(`${world.url}/applications/${made.id}/complete`);
    const page = await browser.open(back.location ?? '');
    expect(page.html).toContain('data-state="authorized"');
    expect(page.html).not.toMatch(
      /eyJ|access_token|<script(?! src="\/assets\/progress\.js" defer><\/script>)/,
    );
  });
});

/** Status and Location; `fetch` would write its own Sec-Fetch-Mode. */
function look(url: string, method: string, headers: Record<string, string>) {
  return new Promise<[number | undefined, string | undefined]>((resolve, reject) => {
    request(url, { method, headers }, (response) => {
      response.resume().on('end', () => resolve([response.statusCode, response.headers.location]));
    })
      .on('error', reject)
      .end();
  });
}
