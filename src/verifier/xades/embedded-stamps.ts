import { fromBase64 } from '../../core/encoding.ts';
import { asJitsuinError } from '../../core/errors.ts';
import { readOnlySignature } from '../../core/forms/form-signature.ts';
import type { XmlElement } from '../../core/xml/model.ts';
import { parseXml } from '../../core/xml/parse.ts';
import { XML_SIGNATURE_PROFILES } from '../../core/xmldsig/profile-table.ts';
import { elementOctets } from '../../core/xmldsig/signed-octets.ts';
import { XADES } from '../../core/xmldsig/unsigned-properties.ts';
import type { ValidationSubject } from '../validation-types.ts';

const C14N_10 = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';

/** Time-stamps that stand in the unsigned properties of a signed document (ETSI EN 319 132-1). */
interface EmbeddedStamps {
  /** DER of the tokens of each SignatureTimeStamp, and the octets that they stamp: the canonical SignatureValue. */
  readonly signature: readonly { readonly token: Uint8Array; readonly stamped: Uint8Array }[];
  /** Tokens of later kinds, which cover those of the signature. They prove nothing here. */
  readonly later: readonly Uint8Array[];
}

const NONE: EmbeddedStamps = { signature: [], later: [] };

/** What stands in a document that was read with unsigned properties; nothing where it cannot be read. */
export function embeddedStamps(subject: ValidationSubject): EmbeddedStamps {
  if (subject.kind !== 'document') return NONE;
  try {
    const profile = XML_SIGNATURE_PROFILES[subject.profile];
    const { properties, signatureValue } = readOnlySignature(
      parseXml(subject.document),
      profile.form,
      'wider',
    );
    const stamps = (properties?.childElements() ?? [])
      .flatMap((qualifying) => qualifying.childElements())
      .flatMap((unsigned) => unsigned.childElements())
      .flatMap((list) => list.childElements())
      .filter(({ localName }) => localName.endsWith('TimeStamp'));
    const stamped = elementOctets(signatureValue);
    return {
      signature: stamps
        .filter(isOverValue)
        .flatMap(tokensOf)
        .map((token) => ({ token, stamped })),
      later: stamps.filter((stamp) => !isSignatureTimeStamp(stamp)).flatMap(tokensOf),
    };
  } catch (thrown) {
    if (asJitsuinError(thrown).kind === 'internal') throw thrown;
    return NONE;
  }
}

function isSignatureTimeStamp({ namespaceUri, localName }: XmlElement): boolean {
  return namespaceUri === XADES && localName === 'SignatureTimeStamp';
}

/** A SignatureTimeStamp in Canonical XML 1.0, which is the default too (EN 319 132-1 section 5.3). */
function isOverValue(stamp: XmlElement): boolean {
  const method = stamp.childElements().find(({ localName }) => localName === 'CanonicalizationMethod');
  const algorithm = method?.attribute('Algorithm') ?? C14N_10;
  return isSignatureTimeStamp(stamp) && algorithm === C14N_10;
}

function tokensOf(stamp: XmlElement): readonly Uint8Array[] {
  return stamp
    .childElements()
    .filter(({ localName }) => localName === 'EncapsulatedTimeStamp')
    .map((token) => fromBase64(token.text().value.replaceAll(/\s/g, ''), 'EncapsulatedTimeStamp'));
}
