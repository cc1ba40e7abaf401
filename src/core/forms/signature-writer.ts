import { toBase64 } from '../encoding.ts';
import { XMLDSIG_NAMESPACE } from '../xmldsig/profile.ts';
import type { DigestWord, Form, FormTransforms } from './form.ts';
import { DIGEST_WORDS } from './words.ts';

/** One Reference as it is to be written. */
export interface WrittenReference {
  /** Absent: the Reference has no URI. */
  readonly uri?: string;
  readonly transforms: FormTransforms;
  readonly digest: DigestWord;
  readonly value: Uint8Array;
}

/**
 * A Signature of the form with empty SignatureValue and X509Certificate, without white space: the first alternative of
 * every list.
 * @param id value of the Signature's own ID attribute, where the form has one
 */
export function writtenSignature(form: Form, references: readonly WrittenReference[], id?: string): string {
  const { prefix: asked, id: idRule } = form.signature;
  const prefix = asked === '*' || asked === '' ? '' : `${asked}:`;
  const declaration = prefix === '' ? 'xmlns' : `xmlns:${asked}`;
  const element = (name: string, content: string, attributes = '') =>
    `<${prefix}${name}${attributes}>${content}</${prefix}${name}>`;
  const algorithm = (name: string, uri: string) => element(name, '', attribute('Algorithm', uri));
  const reference = ({ uri, transforms, digest, value }: WrittenReference) => {
    const list = transforms.uris.map((each) => algorithm('Transform', each)).join('');
    return element(
      'Reference',
      (list === '' ? '' : element('Transforms', list)) +
        algorithm('DigestMethod', DIGEST_WORDS[digest]) +
        element('DigestValue', toBase64(value)),
      uri === undefined ? '' : attribute('URI', uri),
    );
  };
  const [c14n] = form.c14n;
  const [signatureAlgorithm] = form.algorithms;
  const signedInfo =
    algorithm('CanonicalizationMethod', c14n ?? '') +
    algorithm('SignatureMethod', signatureAlgorithm?.uri ?? '') +
    references.map(reference).join('');
  const ownId = idRule === undefined || id === undefined ? '' : attribute(idRule.name, id);
  return element(
    'Signature',
    element('SignedInfo', signedInfo) +
      element('SignatureValue', '') +
      element('KeyInfo', element('X509Data', element('X509Certificate', ''))),
    ` ${declaration}="${XMLDSIG_NAMESPACE}"${ownId}`,
  );
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '"': '&quot;' };

function attribute(name: string, value: string): string {
  return ` ${name}="${value.replace(/[&<"]/g, (character) => ESCAPES[character] ?? character)}"`;
}
