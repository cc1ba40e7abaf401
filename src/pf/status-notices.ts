import { createHash } from 'node:crypto';
import type { EpochMillis, TenantId, VerificationId } from '../core/brand.ts';
import { defined } from '../core/defined.ts';
import { asJitsuinError } from '../core/errors.ts';
import type { Verification } from '../core/sign-transaction/verification.ts';
import { DAY_MILLIS, HOUR_MILLIS, MINUTE_MILLIS } from '../core/spans.ts';
import type { KeptStatusCheck } from '../ports/status-check-store.ts';
import type { WebhookNotice } from '../ports/webhook-store.ts';
import { checkStatus } from './check-status.ts';
import { uuidFrom } from './fees.ts';
import { verificationFields } from './log-fields.ts';
import type { PlatformOperator } from './platform-operator.ts';

const LEASE_NAME = 'status-notices';
/** Longer than a page takes; a process that died is waited for no longer. */
const LEASE = 10 * MINUTE_MILLIS;
/** A certificate is looked at once in so long; sooner where nothing could be found out. */
const BETWEEN_LOOKS = DAY_MILLIS;
const AFTER_UNKNOWN = HOUR_MILLIS;
const PAGE = 200;
/** Looks of one round; the next round goes on. */
const ROUND = 5_000;

/**
 * Looks once a day at every certificate of the tenants whose contract has `status-notices`, and tells by webhook when
 * one went (失効通知). One process at a time. Gives how many it looked at.
 * @throws JitsuinError of the first look that failed, after all others were made
 */
export async function noticeStatus(operator: PlatformOperator): Promise<number> {
  const owner = operator.random.id();
  const failed: unknown[] = [];
  let looked = 0;
  try {
    for await (const due of pagesOfDue(operator, owner)) {
      for (const { verification, last } of due) await lookOrNote(operator, verification, last, failed);
      looked += due.length;
      if (looked >= ROUND) break;
    }
  } finally {
    await operator.leases.release(LEASE_NAME, owner);
  }
  if (failed.length > 0) throw failed[0];
  return looked;
}

interface Due {
  readonly verification: Verification;
  readonly last: KeptStatusCheck | undefined;
}

/** Page by page of each tenant, under the lease; ends where another process has it. */
async function* pagesOfDue(operator: PlatformOperator, owner: string): AsyncGenerator<readonly Due[]> {
  const { leases, clock, tenants, verifications, statusChecks } = operator;
  for (const { tenant } of tenants.assertions) {
    if (!tenants.mayHave(tenant, 'status-notices') || !tenants.mayHave(tenant, 'subject-id')) continue;
    let after: VerificationId | undefined;
    do {
      const now = clock.now();
      if (!(await leases.acquire(LEASE_NAME, owner, now, (now + LEASE) as EpochMillis))) return;
      const page = await verifications.list(
        defined({ tenant, results: ['OK'] as const, after, limit: PAGE }),
      );
      const newest = await statusChecks.newest(page.map(({ id }) => id));
      yield page
        .map((verification) => ({ verification, last: newest.get(verification.id) }))
        .filter(({ verification: { decidedAt, createdAt }, last }) =>
          isDue(last, decidedAt ?? createdAt, now),
        );
      after = page.length < PAGE ? undefined : page.at(-1)?.id;
    } while (after !== undefined);
  }
}

/** One that fails stops no other. */
async function lookOrNote(
  operator: PlatformOperator,
  verification: Verification,
  last: KeptStatusCheck | undefined,
  failed: unknown[],
): Promise<void> {
  try {
    await look(operator, verification, last);
  } catch (thrown) {
    failed.push(thrown);
    const { code } = asJitsuinError(thrown);
    operator.log.warn('status-notice.failed', { ...verificationFields(verification), code });
  }
}

/** What is revoked or at its end stays so; a suspension may be lifted. */
function isDue(last: KeptStatusCheck | undefined, decidedAt: EpochMillis, now: EpochMillis): boolean {
  if (last === undefined) return now - decidedAt >= BETWEEN_LOOKS;
  const { status, reason, checkedAt } = last;
  const ended = status === 'EXPIRED' || (status === 'REVOKED' && reason !== 'certificateHold');
  return !ended && now - checkedAt >= (status === 'UNKNOWN' ? AFTER_UNKNOWN : BETWEEN_LOOKS);
}

async function look(
  operator: PlatformOperator,
  verification: Verification,
  last: KeptStatusCheck | undefined,
): Promise<void> {
  const { id, tenant } = verification;
  const told = (found: KeptStatusCheck): readonly WebhookNotice[] => {
    const event = EVENTS[found.status];
    if (event === undefined || found.status === last?.status) return [];
    const data = { id, state: found.status.toLowerCase() };
    return [{ type: event, tenant, at: found.checkedAt, data }];
  };
  await checkStatus(operator, verification, {
    method: operator.revocation.crl === undefined ? 'OCSP' : 'CRL',
    checkId: lookId(tenant, id, last),
    purpose: 'STATUS_NOTICE',
    notices: told,
    before: last,
  });
}

const EVENTS: Partial<Record<KeptStatusCheck['status'], WebhookNotice['type']>> = {
  REVOKED: 'certificate.revoked',
  EXPIRED: 'certificate.expired',
};

/** The look after the last one has one id, whoever makes it: two processes keep it, charge it and tell it once. */
function lookId(tenant: TenantId, id: VerificationId, last: KeptStatusCheck | undefined): string {
  const hash = createHash('sha256')
    .update(`status-notice ${tenant} ${id} ${last?.id ?? 'first'}`)
    .digest();
  return uuidFrom(hash.subarray(0, 16));
}
