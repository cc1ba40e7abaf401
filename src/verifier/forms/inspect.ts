import { X509Certificate } from 'node:crypto';
import { canonicalBase64 } from '../../core/encoding.ts';
import { asJitsuinError } from '../../core/errors.ts';
import type { FormCatalogue } from '../../core/forms/catalogue.ts';
import { nameOfUri } from '../../core/forms/file-names.ts';
import { type Form, type FormIdentity, formIdentity } from '../../core/forms/form.ts';
import { readFormDocument } from '../../core/forms/form-document.ts';
import { readOnlySignature } from '../../core/forms/form-signature.ts';
import { type UncoveredPart, uncoveredParts } from '../../core/forms/uncovered.ts';
import type { XmlDocument, XmlElement } from '../../core/xml/model.ts';
import { parseXml } from '../../core/xml/parse.ts';
import { XMLDSIG_NAMESPACE } from '../../core/xmldsig/profile.ts';
import { isXmlSignatureProfileName, XML_SIGNATURE_PROFILES } from '../../core/xmldsig/profile-table.ts';
import { signatureCandidates } from '../../core/xmldsig/signature-candidates.ts';
import { acceptSignature } from '../../core/xmldsig/signature-policy.ts';
import { locateSignedElement } from '../../core/xmldsig/signed-element.ts';
import { unsignedParts } from '../xmldsig/unsigned-parts.ts';

/** What a document shows of its signatures. Nothing is computed, compared or judged. */
export interface Inspection {
  readonly root: InspectedName;
  readonly elements: number;
  readonly signatures: readonly InspectedSignature[];
  /** Elements called Signature that are none of XML Signature. */
  readonly otherSignatures: readonly InspectedName[];
  readonly forms: readonly InspectedForm[];
}

interface InspectedName {
  readonly localName: string;
  readonly namespace: string;
}

export interface InspectedSignature {
  /** Local names from the document element to the Signature. */
  readonly path: readonly string[];
  readonly id?: string;
  readonly layout: 'enveloped' | 'enveloping' | 'detached';
  readonly canonicalization?: string;
  readonly algorithm?: string;
  readonly references: readonly InspectedReference[];
  /** Octets of the value; 0: nobody has signed yet. Undefined: no base64. */
  readonly valueLength?: number;
  readonly keyInfo: readonly string[];
  readonly certificates: readonly InspectedCertificate[];
  /** Children of the Signature beyond SignedInfo, SignatureValue and KeyInfo. */
  readonly others: readonly string[];
}

interface InspectedReference {
  readonly uri?: string;
  readonly target: 'document' | 'element' | 'file' | 'none' | 'other';
  /** Local name of the element, or name of the file. */
  readonly name?: string;
  /** How many elements have the ID. */
  readonly found?: number;
  readonly transforms: readonly string[];
  readonly digest?: string;
}

interface InspectedCertificate {
  readonly subject: string;
  readonly issuer: string;
  readonly serialNumber: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly ca: boolean;
}

type InspectedForm = FormIdentity & {
  readonly title: { readonly ja: string; readonly en: string };
  /** The document is written as the form says. It is not said that anything in it is valid. */
  readonly fits: boolean;
  /** Why it does not fit. */
  readonly difference?: string;
  /** What no Reference would cover, where it fits. */
  readonly uncovered?: readonly UncoveredPart[];
};

/**
 * Tells what stands in a document: Signatures, References, algorithms, certificates, and which forms it is written in.
 * A document that fits a form may still be forged; only a verification in a form that somebody chose decides.
 * @throws JitsuinError the codes of `core/xml`
 */
export function inspectDocument(octets: Uint8Array, forms: FormCatalogue): Inspection {
  const document = parseXml(octets);
  const signatures = signatureCandidates(document).slice(0, MOST_SHOWN);
  const starts = new Set(signatures.map(({ start }) => start));
  const strange = document.elementsCalled('Signature').filter(({ start }) => !starts.has(start));
  return {
    root: nameOf(document.root),
    elements: document.elementCount,
    signatures: signatures.map((signature) => inspected(document, signature)),
    otherSignatures: strange.slice(0, MOST_SHOWN).map(nameOf),
    forms: [...forms.values()].map((form) => compared(document, form)),
  };
}

/** Of everything that a document can hold without end. */
const MOST_SHOWN = 64;

function nameOf({ localName, namespaceUri: namespace }: XmlElement): InspectedName {
  return { localName, namespace };
}

function compared(document: XmlDocument, form: Form): InspectedForm {
  const common = { ...formIdentity(form), title: form.title };
  try {
    return { ...common, fits: true, uncovered: uncoveredIn(document, form).slice(0, MOST_SHOWN) };
  } catch (thrown) {
    const { kind, message } = asJitsuinError(thrown);
    if (kind === 'internal') throw thrown;
    return { ...common, fits: false, difference: message };
  }
}

function uncoveredIn(document: XmlDocument, form: Form): readonly UncoveredPart[] {
  if (!isXmlSignatureProfileName(form.name)) {
    const { signatures } = readFormDocument(document, form);
    return uncoveredParts(document, form, signatures);
  }
  const profile = XML_SIGNATURE_PROFILES[form.name];
  const shape = readOnlySignature(document, profile.form, 'wider');
  const { element, description } = locateSignedElement(document, profile, undefined);
  acceptSignature(shape, profile, description.id);
  return unsignedParts(document, { element, wholeDocument: description.wholeDocument }, shape.signature);
}

function inspected(document: XmlDocument, signature: XmlElement): InspectedSignature {
  const signedInfo = childCalled(signature, 'SignedInfo');
  const references = signedInfo === undefined ? [] : childrenCalled(signedInfo, 'Reference');
  const keyInfo = childCalled(signature, 'KeyInfo');
  const data = keyInfo === undefined ? [] : childrenCalled(keyInfo, 'X509Data');
  const certificates = data.flatMap((each) => childrenCalled(each, 'X509Certificate'));
  const value = childCalled(signature, 'SignatureValue');
  const read = references.slice(0, MOST_SHOWN).map((each) => inspectedReference(document, each));
  return {
    path: pathOf(signature),
    ...given('id', signature.attribute('Id')),
    layout: layoutOf(document, signature, read),
    ...given('canonicalization', algorithmOf(signedInfo, 'CanonicalizationMethod')),
    ...given('algorithm', algorithmOf(signedInfo, 'SignatureMethod')),
    references: read,
    ...given('valueLength', value === undefined ? undefined : octetsOf(value)?.length),
    keyInfo: [...(keyInfo?.childElements() ?? []), ...data.flatMap((each) => each.childElements())]
      .slice(0, MOST_SHOWN)
      .map(({ localName }) => localName),
    certificates: certificates.slice(0, MOST_SHOWN).flatMap((each) => inspectedCertificate(each) ?? []),
    others: signature
      .childElements()
      .filter(({ localName }) => !EXPECTED.includes(localName))
      .slice(0, MOST_SHOWN)
      .map(({ localName }) => localName),
  };
}

const EXPECTED: readonly string[] = ['SignedInfo', 'SignatureValue', 'KeyInfo'];

function pathOf(element: XmlElement): readonly string[] {
  const names: string[] = [];
  for (let each: XmlElement | undefined = element; each !== undefined; each = each.parent)
    names.unshift(each.localName);
  return names;
}

/** Enveloping: what is signed stands in an Object of the Signature. Detached: outside of the document, or beside. */
function layoutOf(
  document: XmlDocument,
  signature: XmlElement,
  references: readonly InspectedReference[],
): InspectedSignature['layout'] {
  const objects = childrenCalled(signature, 'Object');
  const inside = references.some(({ uri, target }) => {
    const element = target === 'element' ? document.elementsWithId((uri ?? '').slice(1))[0] : undefined;
    return element !== undefined && element.start > signature.start && element.end < signature.end;
  });
  if (objects.length > 0 && inside) return 'enveloping';
  return document.root === signature || references.every(({ target }) => target === 'file')
    ? 'detached'
    : 'enveloped';
}

function inspectedReference(document: XmlDocument, reference: XmlElement): InspectedReference {
  const uri = reference.attribute('URI');
  const list = childCalled(reference, 'Transforms');
  const transforms = (list?.childElements() ?? [])
    .slice(0, MOST_SHOWN)
    .map((each) => each.attribute('Algorithm') ?? '');
  return {
    ...given('uri', uri),
    ...targetOf(document, uri),
    transforms,
    ...given('digest', algorithmOf(reference, 'DigestMethod')),
  };
}

function targetOf(
  document: XmlDocument,
  uri: string | undefined,
): Pick<InspectedReference, 'target' | 'name' | 'found'> {
  if (uri === undefined) return { target: 'none' };
  if (uri === '') return { target: 'document', name: document.root.localName };
  if (uri.startsWith('#')) {
    const raw = document.elementsWithId(uri.slice(1));
    const decoded = nameOfUri(uri.slice(1));
    const found = raw.length > 0 || decoded === undefined ? raw : document.elementsWithId(decoded);
    return { target: 'element', ...given('name', found[0]?.localName), found: found.length };
  }
  const name = nameOfUri(uri);
  return name === undefined ? { target: 'other' } : { target: 'file', name };
}

function inspectedCertificate(element: XmlElement): InspectedCertificate | undefined {
  const der = octetsOf(element);
  if (der === undefined) return undefined;
  try {
    const { subject, issuer, serialNumber, validFrom, validTo, ca } = new X509Certificate(der);
    return {
      subject: subject.replaceAll('\n', ', '),
      issuer: issuer.replaceAll('\n', ', '),
      serialNumber,
      notBefore: new Date(validFrom).toISOString(),
      notAfter: new Date(validTo).toISOString(),
      ca,
    };
  } catch {
    return undefined;
  }
}

function octetsOf(element: XmlElement): Uint8Array | undefined {
  return canonicalBase64(element.text().value.replace(/[\t\n\r ]/g, ''));
}

function algorithmOf(parent: XmlElement | undefined, name: string): string | undefined {
  return parent === undefined ? undefined : childCalled(parent, name)?.attribute('Algorithm');
}

function childCalled(parent: XmlElement, name: string): XmlElement | undefined {
  return childrenCalled(parent, name)[0];
}

function childrenCalled(parent: XmlElement, name: string): readonly XmlElement[] {
  return parent
    .childElements()
    .filter(
      ({ localName, namespaceUri }) =>
        localName === name && (namespaceUri === XMLDSIG_NAMESPACE || namespaceUri === parent.namespaceUri),
    );
}

function given<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [Key in Name]?: Value } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [Key in Name]?: Value };
}
