import type { StatusCheck } from '../contracts/verification.ts';
import type { EpochMillis } from '../core/brand.ts';
import { defined } from '../core/defined.ts';
import { hexSha256 } from '../core/digest/sha256.ts';
import { JitsuinError } from '../core/errors.ts';
import { type CheckMethod, japaneseMonth } from '../core/fees/price-list.ts';
import { decisiveCheck } from '../core/report.ts';
import type { Verification } from '../core/sign-transaction/verification.ts';
import { clockIsOff } from '../verification/revocation/clock-watch.ts';
import { ocspQuestion } from '../verification/revocation/ocsp-question.ts';
import { fetchRevocationData } from '../verification/revocation/revocation-data.ts';
import { evidencePart } from '../verifier/evidence/read-evidence.ts';
import { revocationNeeds } from '../verifier/judge-certificate.ts';
import { judgeRevocation } from '../verifier/judge-revocation.ts';
import { policyOf } from '../verifier/policy/validation-policy.ts';
import type { RevocationResult } from '../verifier/revocation/revocation-types.ts';
import { parseCertificate } from '../verifier/x509/certificate.ts';
import type { Certificate } from '../verifier/x509/certificate-types.ts';
import { validateCertificationPath } from '../verifier/x509/path.ts';
import { debtEntry, feeEntry } from './fees.ts';
import type { PlatformOperator } from './platform-operator.ts';

/**
 * Whether the certificate of a verification is still good (現況確認): path and revocation judged for now, the check and its
 * purpose recorded, charged for each time that was asked; what the operator owes for it is in its own ledger. What
 * cannot be found out is UNKNOWN and costs nothing. When the source was updated is told only where the contract
 * shows who somebody is: lists and answers are made per part of the certificates, so that two times would tell two
 * persons apart.
 * @throws JitsuinError `transaction.state` (no certificate was found good), `revocation.unavailable` (no such
 * source here)
 */
export async function checkStatus(
  operator: PlatformOperator,
  verification: Verification,
  method: CheckMethod,
  checkId: string,
): Promise<StatusCheck> {
  const source = method === 'OCSP' ? operator.revocation.ocsp : operator.revocation.crl;
  if (source === undefined)
    throw new JitsuinError('revocation.unavailable', `There is no ${method} source here.`, {
      at: 'check_method',
    });
  const certificate = await certificateOf(operator, verification);
  const now = operator.clock.now();
  const { status, updatedAt } = await judge(operator, certificate, method, now);
  const seen = operator.tenants.mayHave(verification.tenant, 'subject-id') ? updatedAt : undefined;
  await record(operator, verification, { status, method, checkId, certificate, now });
  return defined({
    id: checkId,
    verification_id: verification.id,
    status,
    check_method: method,
    check_purpose: 'STATUS_CHECK',
    source_updated_at: seen === undefined ? undefined : new Date(seen).toISOString(),
    checked_at: new Date(now).toISOString(),
  });
}

async function certificateOf(
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
  readonly status: StatusCheck['status'];
  /** thisUpdate of what decided. */
  readonly updatedAt?: EpochMillis;
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
  return {
    status: decisive.status === 'revoked' ? 'REVOKED' : 'GOOD',
    updatedAt: decisive.source.thisUpdate,
  };
}

interface StatusRecord {
  readonly status: StatusCheck['status'];
  readonly method: CheckMethod;
  readonly checkId: string;
  readonly certificate: Certificate;
  readonly now: EpochMillis;
}

async function record(
  operator: PlatformOperator,
  verification: Verification,
  done: StatusRecord,
): Promise<void> {
  const { status, method, checkId, certificate, now } = done;
  const { id, tenant } = verification;
  const facts = { status, checkMethod: method, purpose: 'status-check' };
  const audit = [{ event: 'verification.status-checked', subject: id, tenant, at: now, facts }];
  if (status !== 'GOOD' && status !== 'REVOKED') return operator.fees.record([], audit);
  const key = `status-check ${checkId}`;
  const check = {
    key,
    method,
    purpose: 'status-check',
    result: status === 'GOOD' ? 'OK' : 'REVOKED',
  } as const;
  const once = hexSha256(certificate.der);
  const owed = method === 'OCSP' ? key : `status-check-crl ${tenant} ${once} ${japaneseMonth(now)}`;
  const fees = [
    feeEntry(operator, verification, check),
    debtEntry(operator, verification, { ...check, key: owed }),
  ];
  return operator.fees.record(fees, audit);
}
