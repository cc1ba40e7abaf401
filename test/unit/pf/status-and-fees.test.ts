import { describe, expect, it } from 'vitest';
import type { EpochMillis, TenantId } from '../../../src/core/brand.ts';
import { hexSha256 } from '../../../src/core/digest/sha256.ts';
import type { Verification } from '../../../src/core/sign-transaction/verification.ts';
import { checkStatus as check, statusCheckView } from '../../../src/pf/check-status.ts';
import { feeEntry, OPERATOR_LEDGER, uuidFrom, verificationFees } from '../../../src/pf/fees.ts';
import { verify } from '../../../src/pf/judge-verification.ts';
import type { PlatformOperator } from '../../../src/pf/platform-operator.ts';
import { statementCsv, statementOf, statementSheet } from '../../../src/pf/statement.ts';
import { submitVerification } from '../../../src/pf/submit-verification.ts';
import type { ContractItem } from '../../../src/pf/tenant-rights.ts';
import type { Job } from '../../../src/ports/job-queue.ts';
import { operatorInMemory, PF_TENANTS, submissionInMemory } from '../../support/operator-in-memory.ts';
import { cardOf, NOW } from '../../support/pf-signing.ts';
import { codeOf } from '../jwe/bundle-kit.ts';

/** As the tenant is told of a check that it asked for. */
async function checkStatus(
  operator: PlatformOperator,
  verification: Verification,
  method: 'CRL' | 'OCSP',
  checkId: string,
) {
  const found = await check(operator, verification, { method, checkId, purpose: 'STATUS_CHECK' });
  return statusCheckView(operator.tenants, found);
}

const METHODS = ['OCSP', 'CRL'] as const;
type Kit = Awaited<ReturnType<typeof operatorInMemory>>;

/** A verification that was decided good, and what was noted up to there forgotten. */
async function decided(kit: Kit, tenant = 'alpha', person = 'taro') {
  const { submission, certificate } = await submissionInMemory(kit, { tenant, person });
  const { operator } = kit;
  const { verification } = await submitVerification(operator, tenant as TenantId, submission);
  const service = `${tenant}-portal`;
  const job = { name: 'verify', version: 1, id: 'j', subject: verification.id, attempt: 1 } as object as Job;
  expect(await verify(operator, job), service).toEqual({ kind: 'done' });
  kit.source.asked.length = 0;
  kit.source.requests.length = 0;
  const done = kit.verifications.records.get(verification.id);
  if (done === undefined) throw new Error('not kept');
  return { verification: done, certificate };
}

const CONTRACTS: readonly (readonly ContractItem[])[] = [[], ['basic-attributes'], ['subject-id']];
const cases = METHODS.flatMap((method) => CONTRACTS.map((contract) => [method, contract] as const));

describe.each(cases)('the status by %s, for a tenant whose contract has %j', (method, contract) => {
  const start = async () => {
    const kit = await operatorInMemory({ alpha: contract, beta: ['subject-id'] });
    return { kit, ...(await decided(kit)) };
  };
  const shown = contract.includes('subject-id');

  it.each(['GOOD', 'REVOKED'] as const)('%s: told, recorded, charged and owed', async (status) => {
    const { kit, verification, certificate } = await start();
    const card = cardOf(kit.registry, 'taro').signCertificate;
    kit.clock.advance(1_000);
    const at = kit.clock.now();
    if (status === 'REVOKED') kit.registry.revoke(card, { revokedAt: NOW - 1, reason: 'superseded' });
    try {
      const answer = await checkStatus(kit.operator, verification, method, 'check-1');
      expect(answer).toEqual({
        id: 'check-1',
        verification_id: verification.id,
        status,
        check_method: method,
        check_purpose: 'STATUS_CHECK',
        ...(shown ? { source_updated_at: expect.stringMatching(/^2026-11-22T0\d:\d\d:\d\d\.\d{3}Z$/) } : {}),
        checked_at: new Date(at).toISOString(),
      });
    } finally {
      kit.registry.restore(card);
    }
    expect(kit.source.asked).toEqual([method]);
    const common = {
      id: expect.any(String),
      month: '2026-11',
      at,
      certificate: 'signing',
      method,
      purpose: 'status-check',
      result: status === 'GOOD' ? 'OK' : 'REVOKED',
      listPrice: 20,
      chargedPrice: 0,
      rule: 'waiver-2023',
    };
    const owed =
      method === 'OCSP'
        ? 'debt status-check check-1'
        : `debt status-check-crl alpha ${hexSha256(certificate)} 2026-11`;
    expect(kit.charged).toEqual([
      { ...common, key: 'status-check check-1', tenant: 'alpha', verificationId: verification.id },
      { ...common, key: owed, tenant: OPERATOR_LEDGER, verificationId: '' },
    ]);
    expect(kit.audit.events).toEqual([
      {
        event: 'verification.status-checked',
        subject: verification.id,
        tenant: 'alpha',
        at,
        facts: { status, checkMethod: method, purpose: 'status-check' },
      },
    ]);
  });

  it.each([
    ['the source is away', 'UNKNOWN', (kit: Kit): void => void Object.assign(kit.source, { state: 'lost' })],
    ['its certificate has ended', 'EXPIRED', (kit: Kit): void => kit.clock.advance(10 * 365 * 86_400_000)],
  ] as const)('%s: %s, recorded, and costs nothing', async (_why, status, change) => {
    const { kit, verification } = await start();
    change(kit);
    const answer = await checkStatus(kit.operator, verification, method, 'check-1');
    expect(answer).toEqual({
      id: 'check-1',
      verification_id: verification.id,
      status,
      check_method: method,
      check_purpose: 'STATUS_CHECK',
      checked_at: new Date(kit.clock.now()).toISOString(),
    });
    expect(kit.charged).toEqual([]);
    expect(kit.audit.events.map(({ facts }) => facts)).toEqual([
      { status, checkMethod: method, purpose: 'status-check' },
    ]);
  });

  it('no anchor of ours is not its end', async () => {
    const { kit, verification } = await start();
    const operator = { ...kit.operator, trustAnchors: [] };
    expect((await checkStatus(operator, verification, method, 'c')).status).toBe('UNKNOWN');
    expect(kit.charged).toEqual([]);
  });

  it('by a clock that is off: nothing is said, recorded or charged', async () => {
    const { kit, verification } = await start();
    kit.source.clockOffset = 60_001;
    expect(await codeOf(() => checkStatus(kit.operator, verification, method, 'c'))).toBe('clock.off');
    expect([...kit.charged, ...kit.audit.events]).toEqual([]);
    kit.source.clockOffset = 60_000;
    expect((await checkStatus(kit.operator, verification, method, 'c')).status).toBe('GOOD');
  });

  it('without such a source here: refused', async () => {
    const { kit, verification } = await start();
    const source = async () => new Uint8Array();
    const revocation = method === 'OCSP' ? { crl: source } : { ocsp: source };
    const answer = checkStatus({ ...kit.operator, revocation }, verification, method, 'c');
    await expect(answer).rejects.toMatchObject({ code: 'revocation.unavailable', at: 'check_method' });
  });

  it('asks with a nonce of its own where it asks, and keeps to it', async () => {
    const { kit, verification } = await start();
    await checkStatus(kit.operator, verification, method, 'c1');
    await checkStatus(kit.operator, verification, method, 'c2');
    const nonce = /06092b060105050730010204120410([0-9a-f]{32})/;
    const seen = kit.source.requests.map((one) => nonce.exec(Buffer.from(one).toString('hex'))?.[1]);
    expect(new Set(seen).size).toBe(method === 'OCSP' ? 2 : 0);
    expect(seen).not.toContain(undefined);
  });
});

describe('what has a certificate whose status can be asked', () => {
  const results = [
    ['OK', true],
    ['CERTIFICATE_REVOKED', true],
    ['SIGNATURE_MISMATCH', false],
    ['CERTIFICATE_EXPIRED', false],
    ['CERTIFICATE_INVALID', false],
    ['INDETERMINATE', false],
    [undefined, false],
  ] as const;
  it.each(results)('a verdict of %s: %s', async (result, has) => {
    const kit = await operatorInMemory();
    const { verification } = await decided(kit);
    const { result: _ok, ...open } = verification;
    const asked = (result === undefined ? open : { ...open, result }) as Verification;
    const outcome = await codeOf(() => checkStatus(kit.operator, asked, 'OCSP', 'c'));
    expect(outcome).toBe(has ? 'accepted' : 'transaction.state');
    expect(kit.charged.length > 0).toBe(has);
  });

  it('not of another tenant, nor what is kept no more', async () => {
    const kit = await operatorInMemory();
    const { verification } = await decided(kit);
    const other = { ...verification, tenant: 'beta' as TenantId };
    expect(await codeOf(() => checkStatus(kit.operator, other, 'OCSP', 'c'))).toBe('transaction.state');
    kit.kept.clear();
    expect(await codeOf(() => checkStatus(kit.operator, verification, 'OCSP', 'c'))).toBe(
      'transaction.state',
    );
  });
});

describe('two tenants, one person', () => {
  const methods = METHODS.flatMap((one) => METHODS.map((other) => [one, other] as const));
  it.each(methods)(
    'asked by %s and by %s: each pays for itself, and the operator owes for what it asked',
    async (...both) => {
      const kit = await operatorInMemory();
      const checks: [string, string][] = [];
      for (const [index, tenant] of PF_TENANTS.entries()) {
        const { verification } = await decided(kit, tenant);
        const method = both[index] ?? 'OCSP';
        // twice each: the second of a CRL is owed once, and asked for twice
        for (const check of [`${tenant}-1`, `${tenant}-2`]) {
          await checkStatus(kit.operator, verification, method, check);
          checks.push([tenant, method]);
        }
      }
      const keys = kit.charged.filter(({ purpose }) => purpose === 'status-check');
      const own = keys.filter(({ tenant }) => tenant !== OPERATOR_LEDGER);
      expect(own.map(({ tenant, method }) => [tenant, method])).toEqual(checks);
      expect(new Set(own.map(({ key }) => key)).size).toBe(4);
      const owed = new Set(keys.filter(({ tenant }) => tenant === OPERATOR_LEDGER).map(({ key }) => key));
      expect(owed.size).toBe(both.reduce((sum, method) => sum + (method === 'OCSP' ? 2 : 1), 0));
      for (const tenant of PF_TENANTS) {
        const { entries, count } = await statementOf(kit.operator.fees, tenant, '2026-11');
        expect(count).toBe(2);
        const verifications = new Set(entries.map((entry) => entry.verification_id));
        expect(verifications.size).toBe(1);
        expect(JSON.stringify(entries)).not.toContain('debt');
      }
    },
  );
});

describe('fees', () => {
  const base = { id: 'v1', tenant: 'alpha', checkMethod: 'CRL' } as object as Verification;
  const operator = {
    clock: { now: () => Date.UTC(2022, 11, 31, 14, 59, 59, 999) as EpochMillis },
    random: { id: () => 'fee-1', octets: (count: number) => new Uint8Array(count) },
    prices: [{ certificate: 'signing', method: 'CRL', from: '2016-01-01', listPrice: 20, chargedPrice: 15 }],
  } as object as PlatformOperator;

  it.each(['SIGNATURE_MISMATCH', 'CERTIFICATE_EXPIRED', 'CERTIFICATE_INVALID', 'INDETERMINATE', undefined])(
    'a verdict of %s costs nothing',
    (result) => {
      expect(verificationFees(operator, { ...base, result } as Verification)).toEqual([]);
    },
  );

  it.each([
    ['OK', 'OK'],
    ['CERTIFICATE_REVOKED', 'REVOKED'],
  ] as const)(
    'a verdict of %s is charged once, and owed once, at the price of the day in Japan',
    (result, word) => {
      const entry = {
        id: 'fee-1',
        month: '2022-12',
        at: operator.clock.now(),
        certificate: 'signing',
        method: 'CRL',
        purpose: 'signature-verification',
        result: word,
        listPrice: 20,
        chargedPrice: 15,
      };
      expect(verificationFees(operator, { ...base, result })).toEqual([
        { ...entry, key: 'verification v1', tenant: 'alpha', verificationId: 'v1' },
        { ...entry, key: 'debt verification v1', tenant: '(operator)', verificationId: '' },
      ]);
    },
  );

  it('what has no price says so and costs nothing', () => {
    const check = { key: 'k', method: 'OCSP', purpose: 'status-check', result: 'OK' } as const;
    expect(feeEntry(operator, base, check)).toMatchObject({
      listPrice: 0,
      chargedPrice: 0,
      rule: 'no-price',
      month: '2022-12',
    });
  });

  it.each([
    [0x00, '00000000-0000-4000-8000-000000000000'],
    [0xff, 'ffffffff-ffff-4fff-bfff-ffffffffffff'],
    [0x5a, '5a5a5a5a-5a5a-4a5a-9a5a-5a5a5a5a5a5a'],
  ])('16 octets of %i are a UUID of version 4 and its variant', (octet, uuid) => {
    const octets = new Uint8Array(16).fill(octet);
    expect(uuidFrom(octets)).toBe(uuid);
    // the caller's octets are left alone
    expect(octets).toEqual(new Uint8Array(16).fill(octet));
  });
});

describe('the statement of a month', () => {
  const entry = (id: string, change: object) => ({
    id,
    tenant: 'alpha',
    month: '2026-11',
    at: NOW,
    certificate: 'signing',
    method: 'CRL',
    purpose: 'status-check',
    verificationId: 'v1',
    result: 'OK',
    listPrice: 20,
    chargedPrice: 7,
    ...change,
  });
  const asked: string[][] = [];
  const ledger = {
    ofMonth: async (...args: string[]) => {
      asked.push(args);
      return [
        entry('f1', { rule: 'waiver-2023' }),
        entry('f2', { purpose: 'signature-verification', listPrice: 3 }),
      ];
    },
  } as object as PlatformOperator['fees'];

  it('has every entry with its members, and both totals', async () => {
    const statement = await statementOf(ledger, 'alpha', '2026-11');
    expect(asked).toEqual([['alpha', '2026-11']]);
    const row = {
      at: new Date(NOW).toISOString(),
      verification_id: 'v1',
      certificate: 'signing',
      check_method: 'CRL',
      result: 'OK',
      charged_price: 7,
    };
    expect(statement).toEqual({
      tenant: 'alpha',
      month: '2026-11',
      currency: 'JPY',
      count: 2,
      list_total: 23,
      charged_total: 14,
      entries: [
        { ...row, id: 'f1', list_price: 20, check_purpose: 'STATUS_CHECK', rule: 'waiver-2023' },
        { ...row, id: 'f2', list_price: 3, check_purpose: 'SIGNATURE_VERIFICATION' },
      ],
    });
    const at = new Date(NOW).toISOString();
    expect(statementCsv(statement)).toBe(
      'id,at,verification_id,certificate,check_method,check_purpose,result,list_price,charged_price,rule\r\n' +
        `f1,${at},v1,signing,CRL,STATUS_CHECK,OK,20,7,waiver-2023\r\n` +
        `f2,${at},v1,signing,CRL,SIGNATURE_VERIFICATION,OK,3,7,\r\n`,
    );
    const more = {
      ...statement,
      charged_total: 21,
      entries: [...statement.entries, ...statement.entries.slice(1)],
    };
    expect(statementSheet(more, 10)).toEqual({
      ...{ tenant: 'alpha', month: '2026-11', net: 21, tax: { percent: 10, amount: 2 }, total: 23 },
      lines: [
        { what: '署名用 CRL 有効性の再確認', price: 7, count: 1, amount: 7 },
        { what: '署名用 CRL 署名の検証', price: 7, count: 2, amount: 14 },
      ],
    });
    expect(statementSheet(more)).not.toHaveProperty('tax');
    expect(statementSheet(more).total).toBe(21);
  });
});
