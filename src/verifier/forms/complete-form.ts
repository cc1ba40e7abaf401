import type { SignatureValue } from '../../core/brand.ts';
import { toBase64 } from '../../core/encoding.ts';
import { readFormSignatures } from '../../core/forms/form-signature.ts';
import { openSignature } from '../../core/forms/prepare-form.ts';
import { parseXml } from '../../core/xml/parse.ts';
import { fillElements } from '../../core/xmldsig/splice.ts';
import type { Certificate } from '../x509/certificate-types.ts';
import type { FormSubject, FormValidation } from './form-validation.ts';
import { verifyForm } from './verify-form.ts';

interface FormCompletion {
  /** The finished document; absent where the value is not the certificate's, or a file is not what was prepared. */
  readonly document?: Uint8Array;
  readonly validation: FormValidation;
  /** Which signer the value is, from 1 in document order. */
  readonly number: number;
}

/**
 * Puts value and certificate into a skeleton and verifies every Signature of the finished octets by the same form,
 * with the files.
 * @param subject the skeleton with the files beside it
 * @throws JitsuinError `xmldsig.state` when no Signature, or more than one, waits for its value, and the codes of
 * `core/xml`
 */
export function completeForm(
  subject: FormSubject,
  signatureValue: SignatureValue,
  certificate: Certificate,
): FormCompletion {
  const skeleton = parseXml(subject.document, subject.limits);
  const open = openSignature(skeleton, subject.form);
  const contents = open.certificates.map((element) => ({ element, text: toBase64(certificate.der) }));
  const document = fillElements(skeleton, [
    { element: open.signatureValue, text: toBase64(signatureValue) },
    ...contents,
  ]);
  const validation = verifyForm({ ...subject, document });
  const place = readFormSignatures(skeleton, subject.form).findIndex(
    ({ signature }) => signature.start === open.signature.start,
  );
  return validation.covered === undefined
    ? { validation, number: place + 1 }
    : { document, validation, number: place + 1 };
}
