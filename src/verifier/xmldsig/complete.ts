import type { EpochMillis, SignatureValue } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import { toBase64 } from '../../core/encoding.ts';
import { type ErrorCode, JitsuinError } from '../../core/errors.ts';
import { readOnlySignature } from '../../core/forms/form-signature.ts';
import { conclude, type FindingFacts } from '../../core/report.ts';
import type { XmlLimits } from '../../core/xml/limits.ts';
import { parseXml } from '../../core/xml/parse.ts';
import {
  cardAlgorithm,
  keyPolicyFault,
  rawValueLength,
  verifySignatureValue,
} from '../../core/xmldsig/algorithms.ts';
import type { PreparedSignature, SignedElementSelector } from '../../core/xmldsig/prepared-signature.ts';
import { XML_SIGNATURE_PROFILES } from '../../core/xmldsig/profile-table.ts';
import { fillElements, putIn } from '../../core/xmldsig/splice.ts';
import { parseCertificate } from '../x509/certificate.ts';
import type { Certificate } from '../x509/certificate-types.ts';
import { CheckRecorder, CheckStopped } from './check-recorder.ts';
import { rawSignatureValue } from './raw-value.ts';
import type { XmlSignatureCheckName, XmlSignatureValidation } from './validation.ts';
import { verifyXmlSignature } from './verify.ts';

interface CompletionInput {
  readonly signatureValue: SignatureValue;
  /**
   * The certificate to embed, as `parseCertificate` read it. The value must be of its key: no other key can be
   * named.
   */
  readonly certificate: Certificate;
  readonly validationTime: EpochMillis;
  readonly limits?: Partial<XmlLimits>;
}

/**
 * `completed`: the finished document, verified again. `refused`: the value is not the key's; `validation.report`
 * says where it failed.
 */
type Completion =
  | {
      readonly outcome: 'completed';
      readonly document: Uint8Array;
      readonly validation: XmlSignatureValidation;
    }
  | { readonly outcome: 'refused'; readonly validation: XmlSignatureValidation };

/**
 * Finishes a prepared document with the value and certificate that came back. The value is verified with the
 * certificate's key first; then both are spliced into the skeleton (no other octet changes), and the finished
 * octets are verified again, with the key that is read from the certificate in them.
 * @throws JitsuinError the codes of `core/xml` when the skeleton is not what `prepareSignature` made;
 * `certificate.key-policy` for a
 *   certificate whose key cannot be used at all
 */
export function completeSignature(prepared: PreparedSignature, given: CompletionInput): Completion {
  const signatureValue = rawSignatureValue(given.certificate.publicKey(), given.signatureValue);
  const input: CompletionInput = { ...given, signatureValue };
  const refusal = judgeValue(prepared, input);
  if (refusal !== undefined) return { outcome: 'refused', validation: refusal };
  const document = assemble(prepared, input);
  const validation = verifyXmlSignature(
    document,
    defined({
      profile: prepared.profile,
      signedElement: selectorOf(prepared),
      key: {
        kind: 'certificate',
        resolve: (der: Uint8Array) => ({ publicKey: parseCertificate(der).publicKey() }),
      },
      validationTime: input.validationTime,
      limits: input.limits,
    }),
  );
  if (validation.report.indication !== 'TOTAL-PASSED') return { outcome: 'refused', validation };
  return { outcome: 'completed', document, validation };
}

/** The value against the key, before the document is touched. */
function judgeValue(prepared: PreparedSignature, input: CompletionInput): XmlSignatureValidation | undefined {
  const algorithm = cardAlgorithm(prepared.signatureMethod);
  if (algorithm === undefined)
    throw new JitsuinError('internal.unexpected', 'It was prepared for an unknown algorithm.');
  const publicKey = input.certificate.publicKey();
  const fault = keyPolicyFault(publicKey, algorithm);
  if (fault !== undefined) {
    // A good key of another kind: whoever prepared it took another card for granted, which is no fault of this one.
    const of = rawValueLength(publicKey) === undefined ? 'signer' : 'issuer';
    return refused(prepared, input, 'key-policy', 'certificate.key-policy', { detail: fault, of });
  }
  if (verifySignatureValue(algorithm, publicKey, prepared.signedInfoOctets, input.signatureValue))
    return undefined;
  const detail = 'The SignatureValue is not that of the prepared SignedInfo by the key of the certificate.';
  return refused(prepared, input, 'signature-value', 'xmldsig.signature', { detail });
}

function refused(
  prepared: PreparedSignature,
  input: CompletionInput,
  check: XmlSignatureCheckName,
  code: ErrorCode,
  facts: FindingFacts,
): XmlSignatureValidation {
  const recorder = new CheckRecorder();
  try {
    recorder.stop(check, code, facts);
  } catch (thrown) {
    if (!(thrown instanceof CheckStopped)) throw thrown;
  }
  return {
    report: conclude(recorder.checks(), input.validationTime),
    profile: prepared.profile,
    certificateDer: input.certificate.der,
    signatureValue: input.signatureValue,
    signedElement: prepared.signedElement,
    unsigned: [],
    disputed: [],
  };
}

function assemble(prepared: PreparedSignature, input: CompletionInput): Uint8Array {
  const { emptyAt } = prepared;
  // where they were when it was read; the whole is verified again anyway
  if (emptyAt !== undefined)
    return putIn(prepared.skeleton, [
      { at: emptyAt.signatureValue, text: toBase64(input.signatureValue) },
      { at: emptyAt.certificate, text: toBase64(input.certificate.der) },
    ]);
  const skeleton = parseXml(prepared.skeleton, input.limits);
  const shape = readOnlySignature(skeleton, XML_SIGNATURE_PROFILES[prepared.profile].form);
  return fillElements(skeleton, [
    { element: shape.signatureValue, text: toBase64(input.signatureValue) },
    { element: shape.certificate, text: toBase64(input.certificate.der) },
  ]);
}

/** Pins in the finished document exactly the element that was prepared. */
function selectorOf({ signedElement }: PreparedSignature): SignedElementSelector {
  if (signedElement.id !== undefined) return { id: signedElement.id };
  return { name: `{${signedElement.namespace}}${signedElement.localName}` };
}
