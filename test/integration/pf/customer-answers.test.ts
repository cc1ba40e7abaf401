import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  certificateFactsSchema,
  statusCheckBatchAnswerSchema,
  statusCheckListSchema,
  statusCheckSchema,
  type VerificationStatus,
} from '../../../src/contracts/verification.ts';
import { noticeStatus } from '../../../src/pf/status-notices.ts';
import { openPf } from '../../../src/roles/pf/wiring.ts';
import { registerEndpoint } from '../../support/api-worlds.ts';
import { cardOf } from '../../support/pf-signing.ts';
import { type PfWorld, startPfWorld, submissionOf, type TenantName } from '../../support/pf-world.ts';

const ALL = ['subject-id', 'certificate-kind', 'validity-end', 'revocation-detail', 'status-notices'];
let world: PfWorld;

beforeAll(async () => {
  world = await startPfWorld({ JITSUIN_WEBHOOK_LOOPBACK: '1' }, { alpha: ALL });
  await world.startWorker();
});
afterAll(() => world.close());

interface Call {
  readonly method?: string;
  readonly tenant?: TenantName;
  readonly key?: string;
  readonly body?: unknown;
}

async function call(path: string, { method = 'GET', tenant = 'alpha', key, body }: Call = {}) {
  const response = await fetch(`${world.url}${path}`, {
    method,
    headers: {
      authorization: await world.bearer(tenant),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const json = text === '' ? undefined : JSON.parse(text);
  return { status: response.status, text, json, code: json?.code as string | undefined };
}

async function decide(options: Parameters<typeof submissionOf>[1] = {}): Promise<VerificationStatus> {
  const { tenant = 'alpha' } = options;
  const { id } = await world.service(tenant).submit(await submissionOf(world, options));
  for (;;) {
    const status = await world.service(tenant).status(id);
    if (status.state !== 'received') return status;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const post = (path: string, key = crypto.randomUUID(), more: Call = {}) =>
  call(path, { method: 'POST', key, ...more });

describe('what is found later', () => {
  it('is listed newest first, the detail only where the contract has it, and nobody else’s', async () => {
    const { id } = await decide();
    const card = cardOf(world.registry, 'taro').signCertificate;
    const checks = `/v1/verifications/${id}/status-checks`;
    const first = statusCheckSchema.parse((await post(`${checks}?check_method=OCSP`)).json);
    world.registry.revoke(card, { revokedAt: world.clock.now() - 60_000, reason: 'superseded' });
    const second = await post(`${checks}?check_method=OCSP`);
    world.registry.restore(card);
    expect(second.json).toMatchObject({
      status: 'REVOKED',
      revoked_at: new Date(world.clock.now() - 60_000).toISOString(),
      revocation_reason: 'superseded',
    });
    const list = statusCheckListSchema.parse((await call(checks)).json);
    expect(list.items.map((one) => one.id).sort()).toEqual([first.id, second.json.id].sort());
    expect((await call(checks, { tenant: 'beta' })).status).toBe(404);
    await call(`/v1/verifications/${id}`, { method: 'DELETE' });
    expect((await call(checks)).code).toBe('verification.deleted');
  });

  it('is asked of many at once, each by itself; the same key again is the same batch and is charged once', async () => {
    const own = [await decide(), await decide({ person: 'hanako' })].map(({ id }) => id);
    const foreign = (await decide({ tenant: 'beta' })).id;
    const ended = (await decide({ person: 'expired' })).id;
    const body = { verification_ids: [...own, foreign, ended], check_method: 'OCSP' };
    const key = crypto.randomUUID();
    const answer = await post('/v1/status-check-batches', key, { body });
    const { items } = statusCheckBatchAnswerSchema.parse(answer.json);
    expect(items).toMatchObject([
      { verification_id: own[0], status_check: { status: 'GOOD', check_method: 'OCSP' } },
      { verification_id: own[1], status_check: { status: 'GOOD' } },
      { verification_id: foreign, problem: 'http.not-found' },
      { verification_id: ended, problem: 'transaction.state' },
    ]);
    const charged = async () => (await call('/v1/statement?month=2026-11')).json.count as number;
    const before = await charged();
    expect((await post('/v1/status-check-batches', key, { body })).json).toEqual(answer.json);
    expect(await charged()).toBe(before);
  });

  it.each([
    ['none', { verification_ids: [] }, '/verification_ids'],
    ['no id', { verification_ids: ['1'] }, '/verification_ids/0'],
    ['51', { verification_ids: Array(51).fill('019ac7d8-0000-7000-8000-000000000000') }, '/verification_ids'],
    ['a member more', { verification_ids: ['019ac7d8-0000-7000-8000-000000000000'], a: 1 }, '/a'],
  ])('a batch with %s is refused', async (_name, body, at) => {
    const { status, code, json } = await post('/v1/status-check-batches', undefined, { body });
    expect([status, code, json.at]).toEqual([400, 'http.body', at]);
  });
});

describe('what may be known of a certificate', () => {
  it('is its kind and its last day; nothing without the contract', async () => {
    const { id } = await decide();
    const answer = await call(`/v1/verifications/${id}/certificate`);
    const facts = certificateFactsSchema.parse(answer.json);
    const { signCertificate } = cardOf(world.registry, 'taro');
    expect(facts).toEqual({
      verification_id: id,
      kind: 'JPKI_CARD_DIGITAL_SIGNATURE',
      valid_until: new Date(signCertificate.notAfter + 9 * 3_600_000).toISOString().slice(0, 10),
    });
    const other = await decide({ tenant: 'beta' });
    expect((await call(`/v1/verifications/${other.id}/certificate`, { tenant: 'beta' })).code).toBe(
      'right.missing',
    );
    const failed = await decide({ person: 'expired' });
    expect((await call(`/v1/verifications/${failed.id}/certificate`)).code).toBe('transaction.state');
  });
});

describe('verifications are found', () => {
  it('by the submission’s own id, by a span, by the citizen', async () => {
    const submission = await submissionOf(world, { person: 'elder' });
    const { id } = await world.service('alpha').submit(submission);
    const ids = async (query: string, tenant: TenantName = 'alpha') => {
      const { json } = await call(`/v1/verifications?limit=100&${query}`, { tenant });
      return (json.items as { id: string }[]).map((one) => one.id);
    };
    expect(await ids(`submission_id=${submission.submission_id}`)).toEqual([id]);
    expect(await ids(`submission_id=${submission.submission_id}`, 'beta')).toEqual([]);
    const now = world.clock.now();
    const at = (millis: number) => encodeURIComponent(new Date(millis).toISOString());
    expect(await ids(`from=${at(now)}&until=${at(now + 1)}`)).toContain(id);
    expect(await ids(`until=${at(now)}`)).toEqual([]);
    expect(await ids(`from=${at(now + 1)}`)).toEqual([]);
    const { subject_id } = await decide({ person: 'elder' });
    expect(await ids(`subject_id=${subject_id}`)).toHaveLength(2);
    expect((await call(`/v1/verifications?subject_id=${subject_id}`, { tenant: 'beta' })).code).toBe(
      'right.missing',
    );
    expect((await call('/v1/verifications?from=yesterday')).status).toBe(400);
  });
});

describe('a citizen', () => {
  it('is asked about by the tenant’s id, and forgotten: the next signature has another id', async () => {
    const { id, subject_id } = await decide({ person: 'kanji' });
    const subject = `/v1/subjects/${subject_id}`;
    const { json } = await post(`${subject}/status-checks`);
    expect(statusCheckSchema.parse(json)).toMatchObject({ verification_id: id, status: 'GOOD' });
    expect((await post(`${subject}/status-checks`, undefined, { tenant: 'beta' })).code).toBe(
      'http.not-found',
    );
    expect((await call(subject, { method: 'DELETE', tenant: 'beta' })).code).toBe('http.not-found');
    expect((await call(subject, { method: 'DELETE' })).status).toBe(204);
    expect((await call(subject, { method: 'DELETE' })).code).toBe('http.not-found');
    expect((await call('/v1/subjects/..%2f1', { method: 'DELETE' })).code).toBe('http.not-found');
    expect((await call(`/v1/verifications/${id}`)).code).toBe('verification.deleted');
    expect((await post(`${subject}/status-checks`)).code).toBe('http.not-found');
    expect((await decide({ person: 'kanji' })).subject_id).not.toBe(subject_id);
  });
});

it('a certificate that went is told by webhook, once (失効通知)', async () => {
  const heard: { type: string; data: { id: string; state: string } }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    heard.push(JSON.parse(Buffer.concat(chunks).toString()));
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  const { id } = await decide({ person: 'hanako' });
  expect((await registerEndpoint(world.url, await world.bearer('alpha'), url)).status).toBe(201);
  const card = cardOf(world.registry, 'hanako').signCertificate;
  const opened = await openPf(world.config, 'pf-worker', world.url, { clock: world.clock, log: world.log });
  const nextDay = async () => {
    world.clock.millis += 25 * 3_600_000;
    await noticeStatus(opened.operator);
    await noticeStatus(opened.operator);
  };
  await nextDay();
  await nextDay();
  world.registry.revoke(card, { revokedAt: world.clock.now(), reason: 'keyCompromise' });
  await nextDay();
  await opened.close();
  const { items } = statusCheckListSchema.parse((await call(`/v1/verifications/${id}/status-checks`)).json);
  expect(items.map(({ status, check_purpose }) => `${status} ${check_purpose}`)).toEqual([
    'REVOKED STATUS_NOTICE',
    'GOOD STATUS_NOTICE',
  ]);
  const told = () => heard.filter((one) => one.type === 'certificate.revoked' && one.data.id === id);
  while (told().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(told().map(({ data }) => data)).toEqual([{ id, state: 'revoked' }]);
  server.close();
  server.closeAllConnections();
});
