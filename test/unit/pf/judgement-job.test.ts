import { describe, expect, it } from 'vitest';
import type { EpochMillis, TenantId, VerificationId } from '../../../src/core/brand.ts';
import { hexSha256 } from '../../../src/core/digest/sha256.ts';
import { toBase64 } from '../../../src/core/encoding.ts';
import { JitsuinError } from '../../../src/core/errors.ts';
import { canonicalJson } from '../../../src/core/evidence/canonical-json.ts';
import { takeOutShared } from '../../../src/core/evidence/shared-parts.ts';
import type { Verification } from '../../../src/core/sign-transaction/verification.ts';
import { verify } from '../../../src/pf/judge-verification.ts';
import { keepAnswer } from '../../../src/pf/keep-verdict.ts';
import type { PlatformOperator } from '../../../src/pf/platform-operator.ts';
import { submitVerification } from '../../../src/pf/submit-verification.ts';
import type { ContractItem } from '../../../src/pf/tenant-rights.ts';
import type { Job } from '../../../src/ports/job-queue.ts';
import { evidencePart, recordedDecision } from '../../../src/verifier/evidence/read-evidence.ts';
import {
  type BundleOptions,
  operatorInMemory,
  PF_DEADLINE,
  submissionInMemory,
} from '../../support/operator-in-memory.ts';
import { NOW } from '../../support/pf-signing.ts';
import { codeOf, encrypt } from '../jwe/bundle-kit.ts';

const CORRELATION = '3f1e5a10-0000-4000-8000-00000000c0de';
const SECOND = 1_000;
const MINUTE = 60_000;
const DAY = 86_400_000;
/** Where no retention is set (decisions: nothing burnt). */
const BUNDLE_KEPT = 30 * DAY;
const LAST_WORD = 15 * SECOND;

const jobOf = (id: string, attempt = 1) =>
  ({ name: 'verify', version: 1, id: 'job', subject: id, attempt }) as Job;

/** One verification that was received, and what was noted up to there forgotten. */
async function received(
  options: BundleOptions = {},
  contracts: Readonly<Record<string, readonly ContractItem[]>> = {},
  change: Partial<PlatformOperator> = {},
) {
  const kit = await operatorInMemory(contracts, change);
  const { verification, certificate, signatureValue } = await another(kit, options);
  kit.verifications.written.length = 0;
  kit.log.lines.length = 0;
  return { kit, verification, certificate, signatureValue };
}

async function another(kit: Awaited<ReturnType<typeof operatorInMemory>>, options: BundleOptions = {}) {
  const { submission, ...signed } = await submissionInMemory(kit, options);
  const tenant = (options.tenant ?? 'alpha') as TenantId;
  const { verification } = await submitVerification(kit.operator, tenant, submission, {
    correlationId: CORRELATION,
  });
  return { verification, ...signed };
}

const fieldsOf = ({ id, tenant }: Verification) => ({ verification: id, tenant, correlationId: CORRELATION });

const VERDICTS = [
  ['taro', 'OK', 'TOTAL-PASSED', 'OK'],
  ['revoked', 'CERTIFICATE_REVOKED', 'INDETERMINATE', 'REVOKED'],
  ['on-hold', 'CERTIFICATE_REVOKED', 'INDETERMINATE', 'REVOKED'],
  ['expired', 'CERTIFICATE_EXPIRED', 'INDETERMINATE', undefined],
] as const;
/** A suspension proves no end of the certificate. */
const OUTCOME: Readonly<Record<string, string>> = { taro: 'valid', 'on-hold': 'undecided' };
const METHODS = ['OCSP', 'CRL'] as const;
const CASES = VERDICTS.flatMap(([person, result, indication, charged]) =>
  METHODS.map((method) => [person, method, result, indication, charged] as const),
);

describe('the job of a verification', () => {
  it.each(CASES)('of %s by %s: %s', async (person, method, result, indication, charged) => {
    const { kit, verification, certificate } = await received({ person, method });
    const { id } = verification;
    const { operator, verifications, log, kept } = kit;
    expect(await verify(operator, jobOf(id))).toEqual({ kind: 'done' });

    const [{ next, effects } = { next: verification, effects: { audit: [] } }, ...rest] =
      verifications.written;
    expect(rest).toEqual([]);
    const { report } = next;
    expect(report?.indication).toBe(indication);
    const { secrets: _gone, ...open } = verification;
    const decisive = report?.checks.find(({ code }) => code !== undefined)?.code;
    expect(next).toEqual({
      ...open,
      revision: 2,
      state: 'decided',
      result,
      report,
      signedOctetsSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      receipt: 'receipt 1',
      updatedAt: NOW,
      decidedAt: NOW,
    });
    expect(kit.signed).toEqual([
      {
        iss: 'https://pf.example',
        aud: 'alpha',
        iat: NOW / SECOND,
        jti: id,
        verification: {
          id,
          submission_id: verification.submissionKey,
          result,
          indication: report?.indication,
          ...(report?.subIndication === undefined ? {} : { sub_indication: report.subIndication }),
          signed_octets_sha256: next.signedOctetsSha256,
          data: verification.data,
          profile: 'enveloped',
          mode: 'digest-info',
          check_method: method,
          decided_at: new Date(NOW).toISOString(),
        },
      },
    ]);
    const facts = {
      result,
      indication: report?.indication,
      checkMethod: method,
      purpose: 'signature-verification',
    };
    const audit = { event: 'verification.decided', subject: id, tenant: 'alpha', at: NOW, facts };
    const common = {
      id: expect.any(String),
      month: '2026-11',
      at: NOW,
      certificate: 'signing',
      method,
      purpose: 'signature-verification',
      result: charged,
      listPrice: 20,
      chargedPrice: 0,
      rule: 'waiver-2023',
    };
    const evidence = kept.get(id);
    const octets = evidence?.octets ?? new Uint8Array();
    expect(effects).toEqual({
      endsJobOf: id,
      audit: [decisive === undefined ? audit : { ...audit, code: decisive }],
      fees:
        charged === undefined
          ? []
          : [
              { ...common, key: `verification ${id}`, tenant: 'alpha', verificationId: id },
              { ...common, key: `debt verification ${id}`, tenant: '(operator)', verificationId: '' },
            ],
      notices: [{ type: 'verification.decided', tenant: 'alpha', at: NOW, data: { id, state: 'decided' } }],
      evidence: [{ ...kept.get(id), id, kept: takeOutShared(octets), sha256: hexSha256(octets) }],
    });
    expect(log.lines).toEqual([
      {
        level: 'info',
        event: 'verification.decided',
        fields: {
          ...fieldsOf(verification),
          state: result,
          outcome: OUTCOME[person] ?? 'not-confirmed',
        },
      },
    ]);
    expect(evidence?.tenant).toBe('alpha');
    expect(recordedDecision(octets).result).toBe(result);
    expect(Buffer.compare(evidencePart(octets, 'certificate') ?? Buffer.alloc(0), certificate)).toBe(0);
    const sealed = {
      iss: 'https://pf.example',
      jti: id,
      iat: NOW / SECOND,
      evidence_sha256: hexSha256(octets),
    };
    expect(JSON.parse(evidence?.seal?.slice('seal '.length) ?? '{}')).toEqual(sealed);
    expect(JSON.parse(Buffer.from(octets).toString('utf8'))).toMatchObject({
      id,
      validator: { version: '0.0.0-test' },
    });
    const asked = person === 'expired' && kit.source.asked.length === 0 ? [] : [method];
    expect(kit.source.asked).toEqual(asked);
    expect(kit.recorded).toHaveLength(asked.length);
  });

  it('leaves alone what is not there and what is not waiting', async () => {
    const { kit, verification } = await received();
    expect(await verify(kit.operator, jobOf('nobody'))).toEqual({ kind: 'done' });
    for (const state of ['decided', 'refused', 'expired'] as const) {
      kit.verifications.put({ ...verification, state });
      expect(await verify(kit.operator, jobOf(verification.id))).toEqual({ kind: 'done' });
    }
    expect([...kit.verifications.written, ...kit.log.lines, ...kit.keysAsked]).toEqual([]);
  });

  it.each([
    ['named', ['find', 'alpha-portal', 'test', 'pf-1']],
    ['left-out', ['usable', 'alpha-portal', 'test']],
  ] as const)('opens a bundle whose key is %s by the keys of its service', async (kid, asked) => {
    const { kit, verification } = await received({ kid });
    await verify(kit.operator, jobOf(verification.id));
    expect(kit.keysAsked).toEqual([asked]);
    expect(kit.verifications.records.get(verification.id)?.result).toBe('OK');
  });

  it('leaves neither evidence nor verdict where it dies before its commit', async () => {
    const { kit, verification } = await received();
    kit.verifications.crash = new Error('the process dies');
    await expect(verify(kit.operator, jobOf(verification.id))).rejects.toThrow('the process dies');
    expect(kit.kept.size).toBe(0);
    expect(kit.verifications.records.get(verification.id)?.state).toBe('received');
    expect(await verify(kit.operator, jobOf(verification.id, 2))).toEqual({ kind: 'done' });
    expect(kit.kept.size).toBe(1);
  });

  it('tells the verdict of evidence that a run of an earlier program kept before it died', async () => {
    const { kit, verification } = await received({}, { alpha: ['subject-id'] });
    await verify(kit.operator, jobOf(verification.id));
    const first = kit.kept.get(verification.id)?.octets;
    kit.verifications.put(verification);
    kit.clock.advance(MINUTE);
    expect(await verify(kit.operator, jobOf(verification.id, 2))).toEqual({ kind: 'done' });
    expect(kit.kept.get(verification.id)?.octets).toBe(first);
    const decided = kit.verifications.records.get(verification.id);
    // judged a minute ago, told now
    expect(decided).toMatchObject({ result: 'OK', decidedAt: NOW, updatedAt: NOW + MINUTE });
    expect(decided?.subjectId).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(kit.verifications.written.at(-1)?.effects.fees).toHaveLength(2);
  });

  it('notes in the chain how a bundle was written, where not as expected, and only where it was read now', async () => {
    const { kit, verification, certificate, signatureValue } = await received();
    const content = { certificate: toBase64(certificate), signature: toBase64(signatureValue) };
    const plaintext = `\ufeff${JSON.stringify({ result: content })}`;
    const jwe = await encrypt(kit.key, { plaintext, header: { kid: 'pf-1' } });
    const { skeleton } = verification.secrets ?? { skeleton: new Uint8Array() };
    kit.verifications.put({ ...verification, secrets: { skeleton, jwe } });
    await verify(kit.operator, jobOf(verification.id));
    kit.verifications.put({ ...verification, secrets: { skeleton, jwe } });
    await verify(kit.operator, jobOf(verification.id));
    expect(kit.verifications.written.at(-1)?.effects.audit[0]?.facts).not.toHaveProperty('bundleSpelling');
    kit.kept.clear();
    kit.verifications.put({ ...verification, secrets: { skeleton, jwe } });
    await verify(kit.operator, jobOf(verification.id));
    expect(kit.verifications.written.at(-1)?.effects.audit[0]?.facts).toMatchObject({
      result: 'OK',
      bundleSpelling: 'bom nested',
    });
  });

  it('reads evidence of its own tenant only', async () => {
    const { kit, verification } = await received();
    await verify(kit.operator, jobOf(verification.id));
    const other = kit.kept.get(verification.id);
    kit.kept.set(verification.id, { ...(other ?? { octets: new Uint8Array(), seal: '' }), tenant: 'beta' });
    kit.verifications.put(verification);
    const again = verify(kit.operator, jobOf(verification.id));
    expect(await codeOf(() => again)).toBe('store.conflict');
    expect(kit.verifications.records.get(verification.id)?.state).toBe('received');
  });
});

describe('the id of a citizen', () => {
  const cases = VERDICTS.flatMap(([person, result]) =>
    [[], ['subject-id'], ['basic-attributes'], ['basic-attributes', 'subject-id']].map(
      (contract) => [person, result, contract as readonly ContractItem[]] as const,
    ),
  );

  it.each(cases)('%s (%s), by the contract %j', async (person, result, contract) => {
    const { kit, verification, certificate } = await received(
      { person },
      { alpha: contract, beta: ['subject-id'] },
    );
    await verify(kit.operator, jobOf(verification.id));
    const has = result === 'OK' && contract.includes('subject-id');
    const { subjectId } = kit.verifications.records.get(verification.id) ?? {};
    expect(kit.subjectsAsked).toEqual(
      has ? [['alpha', Buffer.from(certificate).toString('base64'), subjectId]] : [],
    );
    expect(subjectId !== undefined).toBe(has);
  });
});

describe('a bundle that cannot be opened or is not what it claims', () => {
  const FAULTS = [
    ['foreign-key', 'jwe.decrypt', 'jwe.decrypt'],
    ['damaged-jwe', 'jwe.decrypt', 'jwe.decrypt'],
  ] as const;
  const NO_KEY = [
    ['named', 'key.not-found', 'wrong-kid', undefined],
    ['expired', 'key.state', undefined, 'expired'],
  ] as const;

  it.each(NO_KEY)(
    'whose key is not here (%s): held, no other failure outside, opened once it is',
    async (...one) => {
      const [, code, fault, state] = one;
      const { kit, verification } = await received(fault === undefined ? {} : { fault });
      if (state !== undefined) kit.keeper.state = state;
      const { id } = verification;
      const notBefore = NOW + 5 * SECOND;
      expect(await verify(kit.operator, jobOf(id))).toEqual({ kind: 'later', notBefore });
      expect(kit.verifications.records.get(id)).toMatchObject({
        state: 'received',
        failure: { code: 'jwe.decrypt' },
        secrets: verification.secrets,
      });
      expect(kit.log.lines.map(({ level, event, fields }) => [level, event, fields.code])).toEqual([
        ['error', 'verification.held', code],
        ['warn', 'verification.postponed', 'jwe.decrypt'],
      ]);
      kit.keeper.state = 'active';
      const key = await kit.operator.keys.find('alpha-portal', 'test', 'pf-1');
      const here = key && { ...key, kid: fault === undefined ? 'pf-1' : 'no-such-key' };
      const keys = { ...kit.operator.keys, find: async () => here };
      await verify({ ...kit.operator, keys }, jobOf(id, 2));
      expect(kit.verifications.records.get(id)).toMatchObject({ state: 'decided', result: 'OK' });
    },
  );

  const RETENTIONS = [
    ['as set', 7 * DAY],
    ['where none is set', undefined],
  ] as const;
  const cases = FAULTS.flatMap((fault) => RETENTIONS.map((retention) => [...fault, ...retention] as const));

  it.each(cases)('%s: %s outside, %s in the chain; the bundle is kept %s', async (...one) => {
    const [fault, told, code, _words, retention] = one;
    const change = retention === undefined ? {} : { retention };
    const { kit, verification } = await received({ fault }, {}, change);
    const { id, tenant } = verification;
    kit.clock.advance(MINUTE);
    const now = NOW + MINUTE;
    expect(await verify(kit.operator, jobOf(id))).toEqual({ kind: 'done' });
    expect(kit.verifications.written).toEqual([
      {
        next: {
          ...verification,
          revision: 2,
          state: 'refused',
          failure: { code: told },
          updatedAt: now,
          purgeAt: now + (retention ?? BUNDLE_KEPT),
        },
        effects: {
          endsJobOf: id,
          audit: [{ event: 'verification.refused', subject: id, tenant, at: now, code }],
          notices: [{ type: 'verification.refused', tenant, at: now, data: { id, state: 'refused' } }],
        },
      },
    ]);
    const { kind } = new JitsuinError(code, '');
    expect(kit.log.lines).toEqual([
      {
        level: kind === 'operator' ? 'error' : 'warn',
        event: 'verification.refused',
        fields: { ...fieldsOf(verification), code },
      },
    ]);
    expect([...kit.kept, ...kit.source.asked]).toEqual([]);
  });

  it.each([
    'xml.syntax',
    'xmldsig.profile',
    'c14n.limit',
    'digest.data',
    'base64.invalid',
    'transaction.state',
    'jwe.content',
  ])('a failure %s is about what was handed in: no other run heals it', async (code) => {
    const { kit, verification } = await received();
    const keys = {
      ...kit.operator.keys,
      find: () => Promise.reject(new JitsuinError(code as 'jwe.form', '')),
    };
    await verify({ ...kit.operator, keys }, jobOf(verification.id));
    const ended = kit.verifications.records.get(verification.id);
    expect([ended?.state, ended?.failure?.code]).toEqual(['refused', code]);
  });

  it.each(['store.unavailable', 'key.unavailable', 'internal.unexpected', 'config.invalid'])(
    'a failure %s is thrown: another run may heal it',
    async (code) => {
      const { kit, verification } = await received();
      const keys = {
        ...kit.operator.keys,
        find: () => Promise.reject(new JitsuinError(code as 'jwe.form', '')),
      };
      expect(await codeOf(() => verify({ ...kit.operator, keys }, jobOf(verification.id)))).toBe(code);
      expect(kit.verifications.records.get(verification.id)).toEqual(verification);
    },
  );

  it('is refused where its bundle or its skeleton is gone', async () => {
    const { kit, verification } = await received();
    const { secrets: _gone, ...without } = verification;
    kit.verifications.put(without);
    await verify(kit.operator, jobOf(verification.id));
    expect(kit.verifications.records.get(verification.id)).toMatchObject({
      state: 'refused',
      failure: { code: 'transaction.state' },
    });
  });
});

describe('what stands in the way of a judgement', () => {
  /** Attempt → wait: 5 s, doubled up to ten minutes. */
  const WAITS = [
    [1, 5],
    [2, 10],
    [3, 20],
    [7, 320],
    [8, 600],
    [9, 600],
    [11, 600],
    [5_000, 600],
  ] as const;

  it.each(WAITS)('attempt %d without an answer is made again after %d s', async (attempt, seconds) => {
    const { kit, verification } = await received();
    kit.source.state = 'lost';
    expect(await verify(kit.operator, jobOf(verification.id, attempt))).toEqual({
      kind: 'later',
      notBefore: NOW + seconds * SECOND,
    });
    expect(kit.verifications.written).toEqual([
      {
        next: { ...verification, revision: 2, failure: { code: 'revocation.unavailable' } },
        effects: { audit: [] },
      },
    ]);
    const code = 'revocation.unavailable';
    expect(kit.log.lines).toEqual([
      { level: 'warn', event: 'revocation.unavailable', fields: { code } },
      { level: 'warn', event: 'verification.postponed', fields: { ...fieldsOf(verification), code } },
    ]);
    expect([...kit.kept]).toEqual([]);
  });

  it('the log names what was behind it', async () => {
    const { kit, verification } = await received();
    kit.source.state = 'down';
    await verify(kit.operator, jobOf(verification.id));
    expect(kit.log.lines[0]).toEqual({
      level: 'warn',
      event: 'revocation.unavailable',
      fields: { code: 'upstream.temporary' },
    });
  });

  it('a mistake of ours is thrown, not waited for', async () => {
    const { kit, verification } = await received();
    kit.source.state = 'broken';
    await expect(verify(kit.operator, jobOf(verification.id))).rejects.toThrow('a mistake of the adapter');
    expect(kit.verifications.written).toEqual([]);
  });

  it.each([
    [
      'a minute before the last word',
      LAST_WORD + MINUTE,
      { kind: 'later', notBefore: PF_DEADLINE - LAST_WORD },
    ],
    ['a millisecond before it', LAST_WORD + 1, { kind: 'later', notBefore: PF_DEADLINE - LAST_WORD }],
    ['at it', LAST_WORD, { kind: 'done' }],
    ['a millisecond before the deadline', 1, { kind: 'done' }],
  ])('near the deadline the last word is said, without an answer: %s', async (_when, left, outcome) => {
    const { kit, verification } = await received();
    kit.clock.advance(PF_DEADLINE - left);
    kit.source.state = 'lost';
    const expected =
      'notBefore' in outcome ? { ...outcome, notBefore: NOW + PF_DEADLINE - LAST_WORD } : outcome;
    expect(await verify(kit.operator, jobOf(verification.id, 20))).toEqual(expected);
    const { state, result } = kit.verifications.records.get(verification.id) ?? {};
    expect([state, result]).toEqual(
      outcome.kind === 'done' ? ['decided', 'INDETERMINATE'] : ['received', undefined],
    );
  });

  const TOLERANCE = 60_000;
  it.each([
    [TOLERANCE, true],
    [-TOLERANCE, true],
    [TOLERANCE + 1, false],
    [-TOLERANCE - 1, false],
  ])('by a clock that is %d ms off', async (offset, judged) => {
    const { kit, verification } = await received();
    kit.source.clockOffset = offset;
    const outcome = await verify(kit.operator, jobOf(verification.id));
    const code = 'clock.off';
    if (judged) return expect(outcome).toEqual({ kind: 'done' });
    expect(outcome).toEqual({ kind: 'later', notBefore: NOW + 5 * SECOND });
    expect(kit.verifications.records.get(verification.id)?.failure).toEqual({ code });
    expect(kit.log.lines).toEqual([
      { level: 'error', event: code, fields: { ...fieldsOf(verification), code } },
      { level: 'warn', event: 'verification.postponed', fields: { ...fieldsOf(verification), code } },
    ]);
    expect(kit.recorded).toEqual([]);
  });

  it('by a clock that is off when the deadline is near: until the deadline, and no verdict', async () => {
    const { kit, verification } = await received();
    kit.source.clockOffset = TOLERANCE + 1;
    kit.clock.advance(PF_DEADLINE - LAST_WORD);
    expect(await verify(kit.operator, jobOf(verification.id))).toEqual({
      kind: 'later',
      notBefore: NOW + PF_DEADLINE,
    });
    expect([...kit.kept]).toEqual([]);
  });

  it('by a source that tells no time: judged', async () => {
    const { kit, verification } = await received();
    const { ocsp } = kit.operator.revocation;
    const operator = { ...kit.operator, revocation: { ...(ocsp === undefined ? {} : { ocsp }) } };
    expect(await verify(operator, jobOf(verification.id))).toEqual({ kind: 'done' });
  });

  it('no anchor of ours: held at once, with an alarm, also when the deadline is near', async () => {
    for (const [gone, notBefore] of [
      [0, NOW + 5 * SECOND],
      [PF_DEADLINE - LAST_WORD, NOW + PF_DEADLINE],
    ] as const) {
      const { kit, verification } = await received({}, {}, { trustAnchors: [] });
      kit.clock.advance(gone);
      expect(await verify(kit.operator, jobOf(verification.id))).toEqual({ kind: 'later', notBefore });
      const { state, failure } = kit.verifications.records.get(verification.id) ?? {};
      expect(state).toBe('received');
      expect(kit.log.lines.map(({ level, event, fields }) => [level, event, fields.code])).toEqual([
        ['error', 'verification.held', failure?.code],
        ['warn', 'verification.postponed', failure?.code],
      ]);
      expect(failure?.code).toMatch(/^certificate\./);
      expect([...kit.kept, ...kit.source.asked]).toEqual([]);
    }
  });

  it.each(['decided', 'postponed', 'refused', 'answered'] as const)(
    'a step that somebody else was before is told nobody, and looked at again: %s',
    async (step) => {
      const { kit, verification } = await received(step === 'refused' ? { fault: 'foreign-key' } : {});
      if (step === 'postponed') kit.source.state = 'lost';
      const { id } = verification;
      kit.verifications.meanwhile = () => kit.verifications.put({ ...verification, revision: 2 });
      const outcome =
        step === 'answered'
          ? await keepAnswer(kit.operator, verification, answeredFirst(verification))
          : await verify(kit.operator, jobOf(id));
      expect(outcome).toEqual({ kind: 'later', notBefore: NOW + SECOND });
      expect(kit.verifications.written).toEqual([]);
      expect(kit.log.lines.filter(({ event }) => event !== 'revocation.unavailable')).toEqual([
        { level: 'warn', event: 'verification.overtaken', fields: fieldsOf(verification) },
      ]);
    },
  );
});

const REPORT = {
  indication: 'TOTAL-PASSED',
  checks: [{ name: 'certificate-syntax', result: 'passed' }],
  validationTime: (NOW - DAY) as EpochMillis,
} as const;
const answeredFirst = (verification: Verification): Verification => ({
  ...verification,
  id: 'v-first' as VerificationId,
  state: 'decided',
  result: 'OK',
  report: REPORT,
  signedOctetsSha256: 'ab'.repeat(32),
  subjectId: 'subject-1',
});

describe('one signature counts once', () => {
  type Owner = readonly [
    what: string,
    change: Partial<Verification>,
    use: 'own' | 'wait' | 'replay' | 'answered',
  ];
  const OWNERS: readonly Owner[] = [
    ['with the same answer', {}, 'answered'],
    ['still judged', { state: 'received' }, 'wait'],
    ['refused', { state: 'refused' }, 'own'],
    ['expired', { state: 'expired' }, 'own'],
    ['undecided', { result: 'INDETERMINATE' }, 'own'],
    ['undecided and deleted', { result: 'INDETERMINATE', deletedAt: NOW }, 'replay'],
    ['deleted', { deletedAt: NOW }, 'replay'],
    ['of another tenant', { tenant: 'beta' as TenantId }, 'replay'],
    ['of another service', { service: 'alpha-other' }, 'replay'],
    ['of another text', { data: 'other' as Verification['data'] }, 'replay'],
    ['of another mode', { mode: 'digest' }, 'replay'],
    ['of another tenant, still judged', { tenant: 'beta' as TenantId, state: 'received' }, 'replay'],
    ['of another tenant, refused', { tenant: 'beta' as TenantId, state: 'refused' }, 'own'],
  ];

  it.each(OWNERS)('another verification has it, %s', async (_what, change, use) => {
    const { kit, verification, signatureValue } = await received({}, { alpha: ['subject-id'] });
    const { id, tenant } = verification;
    const first = { ...answeredFirst(verification), ...change };
    kit.verifications.put(first);
    const name = `test ${Buffer.from(signatureValue).toString('hex')}`;
    kit.claimed.set(name, first.id);
    const outcome = await verify(kit.operator, jobOf(id));
    const next = kit.verifications.records.get(id);
    expect(kit.claimed.get(name)).toBe(use === 'own' ? id : first.id);
    const replayed = {
      event: 'verification.replayed',
      subject: first.id,
      tenant,
      at: NOW,
      code: 'binding.replay',
      facts: { service: 'alpha-portal', by: 'signature-value' },
    };
    expect(kit.audit.events).toEqual(use === 'replay' ? [replayed] : []);
    expect(kit.source.asked).toEqual(use === 'own' ? ['OCSP'] : []);
    const [effects] = kit.verifications.written.map((one) => one.effects);
    switch (use) {
      case 'own':
        return expect(next).toMatchObject({ state: 'decided', result: 'OK' });
      case 'wait':
        expect(next?.failure).toEqual({ code: 'verification.running' });
        return expect(outcome).toEqual({ kind: 'later', notBefore: NOW + 5 * SECOND });
      case 'replay':
        return expect(next).toMatchObject({ state: 'refused', failure: { code: 'binding.replay' } });
      default:
        expect(outcome).toEqual({ kind: 'done' });
        expect(next).toMatchObject({
          state: 'decided',
          result: 'OK',
          report: REPORT,
          signedOctetsSha256: first.signedOctetsSha256,
          subjectId: 'subject-1',
          receipt: 'receipt 1',
          decidedAt: NOW - DAY,
        });
        expect(kit.signed[0]).toMatchObject({ jti: id, iat: (NOW - DAY) / SECOND });
        expect(effects).toEqual({
          endsJobOf: id,
          audit: [
            {
              event: 'verification.decided',
              subject: id,
              tenant,
              at: NOW,
              facts: {
                result: 'OK',
                indication: 'TOTAL-PASSED',
                checkMethod: 'OCSP',
                purpose: 'signature-verification',
                first: first.id,
              },
            },
          ],
          notices: [{ type: 'verification.decided', tenant, at: NOW, data: { id, state: 'decided' } }],
        });
        expect(kit.log.lines).toEqual([
          {
            level: 'info',
            event: 'verification.answered-again',
            fields: { ...fieldsOf(verification), state: 'OK', outcome: 'valid' },
          },
        ]);
        return expect([...kit.kept]).toEqual([]);
    }
  });

  const SAME = OWNERS.filter(([, { tenant, service, data, mode }]) => !(tenant || service || data || mode));

  it.each(SAME)('a tenant without subject-id has it judged like anybody’s: %s', async (_what, change) => {
    const run = async (owner: string | undefined) => {
      const { kit, verification, signatureValue } = await received();
      const first = { ...answeredFirst(verification), ...change };
      kit.verifications.put(first);
      if (owner !== undefined) kit.claimed.set(`test ${Buffer.from(signatureValue).toString('hex')}`, owner);
      const outcome = await verify(kit.operator, jobOf(verification.id));
      const written = kit.verifications.written.map(({ next, effects }) => ({
        ...effects,
        fees: effects.fees?.map(({ key }) => key.replace(verification.id, 'id')),
        notices: effects.notices?.map(({ type }) => type),
        evidence: effects.evidence?.length,
        audit: effects.audit.map(({ event, facts }) => [event, facts]),
        state: [next.state, next.result, next.decidedAt, next.report],
      }));
      const lines = kit.log.lines.map(({ level, event }) => [level, event]);
      return { outcome, written, lines, asked: kit.source.asked, kept: kit.kept.size };
    };
    const anybody = await run(undefined);
    expect(anybody).toMatchObject({ outcome: { kind: 'done' }, asked: ['OCSP'], kept: 1 });
    expect(await run('v-first')).toEqual(anybody);
  });

  it('a second verification of a tenant without subject-id frees the signature for nobody else', async () => {
    const { kit, verification, signatureValue } = await received();
    const name = `test ${Buffer.from(signatureValue).toString('hex')}`;
    kit.verifications.put({ ...answeredFirst(verification), state: 'expired' });
    kit.claimed.set(name, 'v-first');
    await verify(kit.operator, jobOf(verification.id));
    expect(kit.claimed.get(name)).toBe(verification.id);
  });

  it('of a verification that is gone: its own', async () => {
    const { kit, verification, signatureValue } = await received();
    kit.claimed.set(`test ${Buffer.from(signatureValue).toString('hex')}`, 'gone');
    await verify(kit.operator, jobOf(verification.id));
    expect(kit.verifications.records.get(verification.id)?.result).toBe('OK');
  });

  it('free, but somebody else took it first: waited for', async () => {
    const { kit, verification, signatureValue } = await received();
    kit.claimed.set(`test ${Buffer.from(signatureValue).toString('hex')}`, 'gone');
    const signatures = { ...kit.operator.signatures, takeOver: async () => false };
    const outcome = await verify({ ...kit.operator, signatures }, jobOf(verification.id));
    expect(outcome).toMatchObject({ kind: 'later' });
  });

  it('waited for until its own deadline', async () => {
    const { kit, verification, signatureValue } = await received({}, { alpha: ['subject-id'] });
    kit.verifications.put({ ...answeredFirst(verification), state: 'received' });
    kit.claimed.set(`test ${Buffer.from(signatureValue).toString('hex')}`, 'v-first');
    kit.clock.advance(PF_DEADLINE - LAST_WORD);
    expect(await verify(kit.operator, jobOf(verification.id))).toEqual({
      kind: 'later',
      notBefore: NOW + PF_DEADLINE,
    });
  });

  it.each(['report', 'result'] as const)('no answer is taken over that has no %s', async (member) => {
    const { kit, verification } = await received();
    const { [member]: _gone, ...first } = answeredFirst(verification);
    const answer = () => keepAnswer(kit.operator, verification, first as Verification);
    expect(await codeOf(answer)).toBe('transaction.state');
  });
});

describe('OCSP questions of a judgement', () => {
  const NONCE = /06092b060105050730010204120410([0-9a-f]{32})/;
  it('carry 16 fresh octets', async () => {
    const { kit, verification } = await received();
    await verify(kit.operator, jobOf(verification.id));
    const second = await another(kit);
    await verify(kit.operator, jobOf(second.verification.id));
    const nonces = kit.source.requests.map(
      (request) => NONCE.exec(Buffer.from(request).toString('hex'))?.[1],
    );
    expect(new Set(nonces).size).toBe(2);
    expect(nonces).not.toContain(undefined);
  });
});

it('evidence is canonical', async () => {
  const { kit, verification } = await received();
  await verify(kit.operator, jobOf(verification.id));
  const octets = kit.kept.get(verification.id)?.octets ?? new Uint8Array();
  expect(Buffer.compare(canonicalJson(JSON.parse(Buffer.from(octets).toString())), octets)).toBe(0);
});
