import { defined } from '../../core/defined.ts';
import type { PlatformOperator } from '../../pf/platform-operator.ts';
import { judgeUpload, type Upload, type UploadJudgement } from '../../verifier/judge-upload.ts';
import { jpkiSigningPolicy } from '../../verifier/validation-policy.ts';

/** What judges a stranger's document by the operator's anchors and CRLs, at this instant. */
export function uploadJudge(operator: PlatformOperator): (upload: Upload) => Promise<UploadJudgement> {
  const { trustAnchors, intermediates, environment, clock, revocation } = operator;
  const policy = jpkiSigningPolicy(environment, 'CRL');
  const rules = defined({
    trustAnchors,
    intermediates,
    policy,
    crl: revocation.crl,
  });
  return (upload) => judgeUpload(upload, { ...rules, at: clock.now() });
}
