import { JitsuinError } from '../errors.ts';
import { hasIdTwice } from '../forms/places.ts';
import type { XmlDocument, XmlElement } from '../xml/model.ts';
import type { SignedElement, SignedElementSelector } from './prepared-signature.ts';
import type { XmlSignatureProfile } from './profile.ts';

/** The element that a profile signs, found the same way when signing and when verifying. */
export interface LocatedElement {
  readonly element: XmlElement;
  readonly description: SignedElement;
}

/** Ids that every tool compares alike inside a URI fragment (src/decisions/by-id-profile.md). */
const REFERABLE_ID = /^[A-Za-z_][A-Za-z0-9._-]*$/;

/**
 * Finds the signed element by the profile and the caller's selector, never by what the Signature says. Outside profile
 * `enveloped` it is a child of the document element, and the only element of its name in the document.
 * @throws JitsuinError `xmldsig.signed-element` when there is none, more than one, or the selector does not fit the
 * profile
 */
export function locateSignedElement(
  document: XmlDocument,
  profile: XmlSignatureProfile,
  selector: SignedElementSelector | undefined,
): LocatedElement {
  switch (profile.target.kind) {
    case 'document':
      return locateDocument(document, profile, selector);
    case 'name':
      return locateByName(document, profile, selector ?? { name: profile.target.defaultName });
    case 'id':
      return locateById(document, profile.target.attribute, selector);
  }
}

function locateDocument(
  document: XmlDocument,
  profile: XmlSignatureProfile,
  selector: SignedElementSelector | undefined,
): LocatedElement {
  const { root } = document;
  if (selector !== undefined && !('name' in selector && matchesName(root, selector.name))) {
    throw fault(`Profile ${profile.name} signs the whole document; the selector names something else.`);
  }
  return { element: root, description: describe(root, { wholeDocument: true }) };
}

function locateByName(
  document: XmlDocument,
  profile: XmlSignatureProfile,
  selector: SignedElementSelector,
): LocatedElement {
  if (!('name' in selector))
    throw fault(`Profile ${profile.name} signs an element by its name, not by an Id.`);
  const element = only(
    childrenNamed(document, selector.name),
    `child of the document element named ${selector.name}`,
  );
  expectOnlyOfItsName(document, element);
  return { element, description: describe(element, { wholeDocument: false }) };
}

function locateById(
  document: XmlDocument,
  attribute: string,
  selector: SignedElementSelector | undefined,
): LocatedElement {
  const candidates = document.root.childElements().filter((child) => {
    const id = child.attribute(attribute);
    if (id === undefined || child.localName === 'Signature') return false;
    if (selector === undefined) return true;
    return 'id' in selector ? id === selector.id : matchesName(child, selector.name);
  });
  if (candidates.length === 0) expectNoOtherSpelling(document, attribute, selector);
  const element = only(
    candidates,
    `child of the document element with the ${attribute} attribute that was asked for`,
  );
  const id = element.attribute(attribute) ?? '';
  if (!REFERABLE_ID.test(id)) {
    throw fault(
      `The value of ${attribute} must be an ASCII name: a letter or _, then letters, digits, ".", "_", "-".`,
      element,
    );
  }
  const [, duplicate] = document.elementsWithId(id);
  if (duplicate !== undefined) throw fault(`The ${attribute} of the signed element occurs twice.`, duplicate);
  if (hasIdTwice(element, id))
    throw fault(`"${element.localName}" has its ${attribute} in two attributes: leave one.`, element);
  expectOnlyOfItsName(document, element);
  return { element, description: describe(element, { wholeDocument: false, id }) };
}

const ID_SPELLINGS = ['Id', 'ID', 'id'];

/** An attribute called ID or id is another one, and only looks the same. */
function expectNoOtherSpelling(
  document: XmlDocument,
  attribute: string,
  selector: SignedElementSelector | undefined,
): void {
  for (const child of document.root.childElements()) {
    if (selector !== undefined && 'name' in selector && !matchesName(child, selector.name)) continue;
    const found = ID_SPELLINGS.find((name) => {
      const value = name === attribute ? undefined : child.attribute(name);
      return value !== undefined && (selector === undefined || !('id' in selector) || value === selector.id);
    });
    if (found === undefined) continue;
    const message = `"${child.localName}" has the attribute "${found}"; its name must be "${attribute}".`;
    throw fault(`${message} Rename it, or sign the whole document (profile enveloped).`, child);
  }
}

function childrenNamed(document: XmlDocument, name: string): XmlElement[] {
  const local = name.slice(name.lastIndexOf('}') + 1);
  const sameLocalName = document.root.childElements().filter((child) => child.localName === local);
  // A second child of the same local name in a foreign namespace would be mistaken for it by people and by careless
  // readers.
  return sameLocalName.length > 1 ? sameLocalName : sameLocalName.filter((child) => matchesName(child, name));
}

function expectOnlyOfItsName(document: XmlDocument, element: XmlElement): void {
  const twin = document
    .elementsNamed(element.namespaceUri, element.localName)
    .find((other) => other.start !== element.start);
  if (twin !== undefined)
    throw fault(`The document has more than one element named ${element.localName}.`, twin);
  const sibling = document.root
    .childElements()
    .find((other) => other.localName === element.localName && other.start !== element.start);
  if (sibling !== undefined)
    throw fault(`Two children are named ${element.localName}, in two namespaces.`, sibling);
}

/** `local`, or `{namespace}local` (James Clark's notation). */
function matchesName(element: XmlElement, name: string): boolean {
  if (!name.startsWith('{')) return element.localName === name;
  return name === `{${element.namespaceUri}}${element.localName}`;
}

function only(elements: readonly XmlElement[], what: string): XmlElement {
  const [element, second] = elements;
  if (element === undefined) throw fault(`The document has no ${what}.`);
  if (second !== undefined) throw fault(`The document has more than one ${what}.`, second);
  return element;
}

function describe(element: XmlElement, rest: Pick<SignedElement, 'wholeDocument' | 'id'>): SignedElement {
  return { localName: element.localName, namespace: element.namespaceUri, ...rest };
}

function fault(message: string, where?: XmlElement): JitsuinError {
  return new JitsuinError(
    'xmldsig.signed-element',
    message,
    where === undefined ? {} : { at: `octet ${where.start}` },
  );
}
