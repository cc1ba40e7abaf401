import { DIGEST_SHA256, RSA_SHA256 } from '../algorithms.ts';
import { C14N_10, ENVELOPED_SIGNATURE, type XmlSignatureProfile } from '../profile.ts';

/** W3C XML Signature over the whole document: URI="", the Signature taken out, then C14N 1.0. */
export const enveloped: XmlSignatureProfile = {
  name: 'enveloped',
  signatureNamespace: 'xmldsig',
  target: { kind: 'document' },
  transforms: [ENVELOPED_SIGNATURE, C14N_10],
  canonicalizationMethod: C14N_10,
  digestMethod: DIGEST_SHA256,
  signatureMethod: RSA_SHA256,
};
