import type { XmlElement } from '../xml/model.ts';
import { XMLDSIG_NAMESPACE } from './profile.ts';

export const XADES = 'http://uri.etsi.org/01903/v1.3.2#';

/**
 * The Object with the unsigned properties of XAdES (ETSI EN 319 132-1) that a later hand put behind KeyInfo:
 * time-stamps, certificates and revocation data. It proves nothing here and is told as not signed.
 * Properties that claim to be signed, and any other Object, are none.
 */
export function unsignedProperties(signature: XmlElement, id: string | undefined): XmlElement | undefined {
  const object = signature.childElements().at(-1);
  if (object === undefined || !isCalled(object, XMLDSIG_NAMESPACE, 'Object') || object.attributes.length > 0)
    return undefined;
  const qualifying = onlyChild(object);
  if (id === undefined || qualifying === undefined) return undefined;
  if (!isCalled(qualifying, XADES, 'QualifyingProperties') || qualifying.attribute('Target') !== `#${id}`)
    return undefined;
  const properties = onlyChild(qualifying);
  return properties !== undefined && isCalled(properties, XADES, 'UnsignedProperties') ? object : undefined;
}

function isCalled({ namespaceUri, localName }: XmlElement, namespace: string, name: string): boolean {
  return namespaceUri === namespace && localName === name;
}

function onlyChild(parent: XmlElement): XmlElement | undefined {
  const [only, second] = parent.childElements();
  return second === undefined ? only : undefined;
}
