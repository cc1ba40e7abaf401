/**
 * `jitsuin/xml`: octets of XML parsed strictly, canonicalized whole or streamed, and prepared for a signature that is
 * made elsewhere. Reads no file, asks no network.
 */
export type {
  CanonicalOctets,
  DigestInfo,
  Sha256Digest,
  SigningInput,
  SigningMode,
} from '../core/brand.ts';
export {
  C14N_1_0,
  C14N_1_0_WITH_COMMENTS,
  C14N_1_1,
  C14N_1_1_WITH_COMMENTS,
  type C14nUri,
  EXC_C14N,
  EXC_C14N_WITH_COMMENTS,
  isC14nUri,
} from '../core/c14n/algorithms.ts';
export { canonicalize, canonicalOctets } from '../core/c14n/canonicalize.ts';
export { CanonicalStream, canonicalizeOctets, type StreamLimits } from '../core/c14n/stream.ts';
export type { C14nMethod, C14nTarget, OctetSink } from '../core/c14n/targets.ts';
export { type ErrorCode, JitsuinError } from '../core/errors.ts';
export { formCatalogue } from '../core/forms/catalogue.ts';
export type { Form } from '../core/forms/form.ts';
export {
  type FileToSign,
  type FormToPrepare,
  type PreparedForm,
  prepareForm,
} from '../core/forms/prepare-form.ts';
export { readForm } from '../core/forms/read-form.ts';
export type { XmlLimits } from '../core/xml/limits.ts';
export type {
  XmlAttribute,
  XmlDocument,
  XmlElement,
  XmlNode,
  XmlText,
} from '../core/xml/model.ts';
export { parseXml } from '../core/xml/parse.ts';
export {
  type PrepareOptions,
  prepareSignature,
  readSkeleton,
  resumePrepared,
} from '../core/xmldsig/prepare.ts';
export { prepareDetached, resumePreparedDetached } from '../core/xmldsig/prepare-detached.ts';
export type {
  PreparedDetached,
  PreparedSignature,
  SignedElement,
  SignedElementSelector,
  XmlSignatureProfileName,
} from '../core/xmldsig/prepared-signature.ts';
