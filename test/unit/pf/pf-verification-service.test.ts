import { describe, expect, it } from 'vitest';
import { createPfVerificationService } from '../../../src/adapters/pf-verification/pf-verification-service.ts';
import { queueInstruction } from '../../../src/adapters/queue/retry-policy.ts';
import { systemRandom } from '../../../src/adapters/random.ts';
import type { VerificationSubmission } from '../../../src/contracts/verification.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';
import type { HttpRequest } from '../../../src/ports/http-client.ts';
import { codeOf } from '../jwe/bundle-kit.ts';

const ID = '019371aa-0000-7000-8000-000000000001';
const STATUS = {
  id: ID,
  submission_id: 's1',
  state: 'received',
  check_method: 'OCSP',
  created_at: '2026-11-22T04:00:00Z',
};
const SUBMISSION = { submission_id: 's1' } as VerificationSubmission;

/** The client with a platform operator that gives one answer, and what it asked. */
function client(status: number, body: unknown) {
  const asked: HttpRequest[] = [];
  const claims: Record<string, string | number>[] = [];
  const service = createPfVerificationService({
    http: {
      send: async (request) => {
        asked.push(request);
        const text = typeof body === 'string' ? body : JSON.stringify(body);
        return { status, headers: {}, body: Buffer.from(text) };
      },
    },
    url: 'https://pf.example/',
    clientId: 'client-one',
    clientKeys: { signAssertion: async (given) => `assertion-${claims.push({ ...given })}` },
    clock: { now: () => 1_790_000_000_000 as EpochMillis },
    random: systemRandom(),
  });
  return { service, asked, claims };
}

describe('every request', () => {
  it('carries an assertion of its own: one minute, for this operator, a jti used once', async () => {
    const { service, asked, claims } = client(200, STATUS);
    await service.submit(SUBMISSION);
    await service.status(ID);
    expect(asked.map(({ url }) => url)).toEqual([
      'https://pf.example/v1/verifications',
      `https://pf.example/v1/verifications/${ID}?with=receipt`,
    ]);
    expect(asked.map(({ headers }) => headers?.['authorization'])).toEqual([
      'Bearer assertion-1',
      'Bearer assertion-2',
    ]);
    const [first, second] = claims;
    const now = 1_790_000_000;
    expect(first).toMatchObject({
      iss: 'client-one',
      sub: 'client-one',
      aud: 'https://pf.example',
      iat: now,
      exp: now + 60,
    });
    expect(first?.['jti']).not.toBe(second?.['jti']);
    expect(String(first?.['jti'])).toMatch(/^[A-Za-z0-9_-]{22}$/);
  });

  it('never puts a foreign id into a URL', async () => {
    const { service, asked } = client(200, STATUS);
    expect(await codeOf(() => service.status('../../v1/admin'))).toBe('upstream.response');
    expect(asked).toEqual([]);
  });
});

describe('answers', () => {
  it('an unknown member is refused whole: nothing of a certificate can arrive (J12, J17)', async () => {
    const { service } = client(200, { ...STATUS, certificate: 'MIIB' });
    expect(await codeOf(() => service.status(ID))).toBe('upstream.response');
  });

  it.each([
    ['HTML', '<html></html>'],
    ['a member twice', `{"id":"${ID}","id":"${ID}"}`],
    ['empty', ''],
    ['a list', [STATUS]],
  ])('%s is no answer', async (_name, body) => {
    expect(await codeOf(() => client(200, body).service.status(ID))).toBe('upstream.response');
  });

  it('carries the id of the request to the operator, and none where there is none', async () => {
    const { service, asked } = client(200, STATUS);
    const correlationId = '3f1e5a10-0000-4000-8000-00000000c0de';
    await service.submit(SUBMISSION, { correlationId });
    await service.status(ID, { correlationId });
    await service.status(ID);
    expect(asked.map(({ headers }) => headers?.['x-request-id'])).toEqual([
      correlationId,
      correlationId,
      undefined,
    ]);
  });

  it('no receipt yet is undefined', async () => {
    expect(await client(409, { code: 'transaction.state' }).service.receipt(ID)).toBeUndefined();
    expect(await client(200, { id: ID, receipt: 'a.b.c' }).service.receipt(ID)).toEqual({
      id: ID,
      receipt: 'a.b.c',
    });
  });
});

describe('problems', () => {
  it.each([
    [409, 'binding.replay', 'binding.replay'],
    [409, 'binding.transaction', 'binding.transaction'],
    [400, 'jwe.header', 'jwe.header'],
    [400, 'digest.data', 'digest.data'],
    [409, 'idempotency.running', 'upstream.temporary'],
    [409, 'verification.running', 'upstream.temporary'],
    [429, 'http.rate', 'upstream.temporary'],
    [503, 'store.unavailable', 'upstream.temporary'],
    [500, 'internal.unexpected', 'upstream.temporary'],
    [401, 'http.authentication', 'upstream.operator'],
    [403, 'right.missing', 'upstream.operator'],
    [404, 'http.not-found', 'upstream.operator'],
    [301, undefined, 'upstream.operator'],
    [400, '__proto__', 'upstream.operator'],
  ])('%i %s to a submission is %s', async (status, code, expected) => {
    const { service } = client(status, { code, detail: 'MARKED TEXT' });
    const error = await service.submit(SUBMISSION).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: expected, upstream: { status } });
    expect(String(error)).not.toContain('MARKED');
  });

  it.each([
    [413, 'upstream.operator'],
    [404, 'upstream.operator'],
    [403, 'upstream.operator'],
    [502, 'upstream.temporary'],
    [504, 'upstream.temporary'],
    [429, 'upstream.temporary'],
  ] as const)(
    'a proxy that answers %i is named with status and size, and ends nothing',
    async (status, expected) => {
      const page = '<html><center>nginx</center></html>';
      const submitted = await client(status, page)
        .service.submit(SUBMISSION)
        .catch((thrown: unknown) => thrown);
      const octets = Buffer.byteLength(JSON.stringify(SUBMISSION));
      expect(submitted).toMatchObject({ code: expected, upstream: { status, octets } });
      expect(String(submitted)).toContain(`${status} to a request of ${octets} octets`);
      const limits = { maxAttempts: 1_000, backoffMillis: 1_000 };
      expect(queueInstruction(expected, 999, limits, 0)).toMatchObject({ kind: 'retry' });
      const asked = await client(status, page)
        .service.status(ID)
        .catch((thrown: unknown) => thrown);
      expect(asked).toMatchObject({ code: expected });
    },
  );

  it('a verification that is gone is final', async () => {
    expect(await codeOf(() => client(404, { code: 'http.not-found' }).service.status(ID))).toBe(
      'upstream.final',
    );
  });
});
