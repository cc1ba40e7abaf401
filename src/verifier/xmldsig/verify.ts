import { createHash, type KeyObject } from 'node:crypto';
import type { CanonicalOctets, SignatureValue } from '../../core/brand.ts';
import { disputedConstructs } from '../../core/c14n/disputed.ts';
import { defined } from '../../core/defined.ts';
import { equalOctets } from '../../core/digest/sha256.ts';
import { toHex } from '../../core/encoding.ts';
import { JitsuinError } from '../../core/errors.ts';
import { type OnlySignature, readOnlySignature } from '../../core/forms/form-signature.ts';
import { conclude } from '../../core/report.ts';
import type { XmlDocument } from '../../core/xml/model.ts';
import { parseXml } from '../../core/xml/parse.ts';
import {
  computedSignature,
  keyPolicyFault,
  type SignatureAlgorithm,
  verifySignatureValue,
} from '../../core/xmldsig/algorithms.ts';
import type { XmlSignatureProfile } from '../../core/xmldsig/profile.ts';
import { XML_SIGNATURE_PROFILES } from '../../core/xmldsig/profile-table.ts';
import { type AcceptedSignature, acceptSignature } from '../../core/xmldsig/signature-policy.ts';
import { type LocatedElement, locateSignedElement } from '../../core/xmldsig/signed-element.ts';
import { elementOctets, signedOctets, signedTarget } from '../../core/xmldsig/signed-octets.ts';
import { CheckRecorder, CheckStopped } from './check-recorder.ts';
import { provedWrong } from './proved-wrong.ts';
import { certificateOf, digestValueOf, signatureValueOf } from './signature-text.ts';
import { unsignedParts } from './unsigned-parts.ts';
import type {
  UnsignedPart,
  VerificationKey,
  VerifyXmlSignatureOptions,
  XmlSignatureValidation,
} from './validation.ts';

/**
 * Verifies the one XML Signature of a document against a profile of the caller's choice. The order is that of
 * XML_SIGNATURE_CHECKS: the value is verified over the canonical SignedInfo before any Reference is digested, and
 * nothing before that costs more than one pass over the octets.
 *
 * An invalid signature is a report. The certificate's path, period, policy and revocation are not judged here.
 * @param octets the document as received
 * @throws JitsuinError `config.invalid` for limits that are not, and our own faults; never because of the document
 */
export function verifyXmlSignature(
  octets: Uint8Array,
  options: VerifyXmlSignatureOptions,
): XmlSignatureValidation {
  const recorder = new CheckRecorder();
  const found: Findings = { unsigned: [], disputed: [] };
  try {
    runChecks(octets, options, recorder, found);
  } catch (thrown) {
    if (!(thrown instanceof CheckStopped)) throw thrown;
  }
  const report = conclude(recorder.checks(), options.validationTime);
  return { report, profile: options.profile, ...found };
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
/** Everything but the report; grows from check to check. */
type Findings = Mutable<Omit<XmlSignatureValidation, 'report' | 'profile'>>;

function runChecks(
  octets: Uint8Array,
  options: VerifyXmlSignatureOptions,
  recorder: CheckRecorder,
  found: Findings,
): void {
  const profile = XML_SIGNATURE_PROFILES[options.profile];
  const document = recorder.run('well-formed', () => parseXml(octets, options.limits));
  const { form, accepted } = agreedForm(document, profile, options, recorder);
  const { shape, located, signatureValue, certificateDer } = form;
  const hashes = [accepted.algorithm.hash, accepted.digest];
  Object.assign(found, { signedElement: located.description, signatureValue, certificateDer, hashes });
  const publicKey = resolveKey(options.key, certificateDer, recorder);
  const keyFault = keyPolicyFault(publicKey, accepted.algorithm);
  if (keyFault === undefined) recorder.pass('key-policy');
  else recorder.note('key-policy', 'certificate.key-policy', { detail: keyFault });
  const sound = keyFault === undefined && accepted.weak === undefined;
  recorder.run('signature-value', () => {
    const signed = elementOctets(shape.signedInfo);
    expectSignature(accepted.algorithm, publicKey, signed, signatureValue, sound ? 'sound' : 'computable');
  });
  const signed = recorder.run('reference-digest', () => digestReference(document, profile, form, accepted));
  if (!sound) return;
  found.unsigned = [
    ...unsignedParts(
      document,
      { element: located.element, wholeDocument: located.description.wholeDocument },
      shape.signature,
    ),
    ...propertiesOf(shape),
  ];
  const target = signedTarget(profile, located.element, shape.signature);
  found.disputed = disputedConstructs(document, target);
  found.signedOctets = signed.octets;
  found.signedOctetsSha256 = toHex(signed.digest);
}

/**
 * The form and algorithms that were agreed. Behind another form the cryptography is still looked at: a document
 * that was changed is said to be changed, whatever its form (EN 319 102-1 section 5.2.7 comes before 5.2.8).
 */
function agreedForm(
  document: XmlDocument,
  profile: XmlSignatureProfile,
  options: VerifyXmlSignatureOptions,
  recorder: CheckRecorder,
): { readonly form: SignatureForm; readonly accepted: AcceptedSignature } {
  try {
    const form = recorder.run('shape', () => readForm(document, profile, options));
    const { id } = form.located.description;
    const accepted = recorder.run('algorithm-policy', () =>
      acceptSignature(form.shape, profile, id, 'computable'),
    );
    if (accepted.weak !== undefined)
      recorder.note('algorithm-policy', 'xmldsig.weak-algorithm', { detail: accepted.weak });
    return { form, accepted };
  } catch (thrown) {
    if (!(thrown instanceof CheckStopped)) throw thrown;
    const wrong = provedWrong(document, options.key);
    if (wrong !== undefined) recorder.prove(wrong);
    throw thrown;
  }
}

interface SignatureForm {
  readonly shape: OnlySignature;
  readonly located: LocatedElement;
  readonly signatureValue: SignatureValue;
  readonly certificateDer: Uint8Array;
}

function readForm(
  document: XmlDocument,
  profile: XmlSignatureProfile,
  options: VerifyXmlSignatureOptions,
): SignatureForm {
  const shape = readOnlySignature(document, profile.form, 'wider');
  return {
    shape,
    located: locateSignedElement(document, profile, options.signedElement),
    signatureValue: signatureValueOf(shape.signatureValue),
    certificateDer: certificateOf(shape.certificate),
  };
}

function resolveKey(key: VerificationKey, certificateDer: Uint8Array, recorder: CheckRecorder): KeyObject {
  if (key.kind === 'key') {
    recorder.skip(
      'certificate-syntax',
      'The key came from the caller; the embedded certificate was not used.',
    );
    return key.publicKey;
  }
  const resolution = key.resolve(certificateDer);
  if ('refusal' in resolution) {
    const { code, detail } = resolution.refusal;
    const check = code === 'certificate.key-policy' ? 'key-policy' : 'certificate-syntax';
    return recorder.stop(check, code, defined({ detail }));
  }
  recorder.pass('certificate-syntax');
  return resolution.publicKey;
}

/** What a later hand put into the Signature is told as what it is: not signed. */
function propertiesOf({ properties }: OnlySignature): readonly UnsignedPart[] {
  return properties === undefined
    ? []
    : [{ kind: 'element', name: 'QualifyingProperties', offset: properties.start }];
}

function expectSignature(
  algorithm: SignatureAlgorithm,
  publicKey: KeyObject,
  signedInfo: CanonicalOctets,
  value: SignatureValue,
  strength: 'sound' | 'computable',
): void {
  const right =
    strength === 'sound'
      ? verifySignatureValue(algorithm, publicKey, signedInfo, value)
      : computedSignature(algorithm, publicKey, signedInfo, value);
  if (right === undefined)
    throw new JitsuinError('certificate.key-policy', 'The value cannot be computed with a key of this kind.');
  if (!right) {
    throw new JitsuinError('xmldsig.signature', 'The SignatureValue is not that of SignedInfo by this key.');
  }
}

function digestReference(
  document: XmlDocument,
  profile: XmlSignatureProfile,
  form: SignatureForm,
  accepted: AcceptedSignature,
): { readonly octets: CanonicalOctets; readonly digest: Uint8Array } {
  const octets = signedOctets(document, profile, form.located.element, form.shape.signature);
  const digest = createHash(accepted.digest).update(octets).digest();
  const expected = digestValueOf(accepted.reference.digestValue, digest.length);
  if (!equalOctets(digest, expected)) {
    throw new JitsuinError(
      'xmldsig.digest',
      'The signed element is not what was signed: its digest differs.',
    );
  }
  return { octets, digest };
}
