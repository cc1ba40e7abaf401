import type { EpochMillis } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import { type Check, finding } from '../../core/report.ts';
import { revocationNeeds } from '../judge-certificate.ts';
import { judgeRevocation } from '../judge-revocation.ts';
import type { RevocationReason } from '../revocation/revocation-reason.ts';
import type { OcspTerms, RevocationMethod, RevocationResult } from '../revocation/revocation-types.ts';
import type { RevocationData, RevocationNeed, ValidationPolicy } from '../validation-types.ts';
import type { Certificate } from '../x509/certificate-types.ts';
import { GENERAL_PATH_POLICY } from '../x509/path-policy.ts';

/** Revocation data about the certificates of a TSA as they were fetched at an instant. */
export interface TsaRevocationData extends RevocationData {
  /** When it was fetched, and so had to be fresh. */
  readonly at: EpochMillis;
}

/** What must be asked about every certificate of a TSA's path but the anchor. */
export function tsaRevocationNeeds(
  path: readonly Certificate[],
  method: RevocationMethod,
  certIdHash?: OcspTerms['certId'],
): readonly RevocationNeed[] {
  return revocationNeeds(path, defined({ policy: policyOf(method), certIdHash }));
}

/**
 * Whether the certificates behind a token were good when it was made. A later revocation ends a token too, unless
 * its reason says that the key was not at fault (RFC 3161 section 4: affiliationChanged, superseded,
 * cessationOfOperation; a reason that is not given counts as a compromise). Data that cannot decide leaves it open;
 * one set that decides is enough.
 * @param path as `verifyTimeStamp` found it
 */
export function tsaRevocationCheck(
  path: readonly Certificate[],
  genTime: EpochMillis,
  data: readonly TsaRevocationData[],
): Check {
  const name = 'time-stamp-revocation';
  const judged = data.map((set) => judgeSet(path, genTime, set));
  if (judged.some((results) => results.some(endsToken))) return finding(name, 'certificate.revoked');
  if (judged.some((results) => results.every(({ status }) => status === 'good')))
    return { name, result: 'passed' };
  const open = judged.flat().find((result) => result.status === 'indeterminate');
  const code = open?.status === 'indeterminate' ? open.code : 'revocation.unavailable';
  return finding(name, code);
}

const HARMLESS: readonly RevocationReason[] = ['affiliationChanged', 'superseded', 'cessationOfOperation'];

function endsToken(result: RevocationResult): boolean {
  if (result.status === 'revoked') return true;
  return (
    result.status === 'good' &&
    result.revokedLater !== undefined &&
    !HARMLESS.includes(result.revokedLater.reason)
  );
}

/** Each certificate finds its own among all data of the set. */
function judgeSet(
  path: readonly Certificate[],
  genTime: EpochMillis,
  { at, crls, ocsp }: TsaRevocationData,
): readonly RevocationResult[] {
  const policy = policyOf(ocsp.length > 0 ? 'OCSP' : 'CRL');
  const trustAnchors = path.slice(-1);
  const dataAt = Math.max(at, genTime) as EpochMillis;
  const request = { policy, at: genTime, dataAt, trustAnchors, intermediates: path.slice(1, -1) };
  return judgeRevocation(
    path,
    request,
    path.map(() => ({ crls, ocsp })),
  ).results;
}

function policyOf(method: RevocationMethod): ValidationPolicy {
  return { name: 'tsa-1', environment: 'production', path: GENERAL_PATH_POLICY, profile: 'none', method };
}
