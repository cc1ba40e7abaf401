import type { Form, FormPath, FormPlace, FormReference } from './form.ts';
import { formFault } from './member-reader.ts';

/**
 * Refuses a form by which a signature could pass without covering something (facts on receivers, rule 14). Every form
 * file goes
 * through it, ours too.
 * @throws JitsuinError `config.invalid`
 */
export function expectSafeForm(form: Form): void {
  for (const [name, place] of form.places) expectPlace(form, name, place);
  expectReferences(form);
  expectSignaturePlace(form);
  expectUnsigned(form);
  for (const name of form.named) placeOf(form, name, 'named');
}

function expectPlace(form: Form, name: string, { path, count }: FormPlace): void {
  const at = `places.${name}`;
  const [root, ...rest] = path;
  if (root === undefined) throw formFault(`${at}.path`, 'is empty; it begins with the document element');
  if (root !== '*' && !form.root.includes(root))
    throw formFault(`${at}.path`, `begins with "${root}", which is not the document element of the form`);
  const stars = rest.filter((step) => step === '*').length;
  if (stars > 0 && !(stars === 1 && rest.length === 1 && form.root[0] === '*'))
    throw formFault(`${at}.path`, 'may hold * for the document element only');
  if (rest.length === 0 && count.max !== 1)
    throw formFault(`${at}.count`, 'must be [1, 1] for the document element');
}

function expectReferences(form: Form): void {
  const { references, signers } = form;
  const covering = references.filter(({ kind }) => kind !== 'files');
  const certain = references.some((reference) => reference.kind !== 'files' || reference.count.min > 0);
  if (!certain) throw formFault('references', 'need not cover anything');
  if (references.slice(0, covering.length).some(({ kind }) => kind === 'files'))
    throw formFault('references', 'must name elements before files');
  if (references.length - covering.length > 1)
    throw formFault('references', 'may hold one row of files; a row may name several places');
  const targets = new Set<string>();
  for (const [index, reference] of references.entries()) {
    const at = `references[${index}]`;
    if (signers.max > 1 && reference.transforms.some(({ enveloped }) => enveloped))
      throw formFault(
        `${at}.transforms`,
        'hold "enveloped", by which only one signer’s Signature is left out',
      );
    if (reference.kind === 'element') expectElement(form, reference, at);
    if (reference.kind === 'files') expectFiles(form, reference, at);
    const target = reference.kind === 'element' ? reference.place : reference.kind;
    if (targets.has(target)) throw formFault(at, 'covers what another Reference covers already');
    targets.add(target);
  }
}

function expectElement(form: Form, reference: Extract<FormReference, { kind: 'element' }>, at: string): void {
  const { count, id } = placeOf(form, reference.place, `${at}.element`);
  if (count.min !== 1 || count.max !== 1)
    throw formFault(`${at}.element`, 'must be a place that is there exactly once');
  if (reference.uri !== 'none' && id === undefined)
    throw formFault(`places.${reference.place}.id`, 'is missing: the Reference names the element by it');
}

/** Names come from what is signed, or from the caller; never from beside it. */
function expectFiles(form: Form, reference: Extract<FormReference, { kind: 'files' }>, at: string): void {
  if (reference.transforms.some(({ uris }) => uris.length > 0))
    throw formFault(`${at}.transforms`, 'must be [[]]: a file is digested as it is');
  if (reference.names.from !== 'places') return;
  const signed = signedPlaces(form);
  for (const name of reference.names.places) {
    const { path } = placeOf(form, name, `${at}.files`);
    const inside = signed.some((place) => isBelow(path, place.path));
    if (!inside) throw formFault(`${at}.files`, `takes names from "${name}", which no Reference covers`);
  }
}

function expectSignaturePlace(form: Form): void {
  const { signature, signers, root } = form;
  if ((signature.in.length === 0) !== (root.length === 0))
    throw formFault('signature.in', 'must be empty exactly where the root is the Signature itself');
  if (signature.in.length === 0 && signers.max > 1)
    throw formFault('signers.max', 'must be 1 where the Signature is the document element');
  const [first, ...rest] = signature.in;
  if (first !== undefined && first !== '*' && !root.includes(first))
    throw formFault('signature.in', 'must begin with the document element of the form');
  if (rest.includes('*')) throw formFault('signature.in', 'may hold * for the document element only');
  if (signature.after !== undefined) placeOf(form, signature.after, 'signature.after');
  const covered = form.references.some(({ kind }) => kind === 'document');
  const around = signedPlaces(form).some(
    ({ path }) => signature.in.length > 0 && isBelow(signature.in, path),
  );
  const left = form.references.every(
    ({ kind, transforms }) => kind === 'files' || transforms.every(({ enveloped }) => enveloped),
  );
  if ((covered || around) && !left)
    throw formFault('references', 'cover the Signature itself; their transforms must hold "enveloped"');
}

function expectUnsigned({ unsigned, places, references, root }: Form): void {
  if (unsigned.elements.includes('*') && root[0] !== '*')
    throw formFault('unsigned.elements', 'holds *, by which anything could stand outside the signature');
  for (const reference of references) {
    if (reference.kind !== 'element') continue;
    const name = places.get(reference.place)?.path.at(-1) ?? '';
    if (name !== '*' && unsigned.elements.includes(name))
      throw formFault('unsigned.elements', `lists "${name}", which is signed`);
  }
}

function signedPlaces({ references, places }: Form): readonly FormPlace[] {
  return references.flatMap((reference) => {
    const place = reference.kind === 'element' ? places.get(reference.place) : undefined;
    return place === undefined ? [] : [place];
  });
}

function isBelow(path: FormPath, above: FormPath): boolean {
  return path.length >= above.length && above.every((step, index) => step === path[index]);
}

function placeOf(form: Form, name: string, at: string): FormPlace {
  const place = form.places.get(name);
  if (place === undefined) throw formFault(at, `names "${name}", which is not one of the places`);
  return place;
}
