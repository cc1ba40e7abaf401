import { createHash, createPublicKey, verify as verifySignature } from 'node:crypto';
import type { JSONWebKeySet } from 'jose';
import { createLocalJWKSet } from 'jose/jwks/local';
import { jwtVerify } from 'jose/jwt/verify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFileSealer } from '../../../src/adapters/keys/sealer-file.ts';
import { systemRandom } from '../../../src/adapters/random.ts';
import { openStore } from '../../../src/adapters/store/open-store.ts';
import { receiptClaimsSchema, type VerificationStatus } from '../../../src/contracts/verification.ts';
import type { VerificationId } from '../../../src/core/brand.ts';
import { toBase64 } from '../../../src/core/encoding.ts';
import { japaneseMonth } from '../../../src/core/fees/price-list.ts';
import { endedBy, judgeAgain } from '../../../src/pf/judge-again.ts';
import type { VerificationService } from '../../../src/ports/verification-service.ts';
import { exportedEvidence } from '../../../src/verifier/evidence/evidence-export.ts';
import { type OperatorKeys, operatorSealCheck } from '../../../src/verifier/evidence/operator-seal.ts';
import { verifyEvidence } from '../../../src/verifier/evidence/verify-evidence.ts';
import { shippedFor } from '../../../src/verifier/policy/shipped.ts';
import { anchorsOf, cardOf } from '../../support/pf-signing.ts';
import { everyOctet, type PfWorld, startPfWorld, submissionOf } from '../../support/pf-world.ts';
import { codeOf } from '../../unit/jwe/bundle-kit.ts';

let world: PfWorld;
let alpha: VerificationService;
let beta: VerificationService;

beforeAll(async () => {
  world = await startPfWorld({}, { alpha: ['subject-id'] });
  alpha = world.service('alpha');
  beta = world.service('beta');
  await world.startWorker();
});

afterAll(() => world.close());

async function settled(service: VerificationService, id: string): Promise<VerificationStatus> {
  for (;;) {
    const status = await service.status(id);
    if (status.state !== 'received') return status;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function decide(...args: Parameters<typeof submissionOf>): Promise<VerificationStatus> {
  return settled(alpha, (await alpha.submit(await submissionOf(...args))).id);
}

function openPfStore() {
  const { dataDir, sealKeyFile } = world.config;
  return openStore({ dataDir, role: 'pf', sealer: openFileSealer(sealKeyFile), clock: world.clock });
}

describe('a submission', () => {
  it.each([
    ['enveloped', 'digest-info', 'OCSP'],
    ['by-id', 'digest-info', 'CRL'],
    ['guideline', 'digest-info', 'OCSP'],
    ['detached', 'digest-info', 'CRL'],
    ['detached', 'digest', 'OCSP'],
  ] as const)('%s in mode %s by %s is OK', async (profile, mode, method) => {
    const status = await decide(world, { profile, mode, method });
    expect(status.policy?.sha256).toBe(shippedFor('test').sha256);
    expect(status).toMatchObject({
      state: 'decided',
      result: 'OK',
      indication: 'TOTAL-PASSED',
      check_method: method,
    });
    expect(status.signed_octets_sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(status.checks?.every((check) => check.result === 'passed')).toBe(true);
  });

  it.each([
    ['revoked', 'CERTIFICATE_REVOKED', 'REVOKED_NO_POE'],
    ['on-hold', 'CERTIFICATE_REVOKED', 'TRY_LATER'],
    ['expired', 'CERTIFICATE_EXPIRED', 'OUT_OF_BOUNDS_NOT_REVOKED'],
  ] as const)('of a citizen whose certificate is %s', async (person, result, sub) => {
    const status = await decide(world, { person });
    expect(status).toMatchObject({
      state: 'decided',
      result,
      indication: 'INDETERMINATE',
      sub_indication: sub,
    });
  });

  it('over an element that is not the default of its profile says which', async () => {
    const document = new TextEncoder().encode('<届><別紙 xmlns="urn:example:annex">本文</別紙></届>');
    const signedElement = { name: '{urn:example:annex}別紙' };
    const options = { profile: 'guideline', document, signedElement } as const;
    expect((await decide(world, options, { signed_element: signedElement })).result).toBe('OK');
    expect(await codeOf(() => decide(world, options))).toBe('xmldsig.signed-element');
    const other = { signed_element: { name: '別紙2' } };
    expect(await codeOf(() => decide(world, options, other))).toBe('xmldsig.signed-element');
  });

  it('in the wrong mode is SIGNATURE_MISMATCH (S6)', async () => {
    const plain = await submissionOf(world, { profile: 'detached', mode: 'digest', text: 'the same' });
    const info = await submissionOf(world, { profile: 'detached', mode: 'digest-info', text: 'the same' });
    const status = await settled(alpha, (await alpha.submit({ ...info, jwe: plain.jwe })).id);
    expect(status).toMatchObject({ state: 'decided', result: 'SIGNATURE_MISMATCH' });
  });

  it('with the data or the skeleton of another transaction is refused at the door, and costs nothing (J13)', async () => {
    const other = await submissionOf(world, { profile: 'guideline' });
    const submission = await submissionOf(world, { profile: 'enveloped' });
    const wrong = [
      { data: other.data },
      { skeleton: other.skeleton },
      { skeleton: toBase64(Buffer.from('<a/>')) },
    ];
    const codes: string[] = [];
    for (const change of wrong) codes.push(await codeOf(() => alpha.submit({ ...submission, ...change })));
    expect(codes).toEqual(['binding.transaction', 'xmldsig.other-form', 'xmldsig.unsigned']);
    const right = await settled(alpha, (await alpha.submit(submission)).id);
    expect(right.result).toBe('OK');
  });

  it('again gives the same answer, other content under its id is a conflict (J14)', async () => {
    const submission = await submissionOf(world);
    const first = await alpha.submit(submission);
    const { receipt, ...decided } = await settled(alpha, first.id);
    expect(receipt).toBe((await alpha.receipt(first.id))?.receipt);
    const answers = await Promise.all([alpha.submit(submission), alpha.submit(submission)]);
    expect(answers).toEqual([decided, decided]);
    const other = { ...submission, check_method: 'CRL' as const };
    expect(await codeOf(() => alpha.submit(other))).toBe('binding.transaction');
  });

  it('twenty times at once is one verification', async () => {
    const submission = await submissionOf(world);
    const answers = await Promise.allSettled(Array.from({ length: 20 }, () => alpha.submit(submission)));
    const ids = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value.id] : []));
    expect(new Set(ids).size).toBe(1);
    const { id } = await alpha.submit(submission);
    expect(id).toBe(ids[0]);
  });

  it('of a bundle seen before is a replay: other id, other service, other tenant (J13)', async () => {
    const submission = await submissionOf(world);
    await alpha.submit(submission);
    expect(await codeOf(() => alpha.submit({ ...submission, submission_id: 'another' }))).toBe(
      'binding.replay',
    );
    const elsewhere = { ...submission, service: 'beta-portal' };
    expect(await codeOf(() => beta.submit(elsewhere))).toBe('binding.replay');
    const list = await (await openPfStore()).verifications.list({ limit: 100 });
    expect(list.filter((one) => one.submissionKey === 'another')).toEqual([]);
  });

  it.each(['foreign-key', 'damaged-jwe'])(
    'whose bundle does not open (%s) is refused under one code (R3, J6 to J8)',
    async (fault) => {
      const status = await decide(world, { fault });
      expect([status.state, status.failure, status.result]).toEqual(['refused', 'jwe.decrypt', undefined]);
    },
  );

  it.each([
    ['to the key of another service (G14)', () => ({ key: world.pfKeys.beta })],
    ['whose key is not here (wrong-kid)', () => ({ fault: 'wrong-kid' })],
  ])('%s is held under the same code: a key may still come', async (_what, options) => {
    const { id } = await alpha.submit(await submissionOf(world, options()));
    await expect.poll(async () => (await alpha.status(id)).failure).toBe('jwe.decrypt');
    expect((await alpha.status(id)).state).toBe('received');
    expect(world.log.lines.filter((line) => line.includes(id)).join()).toContain('key.not-found');
  });

  it('whose skeleton is not one is refused at the door with its cause', async () => {
    const refused = (text: string) =>
      codeOf(() => decide(world, {}, { skeleton: Buffer.from(text).toString('base64') }));
    expect(await refused('<a/>')).toMatch(/^xmldsig\./);
    expect(await refused('<!DOCTYPE a><a/>')).toBe('xml.dtd');
  });
});

describe('what is refused before anything is stored', () => {
  const refused = async (change: Parameters<typeof submissionOf>[2], options = {}) =>
    codeOf(async () => alpha.submit(await submissionOf(world, options, change)));

  it('a service of another tenant, another environment', async () => {
    expect(await refused({ service: 'beta-portal' })).toBe('upstream.operator');
    expect(await refused({ environment: 'production' })).toBe('upstream.operator');
  });

  it('data that is not of its mode, XML in mode digest, a JWE that is none', async () => {
    expect(await refused({ data: Buffer.alloc(33).toString('base64') })).toBe('digest.data');
    expect(await refused({ mode: 'digest' })).toBe('xmldsig.mode');
    expect(await refused({ jwe: 'a.b.c' })).toBe('jwe.form');
    expect(await refused({}, { fault: 'alg-key-wrap' })).toMatch(/^jwe\.(form|header)$/);
  });
});

describe('authentication and tenants', () => {
  const call = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
    fetch(`${world.url}${path}`, { ...init, headers });

  it('is asked for on every route, before the body', async () => {
    for (const path of ['/v1/verifications', '/v1/verifications/x', '/v1/verifications/x/receipt']) {
      expect((await call(path)).status).toBe(401);
    }
    const headers = { 'content-type': 'application/json' };
    expect((await call('/v1/verifications', headers, { method: 'POST', body: '{' })).status).toBe(401);
  });

  it('refuses a stranger’s key, another audience, a used assertion', async () => {
    expect(await codeOf(() => world.service('alpha', world.foreignKeys).status('0'.repeat(36)))).toBe(
      'upstream.operator',
    );
    const authorization = await world.bearer('alpha');
    expect((await call('/v1/verifications', { authorization })).status).toBe(200);
    expect((await call('/v1/verifications', { authorization })).status).toBe(401);
  });

  it('another tenant’s id is as unknown as none (A1)', async () => {
    const { id } = await alpha.submit(await submissionOf(world));
    const unknown = systemRandom(world.clock).id();
    for (const path of [`/v1/verifications/${id}`, `/v1/verifications/${id}/receipt`]) {
      const mine = await call(path, { authorization: await world.bearer('beta') });
      const none = await call(path.replace(id, unknown), { authorization: await world.bearer('beta') });
      expect([mine.status, none.status]).toEqual([404, 404]);
      const body = async (response: Response) => ({ ...((await response.json()) as object), instance: '' });
      expect(await body(mine)).toEqual(await body(none));
    }
  });

  it('the list holds the tenant’s own, newest first, page by page', async () => {
    const read = async (query: string) => {
      const response = await call(`/v1/verifications${query}`, {
        authorization: await world.bearer('alpha'),
      });
      return response.json() as Promise<{ items: VerificationStatus[]; next_cursor?: string }>;
    };
    const first = await read('?limit=3');
    const second = await read(`?limit=3&cursor=${first.next_cursor}`);
    const ids = [...first.items, ...second.items].map((item) => item.id);
    expect(ids).toEqual([...new Set(ids)].sort().reverse());
    expect(ids).toHaveLength(6);
    const bad = await call('/v1/verifications?sort=evil', { authorization: await world.bearer('alpha') });
    expect(bad.status).toBe(400);
    const others = await call('/v1/verifications', { authorization: await world.bearer('beta') });
    expect(((await others.json()) as { items: unknown[] }).items).toEqual([]);
  });

  it.each([
    ['a member twice', '{"service":"a","service":"b"}'],
    ['an unknown member', '{"verdict":"OK"}'],
    ['__proto__', '{"__proto__":{"result":"OK"}}'],
    ['an array', '[]'],
    ['deep', '['.repeat(50_000)],
    ['a BOM', '\ufeff{}'],
  ])('a body with %s is 400 (A4, A5)', async (_name, body) => {
    const headers = { authorization: await world.bearer('alpha'), 'content-type': 'application/json' };
    const response = await call('/v1/verifications', headers, { method: 'POST', body });
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([400, 'http.body']);
  });
});

describe('the receipt', () => {
  it('is also a report: JSON, XML under the operator’s key, and a page to be printed', async () => {
    const { id } = await decide(world, { person: 'hanako' });
    const report = async (format: string) => {
      const url = `${world.url}/v1/verifications/${id}/report?format=${format}`;
      const response = await fetch(url, { headers: { authorization: await world.bearer('alpha') } });
      return { response, text: await response.text() };
    };
    const json = JSON.parse((await report('json')).text);
    expect(json).toMatchObject({ id, result: 'OK', policy: { name: expect.stringMatching(/^jpki-/) } });
    const { text: xml, response: file } = await report('xml');
    expect(file.headers.get('content-type')).toContain('application/xml');
    const value = Buffer.from(/<ds:SignatureValue>([^<]+)/.exec(xml)?.[1] ?? '', 'base64');
    const signedInfo = /<ds:SignedInfo.*<\/ds:SignedInfo>/s.exec(xml)?.[0] ?? '';
    const keys = (await (await fetch(`${world.url}/.well-known/jwks.json`)).json()) as JSONWebKeySet;
    const key = createPublicKey({ key: keys.keys[0] as never, format: 'jwk' });
    expect(
      verifySignature('sha256', Buffer.from(signedInfo), { key, dsaEncoding: 'ieee-p1363' }, value),
    ).toBe(true);
    const { text: page, response } = await report('html');
    expect(page).toContain('検証結果報告書');
    expect(page).toContain('data-sealed="yes"');
    const style = /<style>(.*)<\/style>/s.exec(page)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(response.headers.get('content-security-policy')).toContain(`style-src 'sha256-${hash}'`);
    expect((await report('pdf')).response.status).toBe(400);
    const open = await alpha.submit(await submissionOf(world, { fault: 'wrong-kid' }));
    const early = await fetch(`${world.url}/v1/verifications/${open.id}/report`, {
      headers: { authorization: await world.bearer('alpha') },
    });
    expect(early.status).toBe(409);
  });

  it('is a JWS of the operator over the verdict, for its tenant', async () => {
    const submission = await submissionOf(world, { person: 'hanako' });
    const status = await settled(alpha, (await alpha.submit(submission)).id);
    const receipt = await alpha.receipt(status.id);
    const jwks = (await (await fetch(`${world.url}/.well-known/jwks.json`)).json()) as JSONWebKeySet;
    const { payload, protectedHeader } = await jwtVerify(receipt?.receipt ?? '', createLocalJWKSet(jwks), {
      issuer: world.url,
      audience: 'tenant-alpha',
      algorithms: ['ES256'],
      typ: 'verification-receipt+jwt',
      currentDate: new Date(world.clock.now()),
    });
    const claims = receiptClaimsSchema.parse(payload);
    expect(protectedHeader.alg).toBe('ES256');
    expect(claims.verification).toMatchObject({
      id: status.id,
      result: 'OK',
      data: submission.data,
      mode: 'digest-info',
    });
    expect(JSON.stringify(jwks)).not.toContain('"d"');
  });
});

describe('evidence stays here and decides again', () => {
  it('offline, with the same verdict', async () => {
    const status = await decide(world, { person: 'kanji' });
    const store = await openPfStore();
    const octets = await store.evidence.get(status.id, 'tenant-alpha');
    const seal = await store.evidence.sealOf(status.id);
    await store.close();
    const file = exportedEvidence(octets ?? new Uint8Array(0), { seal });
    const jwks = (await (await fetch(`${world.url}/.well-known/jwks.json`)).json()) as OperatorKeys;
    expect(await operatorSealCheck(file, jwks)).toMatchObject({ result: 'passed' });
    const again = verifyEvidence(octets ?? new Uint8Array(0), anchorsOf(world.registry));
    expect([again.integrity.indication, again.result]).toEqual(['TOTAL-PASSED', 'OK']);
    expect(again.signedOctetsSha256).toBe(status.signed_octets_sha256);
  });
});

describe('no answer, header, log line or file holds anything of a certificate (J17, A13, R5)', () => {
  it('searched byte by byte', async () => {
    const seen: string[] = [];
    for (const person of ['taro', 'revoked', 'expired', 'kanji']) {
      const { id } = await decide(world, { person });
      for (const path of [
        `/v1/verifications/${id}`,
        `/v1/verifications/${id}/receipt`,
        `/v1/verifications/${id}/report?format=xml`,
        `/v1/verifications/${id}/report?format=html`,
        '/v1/verifications?limit=100',
      ]) {
        const response = await fetch(`${world.url}${path}`, {
          headers: { authorization: await world.bearer('alpha') },
        });
        const body = await response.text();
        const claims = [...body.matchAll(/\.([A-Za-z0-9_-]{40,})\./g)].map(([, part]) =>
          Buffer.from(part ?? '', 'base64url').toString('utf8'),
        );
        seen.push(JSON.stringify([...response.headers]), body, ...claims);
      }
    }
    const outside = Buffer.from([...seen, ...world.log.lines].join('\n'));
    const written = everyOctet(world.folder);
    for (const person of ['taro', 'revoked', 'expired', 'kanji']) {
      for (const [name, mark] of marksOf(person)) {
        expect(outside.includes(mark), `${person} ${name} outside`).toBe(false);
        expect(written.includes(mark), `${person} ${name} at rest`).toBe(false);
      }
    }
    expect(outside.includes('TOTAL-PASSED')).toBe(true);
    expect(written.includes('TOTAL-PASSED')).toBe(true);
  });
});

/** What would give a person or a certificate away, in the forms in which it could be written. */
function marksOf(person: string): readonly (readonly [string, Buffer])[] {
  const { signCertificate, signKey, resident } = cardOf(world.registry, person);
  const { der, serial } = signCertificate;
  const middle = der.subarray(200, 240);
  const serialHex = serial.toString(16);
  return [
    ['DER', middle],
    ['DER in base64', Buffer.from(der.subarray(198, 240).toString('base64'))],
    ['DER in hex', Buffer.from(middle.toString('hex'))],
    ['serial in decimal', Buffer.from(serial.toString())],
    ['serial in hex', Buffer.from(serialHex)],
    ['serial in upper-case hex', Buffer.from(serialHex.toUpperCase())],
    ['key identifier', signKey.keyIdentifier],
    ['key identifier in hex', Buffer.from(signKey.keyIdentifier.toString('hex'))],
    ['name', Buffer.from(resident.certificateName)],
  ];
}

describe('one signature, one verdict', () => {
  it('of one signature counts once, however it is encrypted: another service or tenant is a replay', async () => {
    const same = { text: 'the same', person: 'hanako' } as const;
    const first = await decide(world, same);
    const again = await decide(world, same);
    expect([first.result, again.result, again.id === first.id]).toEqual(['OK', 'OK', false]);
    expect(again.decided_at).toBe(first.decided_at);
    const elsewhere = await submissionOf(world, { ...same, tenant: 'beta' });
    const replayed = await settled(beta, (await beta.submit(elsewhere)).id);
    expect([replayed.state, replayed.failure]).toEqual(['refused', 'binding.replay']);
    const store = await openPfStore();
    const month = japaneseMonth(world.clock.now());
    const charged = (await store.fees.ofMonth('tenant-alpha', month)).map(
      ({ verificationId }) => verificationId,
    );
    const kept = [await store.evidence.get(first.id), await store.evidence.get(again.id)];
    await store.close();
    expect([charged.includes(first.id), charged.includes(again.id)]).toEqual([true, false]);
    expect(kept.map((octets) => octets !== undefined)).toEqual([true, false]);
  });

  it('of a bundle that ended without a verdict is taken in again, and judged again when a person says so', async () => {
    const submission = await submissionOf(world, { fault: 'foreign-key' });
    const refused = await settled(alpha, (await alpha.submit(submission)).id);
    expect(refused.failure).toBe('jwe.decrypt');
    const anew = { ...submission, submission_id: 'handed-in-anew' };
    const second = await settled(alpha, (await alpha.submit(anew)).id);
    expect([second.state, second.id === refused.id]).toEqual(['refused', false]);
    const store = await openPfStore();
    const { verifications, evidence } = store;
    const ids = await endedBy(verifications, 'jwe.decrypt');
    expect(ids).toEqual(expect.arrayContaining([refused.id, second.id]));
    await judgeAgain({ verifications, evidence, clock: world.clock }, refused.id as VerificationId, {
      by: 'test',
    });
    expect((await settled(alpha, refused.id)).failure).toBe('jwe.decrypt');
    const audit = await store.kysely
      .selectFrom('audit_records')
      .select('event')
      .where('subject', '=', refused.id)
      .orderBy('at')
      .orderBy('chain')
      .orderBy('seq')
      .execute();
    expect(audit.map(({ event }) => event)).toEqual([
      'verification.received',
      'verification.refused',
      'verification.judged-again',
      'verification.refused',
    ]);
    const good = await decide(world);
    const ended = await codeOf(() =>
      judgeAgain({ verifications, evidence, clock: world.clock }, good.id as VerificationId, { by: 'test' }),
    );
    await store.close();
    expect(ended).toBe('transaction.state');
  });
});
