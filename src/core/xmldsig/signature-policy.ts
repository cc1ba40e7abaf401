import { defined } from '../defined.ts';
import { JitsuinError } from '../errors.ts';
import type { FormSignatureShape } from '../forms/form-signature.ts';
import { digestHash, type SignatureAlgorithm, signatureAlgorithm, weakAlgorithm } from './algorithms.ts';
import type { XmlSignatureProfile } from './profile.ts';
import type { AlgorithmUse, ReferenceShape } from './signature-reader.ts';
import { referenceUri } from './signature-template.ts';

/** A Signature whose algorithms and Reference are exactly what the profile says. */
export interface AcceptedSignature {
  readonly algorithm: SignatureAlgorithm;
  readonly digest: SignatureAlgorithm['hash'];
  readonly reference: ReferenceShape;
  /** What is no longer sound; only where `computable` algorithms were asked for. */
  readonly weak?: string;
}

/**
 * Measures SignedInfo against the profile: algorithms by equality, one Reference with the profile's URI and its
 * list of transforms. Nothing is dereferenced, digested or executed.
 * @param id value of the signed element's Id attribute, in profiles that refer to one
 * @param algorithms `computable`: also those that are no longer sound, named in `weak`
 * @throws JitsuinError `xmldsig.policy`
 */
export function acceptSignature(
  shape: FormSignatureShape,
  profile: XmlSignatureProfile,
  id: string | undefined,
  algorithms: 'sound' | 'computable' = 'sound',
): AcceptedSignature {
  const { signatureMethod } = shape;
  expectAlgorithm('CanonicalizationMethod', shape.canonicalizationMethod, profile.canonicalizationMethod);
  const sound = signatureAlgorithm(signatureMethod.uri);
  const algorithm = sound ?? (algorithms === 'computable' ? weakAlgorithm(signatureMethod.uri) : undefined);
  if (algorithm === undefined)
    throw policyFault('The SignatureMethod is not one of the accepted algorithms.');
  if (signatureMethod.parameters) throw policyFault('SignatureMethod has parameters; none are accepted.');
  const reference = onlyReference(shape.references, profile, id);
  const { digestMethod } = reference;
  const weakDigest =
    algorithms === 'computable' && digestHash(digestMethod.uri) === 'sha1' && !digestMethod.parameters;
  if (!weakDigest) expectAlgorithm('DigestMethod', digestMethod, profile.digestMethod);
  return defined({
    algorithm,
    digest: weakDigest ? 'sha1' : 'sha256',
    reference,
    weak: weakness(sound === undefined, weakDigest),
  });
}

function weakness(method: boolean, digest: boolean): string | undefined {
  if (!method && !digest) return undefined;
  const what = method
    ? digest
      ? 'SignatureMethod and DigestMethod use'
      : 'SignatureMethod uses'
    : 'DigestMethod uses';
  return `${what} SHA-1, which is no longer sound.`;
}

function onlyReference(
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
