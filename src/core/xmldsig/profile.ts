import type { Form } from '../forms/form.ts';
import type { XmlSignatureProfileName } from './prepared-signature.ts';

export const XMLDSIG_NAMESPACE = 'http://www.w3.org/2000/09/xmldsig#';
export const ENVELOPED_SIGNATURE = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';
export const C14N_10 = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';

/**
 * A form of XML Signature as data: what is written when signing, and exactly what is accepted when verifying. In every
 * profile the Signature is the last child element of the document element, and the only Signature of the document.
 */
export interface XmlSignatureProfile {
  readonly name: XmlSignatureProfileName;
  /** The data file that says all of this. */
  readonly form: Form;
  /**
   * `xmldsig`: Signature and all inside are in the XML Signature namespace, with any prefix. `unqualified`: their names
   * have no prefix and declare no namespace, so they are in the default namespace of the document element, if it
   * has one.
   */
  readonly signatureNamespace: 'xmldsig' | 'unqualified';
  /** What the Reference points at, and so what is signed. */
  readonly target:
    | { readonly kind: 'document' } // URI="": the document minus the Signature
    | { readonly kind: 'id'; readonly attribute: string } // URI="#…": the child of the root with this attribute
    | { readonly kind: 'name'; readonly defaultName: string }; // no URI: the child of the root with the agreed name
  /** Compared as a list, one by one. */
  readonly transforms: readonly string[];
  readonly canonicalizationMethod: string;
  readonly digestMethod: string;
  /** Written when signing. Verification accepts every row of SIGNATURE_ALGORITHMS. */
  readonly signatureMethod: string;
}
