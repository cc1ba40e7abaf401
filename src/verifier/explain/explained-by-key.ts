import type { KeyObject } from 'node:crypto';
import { asJitsuinError } from '../../core/errors.ts';
import type { XmlElement } from '../../core/xml/model.ts';
import { parseCertificate } from '../x509/certificate.ts';
import { certificateOf } from '../xmldsig/signature-text.ts';
import type { ValueExplanation } from './signature-value.ts';

/** Absent where the certificate gives no key. */
export function explainedByKey(
  certificate: XmlElement,
  explain: (publicKey: KeyObject) => ValueExplanation,
): ValueExplanation | undefined {
  let publicKey: KeyObject;
  try {
    publicKey = parseCertificate(certificateOf(certificate)).publicKey();
  } catch (thrown) {
    if (asJitsuinError(thrown).kind === 'internal') throw thrown;
    return undefined;
  }
  return explain(publicKey);
}
