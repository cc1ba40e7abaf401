import { DIGEST_SHA256, RSA_SHA256 } from '../algorithms.ts';
import { C14N_10, ENVELOPED_SIGNATURE, type XmlSignatureProfile } from '../profile.ts';

/**
 * As the implementation guideline of デジタル認証アプリ prints it (参考:ハッシュ値の作成方法の例). Its transforms cannot be
 * executed in the order printed, so they are compared and not executed; `src/decisions/guideline-profile.md` holds
 * the rules.
 */
export const guideline: XmlSignatureProfile = {
  name: 'guideline',
  signatureNamespace: 'unqualified',
  target: { kind: 'name', defaultName: '申請書' },
  transforms: [C14N_10, ENVELOPED_SIGNATURE],
  canonicalizationMethod: C14N_10,
  digestMethod: DIGEST_SHA256,
  signatureMethod: RSA_SHA256,
};
