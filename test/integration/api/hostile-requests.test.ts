import { connect } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/adapters/clock.ts';
import { openFileSealer } from '../../../src/adapters/keys/sealer-file.ts';
import { openStore } from '../../../src/adapters/store/open-store.ts';
import { changeRows } from '../../../src/adapters/store/rows/change-rows.ts';
import type { ApplicationView } from '../../../src/contracts/public-api.ts';
import { DOCUMENT } from '../../support/api-worlds.ts';
import { api, type RpWorld, startRpWorld, submit } from '../rp/world.ts';

let world: RpWorld;
beforeAll(async () => {
  world = await startRpWorld('sp', { env: { JITSUIN_BODY_LIMIT: '65536' } });
  await world.stopWorker();
});
afterAll(() => world.close());

/** Sends octets as they are and gives everything that came back until the server closed. */
function raw(...parts: readonly (string | Buffer)[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const { hostname, port } = new URL(world.url);
    const socket = connect(Number(port), hostname, () => {
      for (const part of parts) socket.write(part);
    });
    socket.setTimeout(5_000, () => socket.destroy());
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      // refused before the end of the body: what we still send would reset the connection
      if (chunks[0]?.includes(' 413 ') === true) socket.destroy();
    });
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' || error.code === 'EPIPE' ? undefined : reject(error),
    );
  });
}

const head = (...lines: readonly string[]) =>
  [
    'POST /v1/applications HTTP/1.1',
    'Host: rp',
    `Authorization: Bearer ${world.apiKey}`,
    `Idempotency-Key: ${crypto.randomUUID()}`,
    'Content-Type: application/xml',
    ...lines,
    '',
    '',
  ].join('\r\n');
const stored = async () =>
  ((await (await api(world, '/v1/applications?limit=100')).json()) as { items: ApplicationView[] }).items;

describe('one effect for one Idempotency-Key (A3)', () => {
  it('50 at once: one application, equal answers', async () => {
    const before = (await stored()).length;
    const key = crypto.randomUUID();
    const answers = await Promise.all(Array.from({ length: 50 }, () => submit(world, DOCUMENT, { key })));
    const ids = new Set<string>();
    for (const answer of answers) {
      if (answer.status === 201) ids.add(((await answer.json()) as ApplicationView).id);
      else expect([answer.status, await answer.json()]).toMatchObject([409, { code: 'idempotency.running' }]);
    }
    expect(ids.size).toBe(1);
    expect(await stored()).toHaveLength(before + 1);
    const again = (await (await submit(world, DOCUMENT, { key })).json()) as ApplicationView;
    expect(ids).toContain(again.id);
  });

  it('another tenant’s same key is another key; the same key with other words is refused', async () => {
    const key = crypto.randomUUID();
    const mine = (await (await submit(world, DOCUMENT, { key })).json()) as ApplicationView;
    const theirs = (await (
      await submit(world, DOCUMENT, { key, apiKey: world.otherApiKey })
    ).json()) as ApplicationView;
    expect(theirs.id).not.toBe(mine.id);
    for (const [document, options] of [
      ['<other/>', {}],
      [DOCUMENT, { query: '?external_id=1' }],
    ] as const) {
      expect((await submit(world, document, { key, ...options })).status).toBe(422);
    }
  });

  it('the first died unanswered and its application has ended since: the key is still that application’s', async () => {
    const before = (await stored()).length;
    const key = crypto.randomUUID();
    const made = (await (await submit(world, DOCUMENT, { key })).json()) as ApplicationView;
    const dataDir = join(world.dir, 'world', 'sp');
    const sealer = openFileSealer(join(dataDir, 'seal-key.json'));
    const store = await openStore({ dataDir, role: 'sp', sealer, clock: systemClock });
    const change = (
      table: 'idempotency_keys' | 'applications',
      where: string,
      set: Record<string, string | number | null>,
    ) => changeRows(store.kysely, store.rows, { table, where: sql.raw(where), set });
    await change('idempotency_keys', 'true', { sealed_answer: null, claimed_at: 1 });
    await change('applications', `id = '${made.id}'`, { state: 'received', deadline: 1 });
    await store.close();
    for (const _again of [1, 2]) {
      const answer = await submit(world, DOCUMENT, { key });
      expect([answer.status, await answer.json()]).toMatchObject([201, { id: made.id, state: 'expired' }]);
    }
    expect(await stored()).toHaveLength(before + 1);
  });

  it.each(['k'.repeat(256), 'a b', 'a\tb', 'ключ'.slice(0, 0)])(
    'a key of another form (%#): 400',
    async (key) => {
      const answer = await submit(world, DOCUMENT, { key });
      expect([answer.status, await answer.json()]).toMatchObject([400, { code: 'idempotency.key' }]);
    },
  );
});

describe('bodies (A6)', () => {
  it('one octet over the limit: 413; at the limit it is read', async () => {
    const padded = (size: number) => `<a>${'x'.repeat(size - 7)}</a>`;
    expect((await submit(world, padded(65_537))).status).toBe(413);
    expect((await submit(world, padded(65_536))).status).toBe(201);
  });

  it('chunked without a length: 413', async () => {
    const chunk = `${(16_384).toString(16)}\r\n${'x'.repeat(16_384)}\r\n`;
    const answer = await raw(
      head('Transfer-Encoding: chunked'),
      ...Array.from({ length: 6 }, () => chunk),
      '0\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  it.each(['gzip', 'deflate', 'br', 'gzip, gzip', 'identity, gzip'])(
    'Content-Encoding %s: 415, nothing inflated',
    async (encoding) => {
      const answer = await fetch(`${world.url}/v1/applications`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${world.apiKey}`,
          'content-type': 'application/xml',
          'content-encoding': encoding,
          'idempotency-key': crypto.randomUUID(),
        },
        body: gzipSync(Buffer.alloc(8_000_000, 0x20)),
      });
      expect([answer.status, await answer.json()]).toMatchObject([415, { code: 'http.media-type' }]);
    },
  );
});

describe('two readings of one request (A8): 400 and the connection is closed', () => {
  it.each([
    [
      'Content-Length and Transfer-Encoding',
      ['Content-Length: 4', 'Transfer-Encoding: chunked'],
      '0\r\n\r\n',
    ],
    ['two Content-Lengths', ['Content-Length: 4', 'Content-Length: 5'], '<a/>'],
    ['an encoding that is not chunked at the end', ['Transfer-Encoding: chunked, identity'], '0\r\n\r\n'],
    ['a folded line', ['X-A: 1', ' folded', 'Content-Length: 4'], '<a/>'],
    ['a space before the colon', ['Content-Length : 4'], '<a/>'],
    ['a bare LF', ['X-A: 1\nX-B: 2', 'Content-Length: 4'], '<a/>'],
    ['a bare CR', ['X-A: 1\rX-B: 2', 'Content-Length: 4'], '<a/>'],
    ['a NUL', ['X-A: \0', 'Content-Length: 4'], '<a/>'],
    ['a length that is no number', ['Content-Length: +4'], '<a/>'],
    ['a chunk size that ends in a bare LF', ['Transfer-Encoding: chunked'], '4\n<a/>\r\n0\r\n\r\n'],
    ['a chunk size with a sign', ['Transfer-Encoding: chunked'], '-1\r\n\r\n'],
  ])('%s', async (_name, lines, body) => {
    const before = (await stored()).length;
    const answer = await raw(head(...lines), body);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toMatch(/\r\nContent-Type: application\/problem\+json\r\n/);
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(await stored()).toHaveLength(before);
  });
});

describe('text that would be a header, a path or a second log line (A9, A10, A12)', () => {
  it.each([
    'a\r\nSet-Cookie: x=1',
    '../../etc/passwd',
    'CON',
    '\u202etxt.exe',
    '%2e%2e%2f',
    '\u001b[31mred',
    '$' + '{jndi:ldap://x}',
  ])('external_id %j is only ever text', async (text) => {
    const before = world.logLines.length;
    const answer = await submit(world, DOCUMENT, { query: `?external_id=${encodeURIComponent(text)}` });
    expect(answer.headers.has('set-cookie')).toBe(false);
    if (answer.status === 201) expect(((await answer.json()) as ApplicationView).external_id).toBe(text);
    else expect(answer.status).toBe(400);
    for (const line of world.logLines.slice(before)) {
      expect(line.trimEnd().split('\n')).toHaveLength(1);
      expect(() => JSON.parse(line)).not.toThrow();
      expect(line).not.toContain(text);
    }
  });

  it('a name that turns the reading direction or hides characters is refused', async () => {
    for (const name of ['\u202e届出', '届\u200b出', '届\r\n出']) {
      const answer = await submit(world, DOCUMENT, { query: `?name=${encodeURIComponent(name)}` });
      expect([answer.status, await answer.json()]).toMatchObject([400, { code: 'transaction.display-name' }]);
    }
  });

  it('an X-Request-Id that is no UUID is not taken over', async () => {
    const answer = await api(world, '/v1/applications', { headers: { 'x-request-id': 'a"b' } });
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('members that are not the caller’s to set (A4)', () => {
  it.each([
    'status',
    'state',
    'verdict',
    'tenant',
    'tenantId',
    'role',
    'created_at',
    'id',
    '__proto__',
    'constructor',
  ])('%s: 400, nothing stored', async (name) => {
    const before = (await stored()).length;
    const answer = await submit(world, DOCUMENT, { query: `?${name}=x` });
    expect([answer.status, await answer.json()]).toMatchObject([400, { code: 'http.body' }]);
    expect(await stored()).toHaveLength(before);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
});
