import { defined } from '../core/defined.ts';
import { asJitsuinError, type ErrorCode } from '../core/errors.ts';
import type { Check } from '../core/report.ts';
import { caRevocationCheck, revocationCheck } from './revocation/check.ts';
import type { Crl } from './revocation/crl.ts';
import { openCrlOnce } from './revocation/open-crl-once.ts';
import { checkPathRevocation } from './revocation/path-revocation.ts';
import type { RevocationMethod, RevocationResult } from './revocation/revocation-types.ts';
import type { RevocationData, ValidationRequest } from './validation-types.ts';
import type { Certificate } from './x509/certificate-types.ts';

interface JudgedRevocation {
  readonly checks: readonly Check[];
  readonly results: readonly RevocationResult[];
}

/** What of a request decides about revocation. */
type RevocationJudgement = Pick<
  ValidationRequest,
  'policy' | 'at' | 'dataAt' | 'nonce' | 'trustAnchors' | 'intermediates' | 'responderCache'
>;

/**
 * Revocation of every certificate of the path but the anchor: a check for the signer's, one for those of the CAs.
 * No data is never good.
 */
export function judgeRevocation(
  path: readonly Certificate[],
  request: RevocationJudgement,
  data: readonly RevocationData[],
): JudgedRevocation {
  const { policy, at, dataAt, nonce, trustAnchors, intermediates = [], responderCache } = request;
  const issuers = [...path.slice(1), ...trustAnchors, ...intermediates];
  const opened = path.slice(0, -1).map((_certificate, index) => openCrls(data[index]?.crls ?? [], issuers));
  const judgedBy = (method: RevocationMethod) =>
    checkPathRevocation(
      defined({
        path,
        data: (index: number) => ({ crls: opened[index]?.crls ?? [], ocsp: data[index]?.ocsp ?? [] }),
        at,
        method,
        crlIssuers: { intermediates, policy: policy.path },
        dataAt,
        responderCache,
        freshness: policy.freshness,
        nonce: method === 'CRL' ? undefined : nonce,
      }),
    ).map((result, index) => withCrlFault(result, opened[index]?.fault));
  const results =
    policy.method === 'EITHER' ? either(judgedBy('OCSP'), judgedBy('CRL')) : judgedBy(policy.method);
  const [signer, ...above] = results;
  const suspension = policy.profile === 'jpki' ? 'final' : 'may-be-lifted';
  const checks =
    signer === undefined ? [] : [revocationCheck(signer, suspension), ...caRevocationCheck(above)];
  return { results, checks };
}

/**
 * One that is revoked by either is revoked; else one that is good by either is good; else what came nearest is
 * told.
 */
function either(
  byOcsp: readonly RevocationResult[],
  byCrl: readonly RevocationResult[],
): readonly RevocationResult[] {
  return byOcsp.map((ocsp, index) => {
    const results = [ocsp, byCrl[index] ?? ocsp];
    const decided =
      results.find(({ status }) => status === 'revoked') ?? results.find(({ status }) => status === 'good');
    const nearer = results.find((result) => 'code' in result && result.code !== 'revocation.unavailable');
    return decided ?? nearer ?? ocsp;
  });
}

interface OpenedCrls {
  readonly crls: readonly Crl[];
  /** Why the first unusable one was unusable. */
  readonly fault?: ErrorCode;
}

function openCrls(ders: readonly Uint8Array[], issuers: readonly Certificate[]): OpenedCrls {
  const crls: Crl[] = [];
  let fault: ErrorCode | undefined;
  for (const der of ders) {
    try {
      crls.push(openCrlOnce(der, issuers));
    } catch (thrown) {
      const error = asJitsuinError(thrown);
      if (error.kind === 'internal') throw thrown;
      fault ??= error.code;
    }
  }
  return fault === undefined ? { crls } : { crls, fault };
}

/** "No data" is told more exactly where data came but could not be used. */
function withCrlFault(result: RevocationResult, fault: ErrorCode | undefined): RevocationResult {
  if (fault === undefined || result.status !== 'indeterminate') return result;
  const code = fault.startsWith('revocation.') ? fault : 'revocation.invalid';
  return result.code === 'revocation.unavailable' ? { ...result, code } : result;
}
