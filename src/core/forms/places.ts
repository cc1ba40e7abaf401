import { JitsuinError } from '../errors.ts';
import type { XmlDocument, XmlElement } from '../xml/model.ts';
import type { Form, FormPath, FormPlace, FormReference } from './form.ts';

/** The document is of another form than the one that was asked for. */
export function otherForm(message: string, where?: { readonly start: number }): JitsuinError {
  return new JitsuinError(
    'xmldsig.other-form',
    message,
    where === undefined ? {} : { at: `octet ${where.start}` },
  );
}

/** Whether an element has a name of a form file. */
export function hasStepName({ namespaceUri, localName }: XmlElement, step: string): boolean {
  if (step === '*') return true;
  return step.startsWith('{')
    ? step === `{${namespaceUri}}${localName}`
    : namespaceUri === '' && step === localName;
}

/** The elements at a path of the form, from `from`, which its first step names. */
export function elementsAt(from: XmlElement, path: FormPath): readonly XmlElement[] {
  const [first = '*', ...rest] = path;
  let found: XmlElement[] = hasStepName(from, first) ? [from] : [];
  for (const step of rest) {
    found = found.flatMap((element) => element.childElements().filter((child) => hasStepName(child, step)));
  }
  return found;
}

/** @throws JitsuinError `xmldsig.other-form` unless the document element is one of the form's */
export function expectRoot(document: XmlDocument, { name, root }: Form): void {
  const element = document.root;
  if (root.some((step) => hasStepName(element, step))) return;
  throw otherForm(
    `The document element is "${element.localName}"; form ${name} has ${root.slice(0, 3).join(', ')}.`,
  );
}

/**
 * The elements of a place. What has the place's name stands there and nowhere else in the document, so that no second
 * one can be taken
 * for it.
 * @throws JitsuinError `xmldsig.other-form`
 */
export function elementsOfPlace(
  document: XmlDocument,
  name: string,
  place: FormPlace,
): readonly XmlElement[] {
  const found = elementsAt(document.root, place.path);
  const { min, max } = place.count;
  const shown = place.path.join('/');
  if (found.length < min || found.length > max)
    throw otherForm(`${shown} is there ${found.length} times; the form has it ${min} to ${max} times.`);
  const last = place.path.at(-1) ?? '*';
  if (last !== '*') {
    const starts = new Set(found.map(({ start }) => start));
    const local = last.slice(last.lastIndexOf('}') + 1);
    const stray = document.elementsCalled(local).find(({ start }) => !starts.has(start));
    if (stray !== undefined)
      throw otherForm(`A second "${local}" stands outside of place ${name} (${shown}).`, stray);
  }
  return found;
}

/** Values that every tool compares alike in a fragment. */
const REFERABLE = /^[\p{L}_][\p{L}\p{M}\p{N}._-]*$/u;

/**
 * The element of a Reference with the URI that it must have.
 * @throws JitsuinError `xmldsig.other-form`
 */
export function targetOfReference(
  document: XmlDocument,
  form: Form,
  reference: Extract<FormReference, { kind: 'element' }>,
): { readonly element: XmlElement; readonly uri: string | undefined } {
  const place = form.places.get(reference.place);
  const [element] = place === undefined ? [] : elementsOfPlace(document, reference.place, place);
  if (element === undefined || place === undefined) throw otherForm(`Place ${reference.place} is not there.`);
  if (reference.uri === 'none' || place.id === undefined) return { element, uri: undefined };
  const { name, value } = place.id;
  const id = element.attribute(name);
  if (id === undefined || (value !== '*' && id !== value) || !REFERABLE.test(id))
    throw otherForm(
      `${element.localName} must have the attribute ${name}${value === '*' ? '' : `="${value}"`}.`,
      element,
    );
  expectOnlyId(document, element, id);
  return { element, uri: `#${reference.uri === 'raw' ? id : encodeURIComponent(id)}` };
}

const ID_NAMES: readonly string[] = ['Id', 'ID', 'id', 'xml:id'];

/** One element has it, in one attribute, however its name is spelt. @throws JitsuinError `xmldsig.other-form` */
export function expectOnlyId(document: XmlDocument, element: XmlElement, id: string): void {
  const [, twin] = document.elementsWithId(id);
  if (twin !== undefined) throw otherForm(`The ID "${id}" occurs twice in the document.`, twin);
  if (hasIdTwice(element, id))
    throw otherForm(`"${element.localName}" has its ID in two attributes.`, element);
}

/** Whether an element has one ID in two attributes: tools differ in which of them is the ID. */
export function hasIdTwice({ attributes }: XmlElement, id: string): boolean {
  return attributes.filter(({ name, value }) => ID_NAMES.includes(name) && value === id).length > 1;
}
