import type { SubIndication } from '../report.ts';
import type { Verdict } from './application.ts';

/** Verdicts on the certificate, not on the signature: with a new certificate the same document can be signed. */
const CERTIFICATE_ENDED: ReadonlySet<SubIndication | undefined> = new Set<SubIndication>([
  'REVOKED',
  'REVOKED_NO_POE',
  'EXPIRED',
  'OUT_OF_BOUNDS_NO_POE',
  'OUT_OF_BOUNDS_NOT_REVOKED',
]);

/** Whether the verifier found the certificate revoked or outside its time, without proof of an earlier signature. */
export function certificateEnded(
  verdict: Pick<Verdict, 'indication' | 'subIndication'> | undefined,
): boolean {
  return (
    verdict !== undefined &&
    verdict.indication !== 'TOTAL-PASSED' &&
    CERTIFICATE_ENDED.has(verdict.subIndication)
  );
}
