import type { XmlSignatureProfileName } from './prepared-signature.ts';
import type { XmlSignatureProfile } from './profile.ts';
import { byId } from './profiles/by-id.ts';
import { enveloped } from './profiles/enveloped.ts';
import { guideline } from './profiles/guideline.ts';

/** Every profile by its name. A new receiver's form is one new file under profiles/ and one line here. */
export const XML_SIGNATURE_PROFILES: Readonly<Record<XmlSignatureProfileName, XmlSignatureProfile>> = {
  enveloped,
  'by-id': byId,
  guideline,
};

/** Whether a text from configuration or a command line names a profile that makes an XML Signature. */
export function isXmlSignatureProfileName(text: string): text is XmlSignatureProfileName {
  return Object.hasOwn(XML_SIGNATURE_PROFILES, text);
}
