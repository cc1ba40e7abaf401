import type { SignatureValue } from '../../core/brand.ts';
import { canonicalBase64, fromBase64 } from '../../core/encoding.ts';
import { JitsuinError } from '../../core/errors.ts';
import type { XmlElement } from '../../core/xml/model.ts';

const WHITE_SPACE = /[\t\n\r ]/g;

/**
 * Octets of an element of type xsd:base64Binary: the strict alphabet with XML white space anywhere (stock tools
 * fold lines), and nothing else; the element must hold no markup. Encoding the octets again must give the same
 * characters.
 * @throws JitsuinError `base64.invalid`
 */
export function base64Content(element: XmlElement): Uint8Array {
  const { document, contentStart, contentEnd } = element;
  const { buffer, byteOffset } = document.octets;
  const content = Buffer.from(buffer, byteOffset + contentStart, contentEnd - contentStart);
  // The usual spelling first: the characters are the octets, and nothing has to be taken out of them.
  return (
    canonicalBase64(content.toString('latin1')) ??
    fromBase64(element.text().value.replace(WHITE_SPACE, ''), element.localName)
  );
}

/** The raw signature value. @throws JitsuinError `xmldsig.unsigned` when it is empty, `base64.invalid` */
export function signatureValueOf(element: XmlElement): SignatureValue {
  const octets = base64Content(element);
  if (octets.length === 0)
    throw new JitsuinError('xmldsig.unsigned', 'The SignatureValue is empty: nobody has signed yet.');
  return octets as SignatureValue;
}

/**
 * The DER of the embedded certificate, not looked into. @throws JitsuinError `base64.invalid`, `xmldsig.key-info`
 * when it is empty
 */
export function certificateOf(element: XmlElement): Uint8Array {
  const octets = base64Content(element);
  if (octets.length === 0) throw new JitsuinError('xmldsig.key-info', 'The X509Certificate is empty.');
  return octets;
}

/** The octets of a DigestValue of this length. @throws JitsuinError `xmldsig.digest` */
export function digestValueOf(element: XmlElement, length = 32): Uint8Array {
  try {
    const octets = base64Content(element);
    if (octets.length === length) return octets;
  } catch (cause) {
    throw new JitsuinError('xmldsig.digest', 'The DigestValue is not base64.', { cause });
  }
  throw new JitsuinError('xmldsig.digest', `The DigestValue is not ${length} octets long.`);
}
