import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFileSealer } from '../../../src/adapters/keys/sealer-file.ts';
import { openStore } from '../../../src/adapters/store/open-store.ts';
import type { Command } from '../../../src/cli/command.ts';
import { pfConsents, pfLinkSubject, pfStatement } from '../../../src/cli/pf/accounts.ts';
import {
  certificateContentSchema,
  consentSchema,
  type Statement,
  type StatusCheck,
  statusCheckSchema,
  type VerificationStatus,
} from '../../../src/contracts/verification.ts';
import type { EpochMillis, VerificationId } from '../../../src/core/brand.ts';
import { OPERATOR_LEDGER } from '../../../src/pf/fees.ts';
import { sweep } from '../../../src/pf/sweep.ts';
import { openPf } from '../../../src/roles/pf/wiring.ts';
import { cardOf } from '../../support/pf-signing.ts';
import { type PfWorld, startPfWorld, submissionOf, type TenantName } from '../../support/pf-world.ts';

let world: PfWorld;

beforeAll(async () => {
  world = await startPfWorld({}, { alpha: ['basic-attributes', 'subject-id'] });
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
  const json = response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : undefined;
  return {
    status: response.status,
    text,
    json,
    code: json?.code as string | undefined,
    headers: response.headers,
  };
}

async function settled(id: string, tenant: TenantName = 'alpha'): Promise<VerificationStatus> {
  for (;;) {
    const status = await world.service(tenant).status(id);
    if (status.state !== 'received') return status;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function decide(options: Parameters<typeof submissionOf>[1] = {}): Promise<VerificationStatus> {
  const { tenant = 'alpha' } = options;
  const { id } = await world.service(tenant).submit(await submissionOf(world, options));
  return settled(id, tenant);
}

const check = async (id: string, method: 'CRL' | 'OCSP', key = crypto.randomUUID()) => {
  const { json, status } = await call(`/v1/verifications/${id}/status-checks?check_method=${method}`, {
    method: 'POST',
    key,
  });
  expect(status).toBe(200);
  return statusCheckSchema.parse(json);
};
const statement = async (tenant: TenantName = 'alpha', month = '2026-11') =>
  (await call(`/v1/statement?month=${month}`, { tenant })).json as Statement;

function withStore<T>(act: (store: Awaited<ReturnType<typeof openStore>>) => Promise<T>): Promise<T> {
  const { dataDir, sealKeyFile } = world.config;
  const opened = openStore({ dataDir, role: 'pf', sealer: openFileSealer(sealKeyFile), clock: world.clock });
  return opened.then((store) => act(store).finally(() => store.close()));
}

describe('a later status check (現況確認)', () => {
  it('by OCSP and by CRL says GOOD with its source and purpose, and REVOKED once revoked', async () => {
    const { id } = await decide({ person: 'hanako' });
    for (const method of ['OCSP', 'CRL'] as const) {
      const answer = await check(id, method);
      expect(answer).toMatchObject({ status: 'GOOD', check_method: method, check_purpose: 'STATUS_CHECK' });
      expect(Date.parse(answer.source_updated_at ?? '')).toBeLessThanOrEqual(world.clock.now());
    }
    const revoked = await decide({ person: 'revoked' });
    expect((await check(revoked.id, 'OCSP')).status).toBe('REVOKED');
  });

  it('the same key again is the same check; a source that is down is UNKNOWN', async () => {
    const { id } = await decide();
    const key = crypto.randomUUID();
    const first: StatusCheck = await check(id, 'OCSP', key);
    expect(await check(id, 'OCSP', key)).toEqual(first);
    world.source.mode = 'down';
    expect((await check(id, 'OCSP')).status).toBe('UNKNOWN');
    world.source.mode = 'up';
  });

  it('needs a verdict with a certificate, a key, and the tenant’s own id', async () => {
    const { id } = await decide({ person: 'expired' });
    const path = `/v1/verifications/${id}/status-checks`;
    expect((await call(path, { method: 'POST', key: 'k1' })).code).toBe('transaction.state');
    expect((await call(path, { method: 'POST' })).code).toBe('idempotency.key');
    expect((await call(path, { method: 'POST', key: 'k2', tenant: 'beta' })).code).toBe('http.not-found');
  });
});

const CONSENT = {
  items: ['name', 'sex', 'date_of_birth', 'address'],
  purpose: '模擬の住民届出',
  wording_sha256: 'a'.repeat(64),
  agreed_at: '2026-11-22T03:59:00Z',
};
const take = (id: string, change: object = {}, tenant: TenantName = 'alpha') =>
  call(`/v1/verifications/${id}/content`, {
    ...{ method: 'POST', tenant },
    body: { consent: { ...CONSENT, ...change } },
  });
const consent = (id: string, tenant: TenantName = 'alpha') =>
  call(`/v1/verifications/${id}/consent`, { tenant });

describe('the consent to hand attributes out', () => {
  it('is kept with the hand-out, which has no more than was agreed to', async () => {
    const { id } = await decide({ person: 'hanako' });
    expect((await consent(id)).status).toBe(404);
    const answer = await take(id, { items: ['name', 'date_of_birth'] });
    expect(Object.keys(answer.json).sort()).toEqual(['date_of_birth', 'name', 'verification_id']);
    const kept = consentSchema.parse((await consent(id)).json);
    expect(kept).toMatchObject({
      ...CONSENT,
      agreed_at: '2026-11-22T03:59:00.000Z',
      items: ['name', 'date_of_birth'],
    });
    expect(Date.parse(kept.keep_until) - Date.parse(kept.handed_out_at)).toBe(3653 * 86_400_000);
    expect((await consent(id, 'beta')).status).toBe(404);
    await withStore(async (store) => {
      const subject = (await store.verifications.get(id as VerificationId))?.subjectId ?? '';
      expect(await store.consents.list('tenant-alpha', subject)).toMatchObject([
        { verificationId: id, subjectId: subject, items: ['name', 'date_of_birth'] },
      ]);
    });
  });

  it.each([
    ['none', {}, '/consent'],
    ['nothing agreed to', { consent: { ...CONSENT, items: [] } }, '/consent/items'],
    ['an item twice', { consent: { ...CONSENT, items: ['name', 'name'] } }, '/consent/items'],
    ['what no certificate has', { consent: { ...CONSENT, items: ['kana'] } }, '/consent/items/0'],
    ['no text', { consent: { ...CONSENT, wording_sha256: '' } }, '/consent/wording_sha256'],
    ['given tomorrow', { consent: { ...CONSENT, agreed_at: '2026-11-23T04:00:00Z' } }, '/consent/agreed_at'],
    ['a member more', { consent: CONSENT, also: 1 }, '/also'],
  ])('%s: refused, and nothing is handed out', async (_name, body, at) => {
    const { id } = await decide();
    const answer = await call(`/v1/verifications/${id}/content`, { method: 'POST', body });
    expect([answer.status, answer.code, answer.json.at]).toEqual([
      400,
      at === '/consent/agreed_at' ? 'consent.time' : 'http.body',
      at,
    ]);
    expect((await consent(id)).status).toBe(404);
    expect((await take(id)).status).toBe(200);
  });

  it('outlives the verification, and goes by its own clock', async () => {
    const { id } = await decide();
    await take(id);
    expect((await call(`/v1/verifications/${id}`, { method: 'DELETE' })).status).toBe(204);
    const { keep_until } = consentSchema.parse((await consent(id)).json);
    await withStore(async (store) => {
      const end = Date.parse(keep_until) as EpochMillis;
      await store.consents.purge(end, 1000);
      expect(await store.consents.get(id, 'tenant-alpha')).toBeDefined();
      expect(await store.consents.purge((end + 1) as EpochMillis, 1000)).toBeGreaterThan(0);
    });
    expect((await consent(id)).status).toBe(404);
  });
});

describe('the content of a certificate', () => {
  it('is handed out once, code point by code point, and nothing else of it', async () => {
    const { id } = await decide({ person: 'kanji' });
    const first = await take(id);
    const content = certificateContentSchema.parse(first.json);
    const { resident, signCertificate } = cardOf(world.registry, 'kanji');
    expect(content.name?.text).toBe(resident.certificateName);
    expect(content.address?.text).toContain(resident.address.slice(0, 3));
    expect(first.text).not.toContain(signCertificate.serial.toString());
    const again = await take(id);
    expect([again.status, again.code]).toEqual([410, 'verification.content-taken']);
  });

  it('twenty asking at once: one gets it', async () => {
    const { id } = await decide();
    const answers = await Promise.all(Array.from({ length: 20 }, () => take(id)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('is refused without the contract, and for a verdict that is not OK', async () => {
    const others = await decide({ tenant: 'beta' });
    const refused = await take(others.id, {}, 'beta');
    expect([refused.status, refused.code]).toEqual([403, 'right.missing']);
    const { id } = await decide({ person: 'revoked' });
    expect((await take(id)).code).toBe('transaction.state');
  });
});

describe('the subject id', () => {
  it('is the same for a citizen’s certificate, random, absent without the contract or a good verdict', async () => {
    const [first, second, other] = [await decide(), await decide(), await decide({ person: 'hanako' })];
    expect(first.subject_id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    expect(second.subject_id).toBe(first.subject_id);
    expect(other.subject_id).not.toBe(first.subject_id);
    expect((await decide({ tenant: 'beta' })).subject_id).toBeUndefined();
    expect((await decide({ person: 'revoked' })).subject_id).toBeUndefined();
  });

  it('after a renewal is the old one once the operator links them', async () => {
    const [old, renewed] = [await decide(), await decide({ person: 'kanji' })];
    const linked = await withStore((store) =>
      store.subjects.link('tenant-alpha', old.subject_id ?? '', renewed.subject_id ?? '', []),
    );
    const foreign = await withStore((store) =>
      store.subjects.link('tenant-beta', old.subject_id ?? '', renewed.subject_id ?? '', []),
    );
    expect([linked, foreign]).toEqual([true, false]);
    expect((await world.service('alpha').status(renewed.id)).subject_id).toBe(old.subject_id);
    expect((await decide({ person: 'kanji' })).subject_id).toBe(old.subject_id);
  });
});

describe('a batch', () => {
  it('judges each submission on its own', async () => {
    const good = await submissionOf(world);
    const items = [good, { ...good, submission_id: 'copy' }, await submissionOf(world, {}, { jwe: 'a.b.c' })];
    const answer = await call('/v1/verification-batches', { method: 'POST', body: { items } });
    expect(answer.status).toBe(200);
    expect(answer.json.items).toMatchObject([
      { submission_id: good.submission_id, verification: { state: 'received' } },
      { submission_id: 'copy', problem: 'binding.replay' },
      { problem: 'jwe.form' },
    ]);
    expect((await settled(answer.json.items[0].verification.id)).result).toBe('OK');
    expect((await call('/v1/verification-batches', { method: 'POST', body: { items: [] } })).code).toBe(
      'http.body',
    );
  });
});

describe('deletion', () => {
  it('takes evidence, verdict and receipt; later GET tells; the chain stays whole; the replay guard stays', async () => {
    const submission = await submissionOf(world);
    const { id } = await world.service('alpha').submit(submission);
    await settled(id);
    expect((await call(`/v1/verifications/${id}`, { method: 'DELETE', tenant: 'beta' })).status).toBe(404);
    const before = await withStore((store) => store.archive.verify());
    expect((await call(`/v1/verifications/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await call(`/v1/verifications/${id}`, { method: 'DELETE' })).status).toBe(204);
    for (const path of ['', '/receipt']) {
      const gone = await call(`/v1/verifications/${id}${path}`);
      expect([gone.status, gone.code]).toEqual([410, 'verification.deleted']);
    }
    const list = await call('/v1/verifications?limit=100');
    expect(list.text).not.toContain(id);
    expect(await withStore((store) => store.evidence.get(id))).toBeUndefined();
    expect(await withStore((store) => store.archive.verify())).toEqual(before);
    expect((await withStore((store) => store.audit.verify())).brokenAt).toBeUndefined();
    const again = await call('/v1/verifications', { method: 'POST', body: submission });
    expect([again.status, again.code]).toEqual([410, 'verification.deleted']);
    const renamed = await call('/v1/verifications', {
      method: 'POST',
      body: { ...submission, submission_id: 'renamed' },
    });
    expect(renamed.code).toBe('binding.replay');
  });

  it('waits for the end of what is being worked on', async () => {
    await world.stopWorker();
    const { id } = await world.service('alpha').submit(await submissionOf(world));
    expect((await call(`/v1/verifications/${id}`, { method: 'DELETE' })).code).toBe('transaction.state');
    await world.startWorker();
    await settled(id);
  });
});

describe('the retention clock', () => {
  it('deletes what ended before it, and leaves the chain whole', async () => {
    const { id } = await decide();
    const opened = await openPf({ ...world.config, retention: 86_400_000 }, 'pf-worker', world.url, {
      clock: { now: () => (world.clock.now() + 2 * 86_400_000) as ReturnType<typeof world.clock.now> },
      log: world.log,
    });
    expect((await withStore((store) => store.evidence.get(id)))?.length).toBeGreaterThan(0);
    await sweep(opened.operator).finally(opened.close);
    expect((await call(`/v1/verifications/${id}`)).code).toBe('verification.deleted');
    expect(await withStore((store) => store.evidence.get(id))).toBeUndefined();
    expect((await withStore((store) => store.archive.verify())).brokenAt).toBeUndefined();
  });
});

describe('the commands of the operator', () => {
  const run = async (command: Command, args: readonly string[]) => {
    const said: string[] = [];
    const env = { JITSUIN_DATA_DIR: world.config.dataDir };
    const io = { stdout: (text: string) => void said.push(text), stderr: () => undefined, isTty: false, env };
    const status = await command.run(args, { ...io, signal: new AbortController().signal });
    return { status, text: said.join('') };
  };

  it('print the consents, which follow a linked subject', async () => {
    const [old, renewed] = [await decide({ person: 'elder' }), await decide({ person: 'kanji' })];
    await take(renewed.id);
    const consentsOf = async (subject = '') =>
      JSON.parse((await run(pfConsents, ['--tenant', 'tenant-alpha', '--subject', subject])).text);
    expect(await consentsOf(renewed.subject_id)).toContainEqual(
      expect.objectContaining({ verification_id: renewed.id, purpose: CONSENT.purpose }),
    );
    const ids = ['--keep', old.subject_id ?? '', '--merge', renewed.subject_id ?? ''];
    await run(pfLinkSubject, ['--tenant', 'tenant-alpha', ...ids]);
    expect(await consentsOf(renewed.subject_id)).toEqual([]);
    expect(await consentsOf(old.subject_id)).toContainEqual(
      expect.objectContaining({ subject_id: old.subject_id, verification_id: renewed.id }),
    );
    expect(JSON.parse((await run(pfConsents, ['--tenant', 'tenant-beta'])).text)).toEqual([]);
  });

  it('print the statement and link subjects', async () => {
    const printed = await run(pfStatement, ['--tenant', 'tenant-alpha', '--month', '2026-11']);
    expect(JSON.parse(printed.text)).toEqual(await statement());
    const csv = await run(pfStatement, ['--tenant', 'tenant-alpha', '--month', '2026-11', '--csv']);
    expect(csv.text.split('\r\n')).toHaveLength((await statement()).count + 2);
    const [old, renewed] = [await decide({ person: 'hanako' }), await decide()];
    const ids = ['--keep', old.subject_id ?? '', '--merge', renewed.subject_id ?? ''];
    expect((await run(pfLinkSubject, ['--tenant', 'tenant-beta', ...ids])).status).toBe(1);
    expect((await run(pfLinkSubject, ['--tenant', 'tenant-alpha', ...ids])).status).toBe(0);
    expect((await world.service('alpha').status(renewed.id)).subject_id).toBe(old.subject_id);
  });
});

describe('the fees of a month', () => {
  it('are for OK and REVOKED only, once for each that was asked; the operator owes a CRL once a month', async () => {
    const count = async () => (await statement()).count;
    const before = await count();
    const ok = await decide();
    await decide({ person: 'revoked' });
    expect((await count()) - before).toBe(2);
    await decide({ person: 'expired' });
    await decide({ fault: 'damaged-jwe' });
    expect((await count()) - before).toBe(2);
    world.clock.millis = Date.UTC(2026, 11, 1, 0, 0);
    const key = crypto.randomUUID();
    await check(ok.id, 'CRL');
    await check(ok.id, 'CRL');
    await check(ok.id, 'OCSP', key);
    await check(ok.id, 'OCSP', key);
    await check(ok.id, 'OCSP');
    const december = await statement('alpha', '2026-12');
    expect(december.entries.map(({ check_method }) => check_method).sort()).toEqual([
      'CRL',
      'CRL',
      'OCSP',
      'OCSP',
    ]);
    expect(december.entries.every(({ check_purpose }) => check_purpose === 'STATUS_CHECK')).toBe(true);
    expect([december.list_total, december.charged_total]).toEqual([80, 0]);
    const owed = await withStore((store) => store.fees.ofMonth(OPERATOR_LEDGER, '2026-12'));
    expect(owed.map(({ method }) => method).sort()).toEqual(['CRL', 'OCSP', 'OCSP']);
    expect(owed.every(({ verificationId }) => verificationId === '')).toBe(true);
    expect(december.entries[0]).toMatchObject({
      list_price: 20,
      charged_price: 0,
      rule: 'waiver-2023',
      result: 'OK',
    });
  });

  it('as CSV, of the tenant alone, by a month that is one', async () => {
    const csv = await call('/v1/statement?month=2026-12&format=csv');
    expect(csv.headers.get('content-type')).toContain('text/csv');
    const lines = csv.text.split('\r\n');
    expect(lines[0]).toBe(
      'id,at,verification_id,certificate,check_method,check_purpose,result,list_price,charged_price,rule',
    );
    expect(lines).toHaveLength(6);
    expect((await statement('beta', '2026-12')).count).toBe(0);
    for (const query of ['', '?month=2026-13', '?month=2026-12&x=1'])
      expect((await call(`/v1/statement${query}`)).code).toBe('http.body');
  });

  it('cannot be changed or taken away', async () => {
    const change = withStore((store) =>
      store.kysely.updateTable('fee_ledger').set({ charged_price: 1 }).execute(),
    );
    await expect(change).rejects.toThrow();
    const removal = withStore((store) => store.kysely.deleteFrom('fee_ledger').execute());
    await expect(removal).rejects.toThrow();
  });
});
