import { DIGEST_SHA256, RSA_SHA256 } from '../algorithms.ts';
import { C14N_10, type XmlSignatureProfile } from '../profile.ts';

/** W3C XML Signature over one child of the document element, named by its Id; the Signature stands beside it. */
export const byId: XmlSignatureProfile = {
  name: 'by-id',
  signatureNamespace: 'xmldsig',
  target: { kind: 'id', attribute: 'Id' },
  transforms: [C14N_10],
  canonicalizationMethod: C14N_10,
  digestMethod: DIGEST_SHA256,
  signatureMethod: RSA_SHA256,
};
