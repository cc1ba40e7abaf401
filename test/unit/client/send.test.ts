import { describe, expect, it } from 'vitest';
import { retryAfterSeconds } from '../../../src/client/attempt.ts';
import {
  createPfClient,
  createSpClient,
  each,
  isProblem,
  JitsuinProblem,
  JitsuinUnreachable,
  until,
} from '../../../src/client/index.ts';
import { fakeServer, problem, type Reply } from './fake-server.ts';

const MADE: Reply = { status: 201, json: { id: 'a-1', state: 'opened' } };
const create = (server: ReturnType<typeof fakeServer>, call = {}) =>
  createSpClient(server.options).createApplication({ body: '<a/>', profile: 'by-id', name: '届出' }, call);
const failure = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );

describe('a call of the typed client', () => {
  it('is the request that the document describes', async () => {
    const server = fakeServer([MADE]);
    expect(await create(server, { requestId: 'r-1' })).toMatchObject({ id: 'a-1' });
    const [sent] = server.sent;
    expect(sent).toMatchObject({
      method: 'POST',
      url: 'https://rp.example/v1/applications?profile=by-id&name=%E5%B1%8A%E5%87%BA',
      body: '<a/>',
    });
    expect(Object.fromEntries(sent?.headers ?? [])).toMatchObject({
      authorization: 'Bearer jk_key',
      'content-type': 'application/xml',
      'x-request-id': 'r-1',
      'idempotency-key': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it('octets go out as they are, JSON is serialized, ids are escaped', async () => {
    const server = fakeServer([{ status: 200, json: {} }]);
    const client = createSpClient(server.options);
    await client.createApplication(
      { body: new Uint8Array([0, 255]) },
      { mediaType: 'application/octet-stream' },
    );
    await client.createWebhookEndpoint({ body: { url: 'https://a.example/' } });
    await client.readApplication({ id: '../x?y' });
    expect(server.sent.map(({ body }) => body)).toEqual([
      new Uint8Array([0, 255]),
      '{"url":"https://a.example/"}',
      undefined,
    ]);
    expect(server.sent[0]?.headers.get('content-type')).toBe('application/octet-stream');
    expect(server.sent[1]?.headers.has('idempotency-key')).toBe(false);
    expect(server.sent[2]?.url).toBe('https://rp.example/v1/applications/..%2Fx%3Fy');
    await expect(client.readApplication({ id: '' })).rejects.toThrow(TypeError);
  });

  it('an empty answer is undefined, raw gives status, headers and octets', async () => {
    const server = fakeServer([{ status: 204 }, { status: 200, json: { a: 1 }, headers: { etag: '"7"' } }]);
    const client = createSpClient(server.options);
    expect(await client.deleteWebhookEndpoint({ id: 'e' })).toBeUndefined();
    const answer = await client.raw('readApplication', { id: 'a' });
    expect([answer.status, answer.headers.get('etag'), new TextDecoder().decode(answer.octets)]).toEqual([
      200,
      '"7"',
      '{"a":1}',
    ]);
  });
});

describe('refusals', () => {
  it('are typed: code, status, place; nothing is sent again', async () => {
    const server = fakeServer([problem(422, 'idempotency.mismatch')]);
    const thrown = await failure(create(server, { idempotencyKey: 'mine' }));
    expect(isProblem(thrown, 'idempotency.mismatch')).toBe(true);
    expect(isProblem(thrown, 'http.rate')).toBe(false);
    expect(thrown).toBeInstanceOf(JitsuinProblem);
    expect(thrown).toMatchObject({
      ...{ code: 'idempotency.mismatch', status: 422, retryable: false },
      problem: { at: 'here', detail: 'detail' },
      call: { operation: 'createApplication', attempts: 1, idempotencyKey: 'mine' },
    });
    expect(server.sent).toHaveLength(1);
  });

  it.each([
    [302, 'text/html'],
    [403, 'text/html'],
    [400, 'application/problem+json'],
  ])('what is no problem document of ours (%i %s) has the code unknown', async (status, type) => {
    const server = fakeServer([{ status, json: { code: 'not.ours' }, headers: { 'content-type': type } }]);
    const thrown = await failure(create(server));
    expect(thrown).toMatchObject({ code: 'unknown', status, retryable: false });
  });
});

describe('sending again', () => {
  it('keeps the Idempotency-Key, and waits longer each time, by chance', async () => {
    const server = fakeServer(['cut', problem(503, 'store.unavailable'), { status: 502 }, MADE]);
    expect(await create(server)).toMatchObject({ id: 'a-1' });
    const keys = server.sent.map(({ headers }) => headers.get('idempotency-key'));
    expect(keys).toHaveLength(4);
    expect(new Set(keys).size).toBe(1);
    expect(server.slept).toEqual([250, 500, 1000]);
  });

  it('waits as Retry-After says, in seconds or as a date', async () => {
    const date = new Date(Date.UTC(2026, 0, 1) + 3_250 + 20_000).toUTCString();
    const server = fakeServer([problem(429, 'http.rate', '3'), problem(503, 'store.full', date), MADE]);
    await create(server);
    expect(server.slept[0]).toBe(3_250);
    expect(server.slept[1]).toBeGreaterThanOrEqual(19_000);
    expect(server.slept[1]).toBeLessThanOrEqual(20_500);
    expect([retryAfterSeconds('soon', 0), retryAfterSeconds(null, 0)]).toEqual([undefined, undefined]);
  });

  it('a first request that still runs is asked for again under the same key', async () => {
    const server = fakeServer([problem(409, 'idempotency.running'), MADE]);
    await create(server);
    expect(server.sent).toHaveLength(2);
  });

  it.each([
    ['an operator must act', problem(503, 'upstream.operator', '1')],
    ['the request is wrong', problem(400, 'http.body')],
    ['our own fault', problem(500, 'internal.unexpected')],
  ])('not where it cannot help: %s', async (_why, reply) => {
    const server = fakeServer([reply, MADE]);
    expect(await failure(create(server))).toBeInstanceOf(JitsuinProblem);
    expect(server.sent).toHaveLength(1);
  });

  const CONSENT = {
    consent: {
      items: ['name' as const],
      purpose: '模擬',
      wording_sha256: 'a'.repeat(64),
      agreed_at: '2026-11-22T04:00:00Z',
    },
  };

  it('what may be done once only is sent again after 429 alone', async () => {
    const once = (replies: readonly Reply[]) => {
      const server = fakeServer(replies);
      return {
        server,
        call: createPfClient(server.options).takeCertificateContent({ id: 'v', body: CONSENT }),
      };
    };
    const lost = once(['cut', { status: 200, json: {} }]);
    expect(await failure(lost.call)).toMatchObject({ reason: 'network', call: { attempts: 1 } });
    const unavailable = once([problem(503, 'store.unavailable'), { status: 200, json: {} }]);
    expect(await failure(unavailable.call)).toMatchObject({ code: 'store.unavailable' });
    const limited = once([problem(429, 'http.rate', '1'), { status: 200, json: {} }]);
    await limited.call;
    expect(limited.server.sent).toHaveLength(2);
  });

  it('ends after the last attempt, with how often and under which key it was tried', async () => {
    const server = fakeServer(['cut']);
    const thrown = await failure(create(server));
    expect(thrown).toBeInstanceOf(JitsuinUnreachable);
    expect(thrown).toMatchObject({
      reason: 'network',
      call: { attempts: 4, idempotencyKey: expect.any(String) },
    });
    expect(await failure(create({ ...server, options: { ...server.options, attempts: 1 } }))).toMatchObject({
      call: { attempts: 1 },
    });
  });

  it('ends when the next attempt would lie behind the end of the call', async () => {
    const server = fakeServer([problem(503, 'store.unavailable', '200')]);
    expect(await failure(create(server))).toMatchObject({ code: 'store.unavailable' });
    expect(server.slept).toEqual([]);
    await failure(create(server, { totalMillis: 300_000 }));
    expect(server.slept[0]).toBe(200_250);
  });

  it('asks for a new bearer before each attempt', async () => {
    const server = fakeServer([problem(429, 'http.rate', '1'), { status: 200, json: { items: [] } }]);
    let made = 0;
    const bearer = async () => `jwt-${++made}`;
    await createPfClient({ ...server.options, bearer }).listVerifications();
    expect(server.sent.map(({ headers }) => headers.get('authorization'))).toEqual([
      'Bearer jwt-1',
      'Bearer jwt-2',
    ]);
  });
});

describe('time and cancellation', () => {
  it('an attempt without an answer in time is given up, and tried again', async () => {
    const server = fakeServer(['silent', MADE]);
    const options = { ...server.options, attemptMillis: 20 };
    expect(await createSpClient(options).createApplication({ body: '<a/>' })).toMatchObject({ id: 'a-1' });
    const silent = fakeServer(['silent']);
    const once = { ...silent.options, attemptMillis: 20, attempts: 1 };
    expect(await failure(createSpClient(once).listApplications())).toMatchObject({ reason: 'time' });
  });

  it('the caller’s signal ends it at once, with the caller’s reason', async () => {
    const silent = fakeServer(['silent']);
    const server = { ...silent, options: { ...silent.options, attempts: 1 } };
    const abort = new AbortController();
    const call = failure(create(server, { signal: abort.signal }));
    const reason = new Error('no longer wanted');
    abort.abort(reason);
    expect(await call).toBe(reason);
    expect(await failure(create(server, { signal: abort.signal }))).toBe(reason);
    expect(server.sent).toHaveLength(1);
  });
});

describe('lists and waiting', () => {
  it('every item of every page, each page when it is needed', async () => {
    const pages: Reply[] = [
      { status: 200, json: { items: [{ id: '1' }, { id: '2' }], next_cursor: '2' } },
      { status: 200, json: { items: [{ id: '3' }] } },
    ];
    const server = fakeServer(pages);
    const client = createSpClient(server.options);
    const ids: string[] = [];
    for await (const { id } of each(client.listApplications, { state: 'decided', limit: 2 })) {
      ids.push(id);
      expect(server.sent).toHaveLength(id === '3' ? 2 : 1);
    }
    expect(ids).toEqual(['1', '2', '3']);
    expect(server.sent[1]?.url).toBe('https://rp.example/v1/applications?state=decided&cursor=2&limit=2');
  });

  it('until reads again and again, and ends by the signal', async () => {
    const server = fakeServer([
      { status: 200, json: { state: 'opened' } },
      { status: 200, json: { state: 'decided' } },
    ]);
    const client = createSpClient(server.options);
    const read = () => client.readApplication({ id: 'a' });
    const pacing = server.options.pacing;
    const found = await until(read, ({ state }) => state === 'decided', {
      ...(pacing === undefined ? {} : { pacing }),
    });
    expect(found.state).toBe('decided');
    expect(server.slept).toEqual([2_000]);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(until(read, () => false, { signal })).rejects.toThrow('enough');
  });
});
