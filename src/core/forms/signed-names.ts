import type { XmlLimits } from '../xml/limits.ts';
import { parseXml } from '../xml/parse.ts';
import { fileNameFault, sameNames } from './file-names.ts';
import type { Form } from './form.ts';
import { elementsAt, otherForm } from './places.ts';

/** The canonical octets of a place, after their digest was found right. */
export interface VerifiedPlace {
  readonly place: string;
  readonly octets: Uint8Array;
}

/**
 * The file names that stand at some places of a form, read from the octets that were verified and from nothing else.
 * @throws JitsuinError `xmldsig.other-form` for a name that is none, or that another one could be taken for
 */
export function signedNames(
  form: Form,
  places: readonly string[],
  verified: readonly VerifiedPlace[],
  limits?: Partial<XmlLimits>,
): readonly string[] {
  const names = places.flatMap((name) => namesAt(form, name, verified, limits));
  const twins = sameNames(names);
  if (twins !== undefined) throw otherForm(`Two files are called "${twins[0]}" and "${twins[1]}".`);
  return names;
}

function namesAt(
  form: Form,
  name: string,
  verified: readonly VerifiedPlace[],
  limits: Partial<XmlLimits> | undefined,
): readonly string[] {
  const path = form.places.get(name)?.path ?? [];
  for (const { place, octets } of verified) {
    const above = form.places.get(place)?.path ?? [];
    if (!above.every((step, index) => step === path[index])) continue;
    const { root } = parseXml(octets, limits);
    return elementsAt(root, ['*', ...path.slice(above.length)]).map((element) => {
      const { value, plain } = element.text();
      const fault = plain ? fileNameFault(value) : 'holds more than text';
      if (fault !== undefined) throw otherForm(`A file name in ${path.join('/')} ${fault}.`);
      return value;
    });
  }
  return [];
}
