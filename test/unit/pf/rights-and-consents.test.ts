import { describe, expect, it } from 'vitest';
import type { EpochMillis } from '../../../src/core/brand.ts';
import type { Verification } from '../../../src/core/sign-transaction/verification.ts';
import type { PlatformOperator } from '../../../src/pf/platform-operator.ts';
import { takeContent } from '../../../src/pf/take-content.ts';
import { CONTRACT_ITEMS, type ContractItem } from '../../../src/pf/tenant-rights.ts';
import type { Consent, ConsentItem } from '../../../src/ports/consent-store.ts';
import { NOW } from '../../support/pf-signing.ts';
import { evidenceFor } from '../evidence/evidence-kit.ts';

const ITEMS: readonly ConsentItem[] = ['name', 'sex', 'date_of_birth', 'address'];
const RETENTION = 1_000;
const evidence = evidenceFor('v1').octets;
const codeOf = (error: { code?: string }) => error.code;

/** All subsets, the empty one first. */
function subsets<T>(items: readonly T[]): readonly (readonly T[])[] {
  return items.reduce<readonly (readonly T[])[]>(
    (known, item) => known.concat(known.map((subset) => [...subset, item])),
    [[]],
  );
}

const verification = {
  id: 'v1',
  tenant: 'tenant-a',
  revision: 1,
  state: 'decided',
  result: 'OK',
  createdAt: NOW,
  updatedAt: NOW,
} as object as Verification;

/** A platform operator of which `takeContent` sees what it may: rights by tenant, one verification, what it writes. */
function operatorWith(rights: Readonly<Record<string, readonly ContractItem[]>>, isFirst = true) {
  const written: { next: Verification; consents: readonly Consent[]; audit: readonly object[] }[] = [];
  const asked: (readonly unknown[])[] = [];
  const operator = {
    tenants: {
      mayHave: (tenant: string, item: ContractItem) => rights[tenant]?.includes(item) ?? false,
    },
    evidence: {
      get: async (...args: readonly unknown[]) => {
        asked.push(args);
        return evidence;
      },
    },
    clock: { now: () => NOW },
    random: { octets: (length: number) => new Uint8Array(length).fill(7) },
    subjects: { idFor: async (tenant: string) => `subject of ${tenant}` },
    consentRetention: RETENTION,
    verifications: {
      update: async (next: Verification, { consents, audit }: { consents: Consent[]; audit: object[] }) => {
        if (!isFirst) return false;
        written.push({ next, consents, audit });
        return true;
      },
    },
  } as object as PlatformOperator;
  return { operator, written, asked };
}

const request = (items: readonly ConsentItem[], agreedAt: number = NOW) => ({
  consent: {
    items: [...items],
    purpose: '模擬',
    wording_sha256: 'a'.repeat(64),
    agreed_at: new Date(agreedAt).toISOString(),
  },
});

describe('a right to the content of certificates, by contract and consent', () => {
  const cases = subsets(CONTRACT_ITEMS).flatMap((contract) =>
    subsets(ITEMS).map((items) => [contract, items] as const),
  );

  it.each(cases)('contract %j, consent %j: what both allow, and nothing else', async (contract, items) => {
    const { operator, written } = operatorWith({ 'tenant-a': contract, 'tenant-b': CONTRACT_ITEMS });
    const answer = takeContent(operator, verification, request(items));
    if (!contract.includes('basic-attributes')) {
      expect(await answer.catch(codeOf)).toBe('right.missing');
      expect(written).toEqual([]);
      return;
    }
    expect(Object.keys(await answer).sort()).toEqual([...items, 'verification_id'].sort());
    expect(written.map(({ consents }) => consents)).toEqual([
      [
        {
          verificationId: 'v1',
          tenant: 'tenant-a',
          items,
          purpose: '模擬',
          wordingSha256: 'a'.repeat(64),
          agreedAt: NOW,
          handedOutAt: NOW,
          subjectId: 'subject of tenant-a',
          keepUntil: NOW + RETENTION,
        },
      ],
    ]);
    expect(written[0]?.next.contentTakenAt).toBe(NOW);
    expect(written[0]?.audit).toEqual([
      { event: 'verification.content-taken', subject: 'v1', tenant: 'tenant-a', at: NOW },
    ]);
  });

  it('the evidence is asked for under the tenant of the verification', async () => {
    const { operator, asked } = operatorWith({ 'tenant-a': CONTRACT_ITEMS });
    await takeContent(operator, verification, request(ITEMS));
    expect(asked).toEqual([['v1', 'tenant-a']]);
  });

  it.each([
    'SIGNATURE_MISMATCH',
    'CERTIFICATE_REVOKED',
    'CERTIFICATE_EXPIRED',
    'CERTIFICATE_INVALID',
    'INDETERMINATE',
    undefined,
  ])('a verdict of %s has no content', async (result) => {
    const { operator, written, asked } = operatorWith({ 'tenant-a': CONTRACT_ITEMS });
    const other = { ...verification, result } as Verification;
    expect(await takeContent(operator, other, request(ITEMS)).catch(codeOf)).toBe('transaction.state');
    // nor is its certificate looked at
    expect([written, asked]).toEqual([[], []]);
  });

  it('what was taken, now or by somebody a moment before, is not handed out again', async () => {
    const taken = { ...verification, contentTakenAt: (NOW - 1) as EpochMillis };
    const { operator, written } = operatorWith({ 'tenant-a': CONTRACT_ITEMS });
    expect(await takeContent(operator, taken, request(ITEMS)).catch(codeOf)).toBe(
      'verification.content-taken',
    );
    const late = operatorWith({ 'tenant-a': CONTRACT_ITEMS }, false);
    expect(await takeContent(late.operator, verification, request(ITEMS)).catch(codeOf)).toBe(
      'verification.content-taken',
    );
    expect([...written, ...late.written]).toEqual([]);
  });

  it('a consent may be dated five minutes ahead, by a clock that is, and not a millisecond more', async () => {
    const skew = 5 * 60_000;
    const { operator, written } = operatorWith({ 'tenant-a': CONTRACT_ITEMS });
    await takeContent(operator, verification, request(['name'], NOW + skew));
    expect(written).toHaveLength(1);
    const late = takeContent(operator, verification, request(['name'], NOW + skew + 1));
    expect(await late.catch(codeOf)).toBe('consent.time');
    expect(written).toHaveLength(1);
  });
});
