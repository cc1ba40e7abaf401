import { describe, expect, it } from 'vitest';
import type { EpochMillis, TenantId } from '../../../src/core/brand.ts';
import { hexSha256 } from '../../../src/core/digest/sha256.ts';
import { fromBase64, toBase64, toUtf8 } from '../../../src/core/encoding.ts';
import type { Verification } from '../../../src/core/sign-transaction/verification.ts';
import { prepareDetached } from '../../../src/core/xmldsig/prepare-detached.ts';
import type { PlatformOperator } from '../../../src/pf/platform-operator.ts';
import { submitVerification } from '../../../src/pf/submit-verification.ts';
import {
  operatorInMemory,
  PF_DEADLINE,
  PF_TENANTS,
  submissionInMemory,
} from '../../support/operator-in-memory.ts';
import { FILE, NOW } from '../../support/pf-signing.ts';
import { codeOf } from '../jwe/bundle-kit.ts';

const ALPHA = 'alpha' as TenantId;
const BETA = 'beta' as TenantId;
const CORRELATION = '3f1e5a10-0000-4000-8000-00000000c0de';

type Kit = Awaited<ReturnType<typeof operatorInMemory>>;
type Submission = Awaited<ReturnType<typeof submissionInMemory>>['submission'];

async function kitWith(change: Partial<PlatformOperator> = {}) {
  const kit = await operatorInMemory({}, change);
  const { submission } = await submissionInMemory(kit);
  return { kit, submission };
}
const submit = (kit: Kit, submission: object, tenant = ALPHA) =>
  submitVerification(kit.operator, tenant, submission as Submission, { correlationId: CORRELATION });
/** What is left when nothing was taken in. */
const traces = ({ verifications, audit, log, leases }: Kit) => [
  ...verifications.written,
  ...audit.events,
  ...log.lines,
  ...leases,
];

describe.each(['OCSP', 'CRL'] as const)('a submission to be checked by %s', (method) => {
  it('is kept whole, with its job, its audit record and its line, and holds its bundle meanwhile', async () => {
    const { kit, submission } = await kitWith();
    const given = { ...submission, check_method: method };
    const { kind, verification } = await submit(kit, given);
    const { id } = verification;
    expect(kind).toBe('accepted');
    const facts = { service: 'alpha-portal', profile: 'enveloped', mode: 'digest-info', checkMethod: method };
    expect(verification).toEqual({
      id,
      tenant: 'alpha',
      revision: 1,
      state: 'received',
      submissionKey: submission.submission_id,
      submissionHash: hexSha256(JSON.stringify(Object.entries(given).sort(([a], [b]) => (a < b ? -1 : 1)))),
      bundleHash: hexSha256(submission.jwe),
      correlationId: CORRELATION,
      ...facts,
      environment: 'test',
      data: submission.data,
      createdAt: NOW,
      updatedAt: NOW,
      deadline: NOW + PF_DEADLINE,
      purgeAt: NOW + PF_DEADLINE,
      secrets: { skeleton: fromBase64(submission.skeleton), jwe: submission.jwe },
    });
    expect(kit.verifications.written).toEqual([
      {
        next: verification,
        effects: {
          jobs: [{ name: 'verify', subject: id, key: `verify:${id}`, lane: { endpoint: method } }],
          audit: [{ event: 'verification.received', subject: id, tenant: 'alpha', at: NOW, facts }],
        },
      },
    ]);
    expect(kit.log.lines).toEqual([
      {
        level: 'info',
        event: 'verification.received',
        fields: { verification: id, tenant: 'alpha', correlationId: CORRELATION },
      },
    ]);
    const lease = `bundle ${verification.bundleHash}`;
    expect(kit.leases).toEqual([
      ['acquire', lease, id, 30_000],
      ['release', lease, id],
    ]);
  });

  it('is refused where there is no such source', async () => {
    const source = async () => new Uint8Array();
    const other = method === 'OCSP' ? { crl: source } : { ocsp: source };
    const { kit, submission } = await kitWith({ revocation: other });
    const answer = submit(kit, { ...submission, check_method: method });
    await expect(answer).rejects.toMatchObject({ code: 'revocation.unavailable', at: 'check_method' });
    expect(traces(kit)).toEqual([]);
  });
});

const detached = (mode: 'digest' | 'digest-info') => ({
  profile: 'detached',
  mode,
  skeleton: toBase64(FILE),
  data: prepareDetached(FILE, mode).data as string,
});
const octets = (count: number) => toBase64(new Uint8Array(count));

describe('what is said at the door, before anything is kept', () => {
  const refused: readonly (readonly [what: string, change: object, code: string, at?: string | undefined])[] =
    [
      ['a service of another tenant', { service: 'beta-portal' }, 'right.missing'],
      ['another environment', { environment: 'production' }, 'right.missing'],
      ['XML in mode digest', { mode: 'digest', data: octets(32) }, 'xmldsig.mode', 'mode'],
      ['a file in mode digest-info', detached('digest-info'), 'xmldsig.mode', 'mode'],
      ['data of 50 octets', { data: octets(50) }, 'digest.data', 'data'],
      ['data of 52 octets', { data: octets(52) }, 'digest.data', 'data'],
      ['data of 32 octets in mode digest-info', { data: octets(32) }, 'digest.data', 'data'],
      ['a file’s data of 31 octets', { ...detached('digest'), data: octets(31) }, 'digest.data', 'data'],
      ['a file’s data of 51 octets', { ...detached('digest'), data: octets(51) }, 'digest.data', 'data'],
      ['data that is no base64', { data: '!'.repeat(68) }, 'base64.invalid', 'data'],
      ['data of another text', { data: octets(51) }, 'binding.transaction', 'data'],
      [
        'a file’s data of another file',
        { ...detached('digest'), data: octets(32) },
        'binding.transaction',
        'data',
      ],
      ['a skeleton that is no base64', { skeleton: '!!!!' }, 'base64.invalid', 'skeleton'],
      ['a skeleton that is no XML', { skeleton: toBase64(toUtf8('<届出>')) }, 'xml.parse'],
      ['a bundle that is no JWE', { jwe: 'a.b.c' }, 'jwe.form'],
      ['another signed element', { signed_element: { id: 'nobody' } }, 'xmldsig.profile'],
    ];

  it.each(refused.map(([what, change, code, at]) => [what, change, code, at] as const))(
    '%s',
    async (...one) => {
      const [, change, code, at] = one;
      const { kit, submission } = await kitWith();
      const thrown = await submit(kit, { ...submission, ...change }).catch((error: unknown) => error);
      if (code.startsWith('xml')) expect(String((thrown as { code?: string }).code)).toMatch(/^xml/);
      else expect(thrown).toMatchObject({ code });
      if (at !== undefined) expect(thrown).toMatchObject({ at });
      expect(traces(kit)).toEqual([]);
    },
  );

  it.each(['digest', 'digest-info'] as const)('a file in mode %s, where it may', async (mode) => {
    const { kit, submission } = await kitWith({ filesInDigestInfo: 'allowed' });
    const { verification } = await submit(kit, { ...submission, ...detached(mode) });
    expect(verification).toMatchObject({ profile: 'detached', mode });
  });

  it.each([
    ['unsaid', {}],
    ['refused', { filesInDigestInfo: 'refused' as const }],
  ])('a file in mode digest-info is refused where that is %s', async (_word, change) => {
    const { kit, submission } = await kitWith(change);
    expect(await codeOf(() => submit(kit, { ...submission, ...detached('digest-info') }))).toBe(
      'xmldsig.mode',
    );
  });
});

describe('a submission that comes again', () => {
  it('gets the same answer, and nothing new is kept', async () => {
    const { kit, submission } = await kitWith();
    const first = await submit(kit, submission);
    const reordered = Object.fromEntries(Object.entries(submission).reverse());
    const again = await submit(kit, reordered);
    expect(again).toEqual({ kind: 'repeated', verification: first.verification });
    expect(kit.verifications.written).toHaveLength(1);
    expect(kit.leases.filter(([what]) => what === 'release')).toHaveLength(2);
  });

  it.each(['skeleton', 'service', 'check_method', 'jwe'] as const)(
    'with another %s is refused',
    async (member) => {
      const { kit, submission } = await kitWith();
      const other = (await submissionInMemory(kit)).submission;
      await submit(kit, submission);
      const changed = {
        skeleton: { skeleton: other.skeleton, data: other.data },
        service: { service: 'alpha-other' },
        check_method: { check_method: 'CRL' },
        jwe: { jwe: other.jwe },
      }[member];
      const { tenants } = kit.operator;
      const operator = { ...kit.operator, tenants: { ...tenants, mayUse: () => true } };
      const answer = submitVerification(operator, ALPHA, { ...submission, ...changed } as Submission);
      await expect(answer).rejects.toMatchObject({ code: 'binding.transaction', at: 'submission_id' });
      expect(kit.verifications.written).toHaveLength(1);
    },
  );

  it('says so when its verification was deleted', async () => {
    const { kit, submission } = await kitWith();
    const { verification } = await submit(kit, submission);
    kit.verifications.put({ ...verification, state: 'decided', deletedAt: NOW });
    expect(await codeOf(() => submit(kit, submission))).toBe('verification.deleted');
  });

  it('at the same instant: the one that comes second gets the first one’s answer', async () => {
    const { kit, submission } = await kitWith();
    const first = { ...(await submit(kit, submission)).verification, id: 'v-first' as Verification['id'] };
    kit.verifications.records.clear();
    kit.verifications.meanwhile = () => kit.verifications.put(first);
    expect(await submit(kit, submission)).toEqual({ kind: 'repeated', verification: first });
  });

  it('at the same instant, with other content: refused', async () => {
    const { kit, submission } = await kitWith();
    const { verification } = await submit(kit, submission);
    kit.verifications.records.clear();
    kit.verifications.meanwhile = () => kit.verifications.put({ ...verification, submissionHash: 'other' });
    expect(await codeOf(() => submit(kit, submission))).toBe('binding.transaction');
  });

  it('is told to come again when the store refused it and knows no other', async () => {
    const { kit, submission } = await kitWith();
    kit.verifications.insert = async () => false;
    expect(await codeOf(() => submit(kit, submission))).toBe('store.conflict');
    expect(kit.log.lines).toEqual([]);
  });

  it('while the same bundle is on its way: refused, and the other one’s hold is left alone', async () => {
    const { kit, submission } = await kitWith();
    kit.held.add(`bundle ${hexSha256(submission.jwe)}`);
    expect(await codeOf(() => submit(kit, submission))).toBe('verification.running');
    expect(kit.leases.map(([what]) => what)).toEqual(['acquire']);
    expect(kit.verifications.written).toEqual([]);
  });
});

describe('a bundle under another submission', () => {
  const owners = [
    ['received', {}, 'replay'],
    ['decided, OK', { state: 'decided', result: 'OK' }, 'replay'],
    ['refused', { state: 'refused' }, 'taken'],
    ['expired', { state: 'expired' }, 'taken'],
    ['decided, INDETERMINATE', { state: 'decided', result: 'INDETERMINATE' }, 'taken'],
  ] as const;
  const cases = owners.flatMap(([owner, change, outcome]) =>
    PF_TENANTS.map((tenant) => [owner, tenant, change, outcome] as const),
  );

  it.each(cases)('that is %s, handed in by %s', async (_owner, tenant, change, outcome) => {
    const { kit, submission } = await kitWith();
    const { verification } = await submit(kit, submission);
    kit.verifications.put({ ...verification, ...change });
    const given = { ...submission, submission_id: 'another', service: `${tenant}-portal` };
    const answer = submit(kit, given, tenant === 'alpha' ? ALPHA : BETA);
    if (outcome === 'taken') {
      expect((await answer).kind).toBe('accepted');
      expect(kit.audit.events).toEqual([]);
      return;
    }
    await expect(answer).rejects.toMatchObject({ code: 'binding.replay', at: 'jwe' });
    expect(kit.verifications.written).toHaveLength(1);
    expect(kit.audit.events).toEqual([
      {
        event: 'verification.replayed',
        subject: verification.id,
        tenant,
        at: NOW as EpochMillis,
        code: 'binding.replay',
        facts: {
          service: `${tenant}-portal`,
          profile: 'enveloped',
          mode: 'digest-info',
          checkMethod: 'OCSP',
        },
      },
    ]);
    expect(kit.leases.at(-1)?.[0]).toBe('release');
  });

  it('the same submission id of two tenants is two submissions', async () => {
    const { kit, submission } = await kitWith();
    const other = (await submissionInMemory(kit, { tenant: 'beta' })).submission;
    await submit(kit, submission);
    const answer = await submit(kit, { ...other, submission_id: submission.submission_id }, BETA);
    expect(answer.kind).toBe('accepted');
  });
});
