import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleKit, consoleKit, ORIGIN, RECORD_ID, type Visitor } from '../../support/console-kit.ts';

let kit: ConsoleKit;
let visitor: Visitor;
let other: Visitor;
beforeAll(async () => {
  kit = await consoleKit();
  visitor = await kit.visitor('operator');
  other = await kit.visitor('operator');
});
afterAll(() => kit.close());

const PERSONAL = `/console/records/${RECORD_ID}/personal`;
const REASON = { reason: 'incident', reference: 'case-1' };
const shown = async () => (await kit.store.audit.page({ event: 'personal-data.shown', limit: 100 })).length;
const codeOf = async (answer: Response) => /data-code="([^"]+)"/.exec(await answer.text())?.[1];

describe('forms of the console', () => {
  it.each([
    ['without a token', { csrf: '' }, {}],
    ['with the token of another session', { csrf: 'OTHER' }, {}],
    ['from another origin', {}, { Origin: 'https://evil.example' }],
    ['from another port', {}, { Origin: `${ORIGIN}:8443` }],
    ['without an origin', {}, { Origin: 'null' }],
    ['of another site', {}, { Origin: 'null', 'Sec-Fetch-Site': 'same-site' }],
  ])('are refused %s, and nothing happens', async (_what, fields, headers) => {
    const before = await shown();
    const csrf = 'csrf' in fields && fields.csrf === 'OTHER' ? { csrf: other.csrf } : fields;
    const answer = await kit.post(PERSONAL, visitor, { ...REASON, ...csrf }, headers);
    expect(answer.status).toBe(403);
    expect(await codeOf(answer)).toBe('http.origin');
    expect(await shown()).toBe(before);
  });

  it('are taken from our own page, also where the browser leaves the origin out', async () => {
    expect((await kit.post(PERSONAL, visitor, REASON)).status).toBe(200);
    const headers = { Origin: 'null', 'Sec-Fetch-Site': 'same-origin' };
    expect((await kit.post(PERSONAL, visitor, REASON, headers)).status).toBe(200);
  });

  it('logout needs the token too, and ends the session', async () => {
    const leaving = await kit.visitor('viewer');
    expect((await kit.post('/console/logout', leaving, { csrf: 'x' })).status).toBe(403);
    expect((await kit.get('/console/work', leaving)).status).toBe(200);
    const answer = await kit.post('/console/logout', leaving);
    expect(answer.headers.get('location')).toBe('/console/login');
    expect((await kit.get('/console/work', leaving)).status).toBe(303);
  });

  it('login and enrolment are refused from another origin', async () => {
    for (const path of ['/console/login', '/console/enrol', '/console/enrol/passkey']) {
      const answer = await kit.post(
        path,
        undefined,
        { passkey: '{}', code: 'x' },
        { Origin: 'https://evil.example' },
      );
      expect(answer.status).toBe(403);
      expect(await codeOf(answer)).toBe('http.origin');
    }
  });
});

describe('what is personal', () => {
  it('is not in the page before it is asked for, and is shown only after the record of it stands', async () => {
    const page = await (await kit.get(`/console/records/${RECORD_ID}`, visitor)).text();
    expect(page).toContain('●●●●●●');
    expect(page).not.toContain('MARK-personal');
    const before = await shown();
    const answer = await (await kit.post(PERSONAL, visitor, REASON)).text();
    expect(answer).toContain('MARK-personal');
    expect(await shown()).toBe(before + 1);
    const [record] = await kit.store.audit.page({ event: 'personal-data.shown', limit: 1 });
    expect(record).toMatchObject({ subject: RECORD_ID, tenant: 'tenant-a', facts: REASON });
  });

  it.each([
    {},
    { reason: 'curiosity' },
    { ...REASON, reference: '模擬 太郎' },
    { ...REASON, reference: 'a b' },
  ])('is not shown for %j', async (fields) => {
    const before = await shown();
    const answer = await kit.post(PERSONAL, visitor, fields);
    expect(answer.status).toBe(400);
    expect(await answer.text()).not.toContain('MARK-personal');
    expect(await shown()).toBe(before);
  });

  it('leaves with the evidence only with a reason', async () => {
    const path = `/console/records/${RECORD_ID}/evidence`;
    expect((await kit.post(path, visitor, {})).status).toBe(400);
    const answer = await kit.post(path, visitor, REASON);
    expect(answer.headers.get('content-disposition')).toContain(`evidence-${RECORD_ID}.json`);
    expect(await answer.text()).toBe('{"MARK":"evidence"}');
  });

  it('is not in the log', () => {
    expect(kit.log.lines.length).toBeGreaterThan(5);
    expect(JSON.stringify(kit.log.lines)).not.toMatch(/MARK|模擬|csrf/);
  });
});

describe('every answer', () => {
  it('is not stored, not framed, and runs no script but ours', async () => {
    for (const path of ['/console/login', '/console/enrol', '/console/work']) {
      const { headers } = await kit.get(path, visitor);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*script-src 'self'/);
      expect(headers.get('content-security-policy')).toContain("form-action 'self'");
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    }
  });

  it('sets cookies that only the console itself gets', async () => {
    const cookie = (await kit.get('/console/login')).headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(
      /^__Host-jitsuin-ceremony=[A-Za-z0-9_-]+; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
  });
});
