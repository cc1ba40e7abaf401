import type { StatusCheck } from '../contracts/verification.ts';
import type { EpochMillis } from '../core/brand.ts';
import { defined } from '../core/defined.ts';
import { hexSha256 } from '../core/digest/sha256.ts';
import { JitsuinError } from '../core/errors.ts';
import { type CheckMethod, japaneseMonth } from '../core/fees/price-list.ts';
import { decisiveCheck } from '../core/report.ts';
import type { Verification } from '../core/sign-transaction/verification.ts';
import type { Effects } from '../ports/effects.ts';
import type { FeeEntry } from '../ports/fee-ledger.ts';
import type { CertificateStatus, KeptStatusCheck } from '../ports/status-check-store.ts';
import { clockIsOff } from '../verification/revocation/clock-watch.ts';
import { ocspQuestion } from '../verification/revocation/ocsp-question.ts';
import { fetchRevocationData } from '../verification/revocation/revocation-data.ts';
import { evidencePart } from '../verifier/evidence/read-evidence.ts';
import { revocationNeeds } from '../verifier/judge-certificate.ts';
import { judgeRevocation } from '../verifier/judge-revocation.ts';
import { policyOf } from '../verifier/policy/validation-policy.ts';
import type { Revocation, RevocationResult } from '../verifier/revocation/revocation-types.ts';
import { parseCertificate } from '../verifier/x509/certificate.ts';
import type { Certificate } from '../verifier/x509/certificate-types.ts';
import { validateCertificationPath } from '../verifier/x509/path.ts';
import { debtEntry, feeEntry } from './fees.ts';
import type { PlatformOperator } from './platform-operator.ts';
import type { PfTenants } from './tenant-rights.ts';

/** How a certificate is looked at again, and by whose wish. */
interface StatusQuestion {
  readonly method: CheckMethod;
  /** Of the check; the same one again is the same check. */
  readonly checkId: string;
  readonly purpose: KeptStatusCheck['purpose'];
  /** What a tenant is told of it, in the same transaction. */
  readonly notices?: (found: KeptStatusCheck) => Effects['notices'];
  /** The look before, which is not kept beside this one where this one finds the same. */
  readonly before?: KeptStatusCheck | undefined;
}

/**
 * Whether the certificate of a verification is still good (現況確認): path and revocation judged for now, the check and its
 * purpose kept and charged for each time that was asked; what the operator owes for it is in its own ledger. What
 * cannot be found out is UNKNOWN and costs nothing.
 * @throws JitsuinError `transaction.state` (no certificate was found good), `revocation.unavailable` (no such
 * source here)
 */
export async function checkStatus(
  operator: PlatformOperator,
  verification: Verification,
  { method, checkId, purpose, notices, before }: StatusQuestion,
): Promise<KeptStatusCheck> {
  const source = method === 'OCSP' ? operator.revocation.ocsp : operator.revocation.crl;
  if (source === undefined)
    throw new JitsuinError('revocation.unavailable', `There is no ${method} source here.`, {
      at: 'check_method',
    });
  const certificate = await certificateOf(operator, verification);
  const now = operator.clock.now();
  const { status, updatedAt, revocation } = await judge(operator, certificate, method, now);
  const found: KeptStatusCheck = defined({
    id: checkId,
    tenant: verification.tenant,
    verificationId: verification.id,
    status,
    method,
    purpose,
    checkedAt: now,
    sourceUpdatedAt: updatedAt,
    revokedAt: revocation?.revokedAt,
    reason: revocation?.reason,
  });
  const same = before !== undefined && before.purpose === purpose && before.status === status;
  const replaces = same ? before.id : undefined;
  await keep(operator, { verification, certificate, found, notices: notices?.(found) ?? [], replaces });
  return found;
}

/**
 * A check as its tenant may see it. When the source was updated is told only where the contract shows who somebody
 * is: lists and answers are made per part of the certificates, so that two times would tell two persons apart.
 */
export function statusCheckView(tenants: PfTenants, found: KeptStatusCheck): StatusCheck {
  const { sourceUpdatedAt, revokedAt, reason } = found;
  const when = (at: EpochMillis | undefined) => (at === undefined ? undefined : new Date(at).toISOString());
  const shown = tenants.mayHave(found.tenant, 'subject-id');
  const detailed = shown && tenants.mayHave(found.tenant, 'revocation-detail');
  return defined({
    id: found.id,
    verification_id: found.verificationId,
    status: found.status,
    check_method: found.method,
    check_purpose: found.purpose,
    source_updated_at: shown ? when(sourceUpdatedAt) : undefined,
    revoked_at: detailed ? when(revokedAt) : undefined,
    revocation_reason: detailed ? reason : undefined,
    checked_at: new Date(found.checkedAt).toISOString(),
  });
}

/**
 * The certificate that the evidence of a verification has.
 * @throws JitsuinError `transaction.state` where there is none
 */
export async function certificateOf(
  operator: PlatformOperator,
  { id, tenant, result }: Verification,
): Promise<Certificate> {
  const octets =
    result === 'OK' || result === 'CERTIFICATE_REVOKED' ? await operator.evidence.get(id, tenant) : undefined;
  const der = octets === undefined ? undefined : evidencePart(octets, 'certificate');
  if (der !== undefined) return parseCertificate(der);
  throw new JitsuinError(
    'transaction.state',
    'This verification has no certificate whose status could be asked.',
  );
}

interface Judged {
  readonly status: CertificateStatus;
  /** thisUpdate of what decided. */
  readonly updatedAt?: EpochMillis;
  /** Of the signer's own certificate. */
  readonly revocation?: Revocation;
}

async function judge(
  operator: PlatformOperator,
  leaf: Certificate,
  method: CheckMethod,
  at: EpochMillis,
): Promise<Judged> {
  const policy = policyOf(operator.policy, method);
  const { trustAnchors, intermediates, responderCache } = operator;
  const path = validateCertificationPath({ leaf, intermediates, trustAnchors, at, policy: policy.path });
  if (path.indication !== 'TOTAL-PASSED')
    return {
      status:
        decisiveCheck(path)?.code === 'certificate.expired' && path.class !== 'hold' ? 'EXPIRED' : 'UNKNOWN',
    };
  const question = ocspQuestion(method, operator.random, operator.ocsp);
  const needs = revocationNeeds(path.path, { policy, ...question });
  const data = await fetchRevocationData(operator, needs);
  if (clockIsOff(operator))
    throw new JitsuinError('clock.off', 'The clock here and that of the source differ too much.');
  const { results } = judgeRevocation(
    path.path,
    { policy, at, trustAnchors, intermediates, responderCache, ...question },
    data,
  );
  return worst(results);
}

function worst(results: readonly RevocationResult[]): Judged {
  const decisive =
    results.find(({ status }) => status === 'revoked') ??
    results.find(({ status }) => status === 'indeterminate') ??
    results[0];
  if (decisive === undefined || decisive.status === 'indeterminate') return { status: 'UNKNOWN' };
  const updatedAt = decisive.source.thisUpdate;
  if (decisive.status === 'good') return { status: 'GOOD', updatedAt };
  const { revokedAt, reason } = decisive;
  const own = decisive === results[0];
  return defined({ status: 'REVOKED', updatedAt, revocation: own ? { revokedAt, reason } : undefined });
}

interface Keeping {
  readonly verification: Verification;
  readonly certificate: Certificate;
  readonly found: KeptStatusCheck;
  readonly notices: NonNullable<Effects['notices']>;
  readonly replaces: string | undefined;
}

async function keep(
  operator: PlatformOperator,
  { verification, certificate, found, notices, replaces }: Keeping,
): Promise<void> {
  const { id: subject, tenant } = verification;
  const { status, method, purpose, checkedAt: at } = found;
  const facts = { status, checkMethod: method, purpose: AUDITED[purpose] };
  const audit = [{ event: 'verification.status-checked', subject, tenant, at, facts }];
  const fees =
    status === 'GOOD' || status === 'REVOKED' ? feesOf(operator, verification, certificate, found) : [];
  await operator.statusChecks.record(found, { audit, fees, notices }, replaces);
}

const AUDITED = { STATUS_CHECK: 'status-check', STATUS_NOTICE: 'status-notice' } as const;

/** A notice's look is charged once for a verification and a month; the operator owes a list once for a certificate. */
function feesOf(
  operator: PlatformOperator,
  verification: Verification,
  certificate: Certificate,
  { status, method, purpose, id, checkedAt }: KeptStatusCheck,
): readonly FeeEntry[] {
  const month = japaneseMonth(checkedAt);
  const key = purpose === 'STATUS_CHECK' ? `status-check ${id}` : `status-notice ${verification.id} ${month}`;
  const result = status === 'GOOD' ? 'OK' : 'REVOKED';
  const check = { key, method, purpose: 'status-check', result } as const;
  const once = hexSha256(certificate.der);
  const owed =
    method === 'OCSP' ? `status-check ${id}` : `status-check-crl ${verification.tenant} ${once} ${month}`;
  return [
    feeEntry(operator, verification, check),
    debtEntry(operator, verification, { ...check, key: owed }),
  ];
}
