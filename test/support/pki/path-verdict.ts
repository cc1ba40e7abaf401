import type { EpochMillis } from '../../../src/core/brand.ts';
import { decisiveCheck } from '../../../src/core/report.ts';
import type { Certificate } from '../../../src/verifier/x509/certificate-types.ts';
import { validateCertificationPath } from '../../../src/verifier/x509/path.ts';
import { GENERAL_PATH_POLICY } from '../../../src/verifier/x509/path-policy.ts';
import type { PathPolicy, PathRequest } from '../../../src/verifier/x509/path-types.ts';
import { issueCa, issueCertificate, TEST_NOW } from './test-pki.ts';

export const root = issueCa({ subject: ['C=JP', 'CN=Root'] });
export const ca = issueCa({ subject: ['C=JP', 'CN=CA'], issuer: root });
export const leaf = issueCertificate({ subject: ['C=JP', 'CN=Leaf'], issuer: ca });

export interface Given extends Partial<Omit<PathRequest, 'policy' | 'at' | 'leaf'>> {
  readonly policy?: Partial<PathPolicy>;
  readonly at?: number;
}

export function judge(certificate: Certificate, given: Given = {}) {
  const { policy, at = TEST_NOW, ...rest } = given;
  return validateCertificationPath({
    leaf: certificate,
    intermediates: [ca.certificate],
    trustAnchors: [root.certificate],
    at: at as EpochMillis,
    policy: { ...GENERAL_PATH_POLICY, ...policy },
    ...rest,
  });
}

/** The failed check and its code, or the indication when nothing failed. */
export function verdict(certificate: Certificate, given: Given = {}): string {
  const report = judge(certificate, given);
  const failed = decisiveCheck(report);
  return failed === undefined ? report.indication : `${failed.name} ${failed.code}`;
}
