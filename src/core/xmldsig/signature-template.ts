import { toBase64 } from '../encoding.ts';
import { XMLDSIG_NAMESPACE, type XmlSignatureProfile } from './profile.ts';

/**
 * The Signature element of a profile with empty SignatureValue and X509Certificate, as it is spliced into the document.
 * Without white space: nothing outside the Signature may change, and inside it nothing is there that was not asked for.
 * @param digest octets of the DigestValue
 * @param id value of the signed element's Id attribute, an ASCII NCName, in profiles that refer to one
 */
export function signatureTemplate(
  profile: XmlSignatureProfile,
  signatureMethod: string,
  digest: Uint8Array,
  id?: string,
): string {
  const namespace = profile.signatureNamespace === 'xmldsig' ? ` xmlns="${XMLDSIG_NAMESPACE}"` : '';
  const transforms = profile.transforms.map((uri) => algorithmElement('Transform', uri)).join('');
  return (
    `<Signature${namespace}><SignedInfo>` +
    algorithmElement('CanonicalizationMethod', profile.canonicalizationMethod) +
    algorithmElement('SignatureMethod', signatureMethod) +
    `<Reference${referenceUriAttribute(profile, id)}><Transforms>${transforms}</Transforms>` +
    algorithmElement('DigestMethod', profile.digestMethod) +
    `<DigestValue>${toBase64(digest)}</DigestValue></Reference></SignedInfo>` +
    '<SignatureValue></SignatureValue>' +
    '<KeyInfo><X509Data><X509Certificate></X509Certificate></X509Data></KeyInfo></Signature>'
  );
}

/** The URI that the profile's Reference must have; undefined when it must have none. */
export function referenceUri(profile: XmlSignatureProfile, id: string | undefined): string | undefined {
  switch (profile.target.kind) {
    case 'document':
      return '';
    case 'id':
      return `#${id ?? ''}`;
    case 'name':
      return undefined;
  }
}

function referenceUriAttribute(profile: XmlSignatureProfile, id: string | undefined): string {
  const uri = referenceUri(profile, id);
  return uri === undefined ? '' : ` URI="${uri}"`;
}

function algorithmElement(name: string, uri: string): string {
  return `<${name} Algorithm="${uri}"></${name}>`;
}
