import { describe, expect, it } from 'vitest';
import type { TenantId } from '../../../src/core/brand.ts';
import { certificateFacts } from '../../../src/pf/certificate-facts.ts';
import { checkStatus, statusCheckView } from '../../../src/pf/check-status.ts';
import { verify } from '../../../src/pf/judge-verification.ts';
import { noticeStatus } from '../../../src/pf/status-notices.ts';
import { forgetSubject, newestOfSubject } from '../../../src/pf/subjects.ts';
import { submitVerification } from '../../../src/pf/submit-verification.ts';
import { CONTRACT_ITEMS, type ContractItem, ITEMS_THAT_LINK } from '../../../src/pf/tenant-rights.ts';
import type { Job } from '../../../src/ports/job-queue.ts';
import { readPfTenants } from '../../../src/roles/pf/tenants.ts';
import { operatorInMemory, submissionInMemory } from '../../support/operator-in-memory.ts';
import { cardOf, NOW } from '../../support/pf-signing.ts';
import { codeOf } from '../jwe/bundle-kit.ts';

type Kit = Awaited<ReturnType<typeof operatorInMemory>>;
const TENANT = 'alpha' as TenantId;
const DAY = 86_400_000;

/** Every contract that can be written down. */
const SUBSETS: readonly (readonly ContractItem[])[] = Array.from(
  { length: 2 ** CONTRACT_ITEMS.length },
  (_, bits) => CONTRACT_ITEMS.filter((_item, index) => (bits >> index) & 1),
);
const linksOpenly = (items: readonly ContractItem[]) =>
  items.includes('subject-id') || !items.some((item) => ITEMS_THAT_LINK.includes(item));

async function decided(kit: Kit, options: Parameters<typeof submissionInMemory>[1] = {}) {
  const { submission } = await submissionInMemory(kit, { tenant: TENANT, ...options });
  const { verification } = await submitVerification(kit.operator, TENANT, submission);
  const job = { name: 'verify', version: 1, id: 'j', subject: verification.id, attempt: 1 } as object as Job;
  await verify(kit.operator, job);
  const done = kit.verifications.records.get(verification.id);
  if (done === undefined) throw new Error('not kept');
  return done;
}

const tenantsFile = (contract: readonly ContractItem[]) => [
  {
    id: 'a',
    name: '模擬',
    client_id: 'c',
    jwks: { keys: [{ kty: 'EC', kid: 'k' }] },
    services: ['s'],
    contract,
  },
];

describe.each(SUBSETS)('a contract with %j', (...contract: readonly ContractItem[]) => {
  it('is taken only where it says openly what tells persons apart', async () => {
    const outcome = await codeOf(async () => readPfTenants(tenantsFile(contract)));
    expect(outcome).toBe(linksOpenly(contract) ? 'accepted' : 'config.invalid');
  });

  it('gives each answer by its own item, and nothing by another', async () => {
    const kit = await operatorInMemory({ alpha: contract });
    const verification = await decided(kit);
    const card = cardOf(kit.registry, 'taro').signCertificate;
    const subject = contract.includes('subject-id');
    const kind = contract.includes('certificate-kind');
    const end = contract.includes('validity-end') && subject;
    const facts = await codeOf(async () => {
      const told = await certificateFacts(kit.operator, verification);
      expect(told).toEqual({
        verification_id: verification.id,
        ...(kind ? { kind: 'JPKI_CARD_DIGITAL_SIGNATURE' } : {}),
        ...(end ? { valid_until: new Date(card.notAfter + 9 * 3_600_000).toISOString().slice(0, 10) } : {}),
      });
    });
    expect(facts).toBe(kind || end ? 'accepted' : 'right.missing');
    kit.registry.revoke(card, { revokedAt: NOW - 5_000, reason: 'superseded' });
    try {
      const question = { method: 'CRL', checkId: 'c', purpose: 'STATUS_CHECK' } as const;
      const view = statusCheckView(
        kit.operator.tenants,
        await checkStatus(kit.operator, verification, question),
      );
      const detail = contract.includes('revocation-detail') && subject;
      expect([view.status, view.source_updated_at !== undefined]).toEqual(['REVOKED', subject]);
      expect([view.revoked_at, view.revocation_reason]).toEqual(
        detail ? [new Date(NOW - 5_000).toISOString(), 'superseded'] : [undefined, undefined],
      );
      kit.clock.advance(DAY + 1);
      kit.checks.all.length = 0;
      const notices = contract.includes('status-notices') && subject;
      const assertions = [{ tenant: TENANT, clientId: 'c', jwks: { keys: [] } }];
      const operator = { ...kit.operator, tenants: { ...kit.operator.tenants, assertions } };
      expect(await noticeStatus(operator)).toBe(notices ? 1 : 0);
      expect(kit.told.map(({ type }) => type)).toEqual(notices ? ['certificate.revoked'] : []);
    } finally {
      kit.registry.restore(card);
    }
  });
});

describe('the daily look', () => {
  const start = async () => {
    const kit = await operatorInMemory({ alpha: ['subject-id', 'status-notices'] });
    const assertions = [{ tenant: TENANT, clientId: 'c', jwks: { keys: [] } }];
    Object.assign(kit.operator.tenants, { assertions });
    return kit;
  };
  const card = (kit: Kit) => cardOf(kit.registry, 'taro').signCertificate;

  it('is made once a day, charged once a month, and told once', async () => {
    const kit = await start();
    const { id } = await decided(kit);
    kit.charged.length = 0;
    const looked: number[] = [];
    for (let hour = 0; hour <= 72; hour += 6) {
      kit.clock.millis = NOW + hour * 3_600_000;
      if (hour === 60)
        kit.registry.revoke(card(kit), { revokedAt: NOW + 59 * 3_600_000, reason: 'superseded' });
      if ((await noticeStatus(kit.operator)) > 0) looked.push(hour);
    }
    kit.clock.millis = NOW + 10 * DAY;
    const after = await noticeStatus(kit.operator);
    kit.registry.restore(card(kit));
    expect([looked, after]).toEqual([[24, 48, 72], 0]);
    expect(kit.checks.all.map(({ status, purpose }) => [status, purpose])).toEqual([
      ['REVOKED', 'STATUS_NOTICE'],
      // of many days of the same, the newest alone is kept
      ['GOOD', 'STATUS_NOTICE'],
    ]);
    expect(kit.told).toEqual([
      { type: 'certificate.revoked', tenant: TENANT, at: NOW + 3 * DAY, data: { id, state: 'revoked' } },
    ]);
    const keys = kit.charged.filter(({ tenant }) => tenant === TENANT).map(({ key }) => key);
    expect([...new Set(keys)]).toEqual([`status-notice ${id} 2026-11`]);
  });

  it('goes on where a suspension may be lifted, and an hour later where nothing was found out', async () => {
    const kit = await start();
    await decided(kit);
    kit.clock.millis = NOW + DAY;
    kit.registry.revoke(card(kit), { revokedAt: NOW + 1, reason: 'certificateHold' });
    expect(await noticeStatus(kit.operator)).toBe(1);
    kit.registry.restore(card(kit));
    kit.clock.advance(DAY);
    kit.source.state = 'lost';
    expect(await noticeStatus(kit.operator)).toBe(1);
    kit.clock.advance(3_600_000 - 1);
    expect(await noticeStatus(kit.operator)).toBe(0);
    kit.clock.advance(1);
    kit.source.state = 'up';
    expect(await noticeStatus(kit.operator)).toBe(1);
    expect(kit.checks.all.map(({ status }) => status)).toEqual(['GOOD', 'UNKNOWN', 'REVOKED']);
  });

  it('is one process’s at a time, and the same look has one id', async () => {
    const kit = await start();
    await decided(kit);
    kit.clock.advance(DAY);
    kit.held.add('status-notices');
    expect(await noticeStatus(kit.operator)).toBe(0);
    kit.held.clear();
    await noticeStatus(kit.operator);
    const [first] = kit.checks.all;
    kit.checks.all.length = 0;
    await noticeStatus(kit.operator);
    expect(kit.checks.all[0]?.id).toBe(first?.id);
  });

  it('one that cannot be looked at stops no other, and fails the round: an alarm is raised', async () => {
    const kit = await start();
    const broken = await decided(kit);
    const whole = await decided(kit, { text: 'another text of the test' });
    kit.kept.delete(broken.id);
    kit.clock.advance(DAY);
    expect(await codeOf(() => noticeStatus(kit.operator))).toBe('transaction.state');
    expect(kit.checks.all.map(({ verificationId }) => verificationId)).toEqual([whole.id]);
    expect(kit.leases.at(-1)?.[0]).toBe('release');
  });
});

describe('a citizen of a tenant', () => {
  const subjects = async () => {
    const kit = await operatorInMemory({ alpha: ['subject-id'] });
    const verification = await decided(kit);
    return { kit, verification, subject: verification.subjectId ?? '' };
  };

  it('is found by the tenant’s own id only', async () => {
    const { kit, verification, subject } = await subjects();
    expect((await newestOfSubject(kit.operator, TENANT, subject))?.id).toBe(verification.id);
    expect(await newestOfSubject(kit.operator, 'beta' as TenantId, subject)).toBeUndefined();
  });

  it('is forgotten with every verification, its evidence and what was found later', async () => {
    const { kit, verification, subject } = await subjects();
    await checkStatus(kit.operator, verification, { method: 'CRL', checkId: 'c', purpose: 'STATUS_CHECK' });
    expect(await forgetSubject(kit.operator, TENANT, subject)).toBe(1);
    const { deletedAt } = kit.verifications.records.get(verification.id) ?? {};
    expect([deletedAt !== undefined, kit.checks.all.length, kit.kept.size]).toEqual([true, 0, 0]);
    expect(kit.forgotten).toEqual([[TENANT, subject]]);
    expect(kit.audit.events.map(({ event }) => event)).toContain('subject.forgotten');
  });
});
