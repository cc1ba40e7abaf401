import type { XmlDocument, XmlElement } from '../xml/model.ts';
import { parseXml } from '../xml/parse.ts';
import { type KeptBeside, readPreparedState } from './prepared-state.ts';
import { XML_SIGNATURE_PROFILES } from './profile-table.ts';
import { locateSignedElement } from './signed-element.ts';

/**
 * The text of the one element of this name inside the signed element (itself included), read from the octets that are
 * digested. Undefined when there is none or more than one, when it holds anything but plain text, or when its text
 * is blank.
 * @param state of a prepared XML signature
 * @param name `local`, or `{namespace}local`
 * @throws JitsuinError `xmldsig.state`, `xmldsig.signed-element`, and the codes of `core/xml`
 */
export function signedText(state: string | KeptBeside, name: string): string | undefined {
  const { profile, skeleton, signedElement } = readPreparedState(state);
  const document = parseXml(skeleton);
  const { element } = locateSignedElement(document, XML_SIGNATURE_PROFILES[profile], signedElement);
  return onlyText(document, [element], name);
}

/** As `signedText`, inside of these elements. */
export function onlyText(
  document: XmlDocument,
  signed: readonly XmlElement[],
  name: string,
): string | undefined {
  const [found, second] = signed.flatMap((element) => named(document, element, name));
  if (found === undefined || second !== undefined) return undefined;
  const { plain, value } = found.text();
  return plain && value.trim() !== '' ? value : undefined;
}

function named(document: XmlDocument, signed: XmlElement, name: string): readonly XmlElement[] {
  const pinned = /^\{([^}]*)\}(.*)$/s.exec(name);
  const [, namespace = '', local = ''] = pinned ?? [];
  const all = pinned === null ? document.elementsCalled(name) : document.elementsNamed(namespace, local);
  return all.filter(({ start, end }) => start >= signed.start && end <= signed.end);
}
