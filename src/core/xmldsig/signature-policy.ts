import { JitsuinError } from '../errors.ts';
import { type SignatureAlgorithm, signatureAlgorithm } from './algorithms.ts';
import type { XmlSignatureProfile } from './profile.ts';
import type { AlgorithmUse, ReferenceShape, SignatureShape } from './signature-shape.ts';
import { referenceUri } from './signature-template.ts';

/** A Signature whose algorithms and Reference are exactly what the profile says. */
export interface AcceptedSignature {
  readonly algorithm: SignatureAlgorithm;
  readonly reference: ReferenceShape;
}

/**
 * Measures SignedInfo against the profile: algorithms by equality, one Reference with the profile's URI and its list of transforms.
 * Nothing is dereferenced, digested or executed.
 * @param id value of the signed element's Id attribute, in profiles that refer to one
 * @throws JitsuinError `xmldsig.policy`
 */
export function acceptSignature(
  shape: SignatureShape,
  profile: XmlSignatureProfile,
  id: string | undefined,
): AcceptedSignature {
  expectAlgorithm('CanonicalizationMethod', shape.canonicalizationMethod, profile.canonicalizationMethod);
  const algorithm = signatureAlgorithm(shape.signatureMethod.uri);
  if (algorithm === undefined)
    throw policyFault('The SignatureMethod is not one of the accepted algorithms.');
  if (shape.signatureMethod.parameters)
    throw policyFault('SignatureMethod has parameters; none are accepted.');
  return { algorithm, reference: acceptReference(shape.references, profile, id) };
}

function acceptReference(
  references: readonly ReferenceShape[],
  profile: XmlSignatureProfile,
  id: string | undefined,
): ReferenceShape {
  const [reference, second] = references;
  if (reference === undefined || second !== undefined) {
    throw policyFault(`SignedInfo must hold exactly one Reference; it holds ${references.length}.`);
  }
  if (reference.uri !== referenceUri(profile, id) || reference.parameters) {
    throw policyFault(`The Reference does not point where profile ${profile.name} says, in the way it says.`);
  }
  expectTransforms(reference.transforms, profile);
  expectAlgorithm('DigestMethod', reference.digestMethod, profile.digestMethod);
  return reference;
}

function expectTransforms(transforms: readonly AlgorithmUse[], profile: XmlSignatureProfile): void {
  const same =
    transforms.length === profile.transforms.length &&
    transforms.every((use, index) => use.uri === profile.transforms[index] && !use.parameters);
  if (!same) throw policyFault(`The transforms are not the list of profile ${profile.name}.`);
}

function expectAlgorithm(element: string, use: AlgorithmUse, expected: string): void {
  if (use.uri !== expected) throw policyFault(`${element} is not the one of the profile (${expected}).`);
  if (use.parameters) throw policyFault(`${element} has parameters; none are accepted.`);
}

function policyFault(message: string): JitsuinError {
  return new JitsuinError('xmldsig.policy', message);
}
