import { formCatalogue } from '../forms/catalogue.ts';
import type { Form } from '../forms/form.ts';
import { DIGEST_WORDS } from '../forms/words.ts';
import type { XmlSignatureProfileName } from './prepared-signature.ts';
import type { XmlSignatureProfile } from './profile.ts';

/**
 * The form as a profile: one Signature, last in the document element, with one Reference to the document, or to a
 * child of it that the
 * caller names. Undefined for every other form.
 */
export function profileOfForm(form: Form): XmlSignatureProfile | undefined {
  const { signature, signers, references, places } = form;
  const [reference, ...more] = references;
  const [c14n] = form.c14n;
  const [algorithm] = form.algorithms;
  const [transforms, ...others] = reference?.transforms ?? [];
  const simple =
    signature.in.length === 1 && signature.in[0] === '*' && signers.max === 1 && form.root[0] === '*';
  if (!simple || reference === undefined || more.length > 0 || others.length > 0) return undefined;
  if (c14n === undefined || algorithm === undefined || transforms === undefined) return undefined;
  const target = targetOf(reference, places);
  const digestMethod = DIGEST_WORDS[reference.digest[0] ?? 'sha256'];
  if (target === undefined) return undefined;
  return {
    name: form.name as XmlSignatureProfileName,
    form,
    signatureNamespace: signature.namespace === 'none' ? 'unqualified' : 'xmldsig',
    target,
    transforms: transforms.uris,
    canonicalizationMethod: c14n,
    digestMethod,
    signatureMethod: algorithm.uri,
  };
}

function targetOf(
  reference: Form['references'][number],
  places: Form['places'],
): XmlSignatureProfile['target'] | undefined {
  if (reference.kind === 'document') return { kind: 'document' };
  if (reference.kind === 'files') return undefined;
  const place = places.get(reference.place);
  const [, child, ...below] = place?.path ?? [];
  if (place === undefined || child === undefined || below.length > 0) return undefined;
  if (reference.uri === 'none') return { kind: 'name', defaultName: child };
  return child === '*' && place.id !== undefined ? { kind: 'id', attribute: place.id.name } : undefined;
}

/** Every form that ships and is a profile, by its name. A new one is one new file under core/forms/files. */
export const XML_SIGNATURE_PROFILES = Object.fromEntries(
  [...formCatalogue().values()].flatMap((form) => {
    const profile = profileOfForm(form);
    return profile === undefined ? [] : [[form.name, profile]];
  }),
) as Readonly<Record<XmlSignatureProfileName, XmlSignatureProfile>>;

/** What is meant where nobody says: the one profile that is chosen by name. */
export const DEFAULT_PROFILE: XmlSignatureProfileName = 'enveloped';

/** Whether there is no element to choose: the whole document is signed. */
export function signsWholeDocument(profile: XmlSignatureProfileName): boolean {
  return XML_SIGNATURE_PROFILES[profile].target.kind === 'document';
}

/** Whether a text from configuration or a command line names a profile that makes an XML Signature. */
export function isXmlSignatureProfileName(text: string): text is XmlSignatureProfileName {
  return Object.hasOwn(XML_SIGNATURE_PROFILES, text);
}
