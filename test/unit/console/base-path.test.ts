import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleKit, consoleKit } from '../../support/console-kit.ts';

const BASE = '/ops/sign';
let kit: ConsoleKit;
let cookie: string;
beforeAll(async () => {
  kit = await consoleKit({ basePath: BASE });
  cookie = `__Host-jitsuin-console-ops-sign=${(await kit.visitor('administrator')).cookie}`;
});
afterAll(() => kit.close());

/** `before`: what a proxy that leaves the path sends before the console's own. */
const get = (before: string, path: string, headers: Record<string, string> = { cookie }) =>
  fetch(`${kit.url}${before}${path}`, { redirect: 'manual', headers });

describe.each([
  ['takes the path off', ''],
  ['leaves the path', BASE],
])('the console below a path, behind a proxy that %s', (_name, before) => {
  it('every page that a link leads to, and every address in it, lies below the path', async () => {
    const seen = new Set<string>(['/console/records']);
    const pages: string[] = [];
    for (const path of seen) {
      const response = await get(before, path);
      if (!String(response.headers.get('content-type')).startsWith('text/html')) continue;
      const page = await response.text();
      pages.push(path);
      const found = [...page.matchAll(/\s(href|action|src)="(\/[^"]*)"/g)];
      expect(found.filter(([, , address = '']) => !address.startsWith(`${BASE}/`))).toEqual([]);
      for (const [, kind, address = ''] of found)
        if (kind === 'href') seen.add(address.slice(BASE.length).split('?')[0] ?? '');
    }
    expect(pages.length).toBeGreaterThan(8);
  });

  it('redirects and cookies too; a cookie of another path is none of ours', async () => {
    expect((await get(before, '/')).headers.get('location')).toBe(`${BASE}/console`);
    const others = { cookie: cookie.replace('-ops-sign', '') };
    const refused = await get(before, '/console', others);
    expect([refused.status, refused.headers.get('location')]).toEqual([303, `${BASE}/console/login`]);
  });
});
