import { replaceOnce, signatureText } from './signing.ts';

/** The parts of a signed document, as text, for moving them about. */
export interface Parts {
  /** Everything before the signed element. */
  readonly head: string;
  readonly signed: string;
  readonly between: string;
  readonly signature: string;
  readonly tail: string;
  /** A copy of the signed element with another name of the applicant. */
  readonly evil: string;
}

export type EvilId = 'same' | 'other' | 'none';

export function partsOf(document: string, evilId: EvilId): Parts {
  const signed = /<申請書.*<\/申請書>/s.exec(document)?.[0] ?? '';
  const signature = signatureText(document);
  const [head = '', rest = ''] = split(document, signed);
  const [between = '', tail = ''] = split(rest, signature);
  const renamed = replaceOnce(signed, '模擬　𠮷子', '模擬　悪太郎');
  const ids = { same: ' Id="application"', other: ' Id="evil"', none: '' };
  return {
    head,
    signed,
    between,
    signature,
    tail,
    evil: replaceOnce(renamed, ' Id="application"', ids[evilId]),
  };
}

function split(text: string, part: string): [string, string] {
  const at = text.indexOf(part);
  if (part === '' || at < 0) throw new Error('part not found');
  return [text.slice(0, at), text.slice(at + part.length)];
}

/** Puts something inside an element, as its last content. */
export function inside(element: string, content: string): string {
  const at = element.lastIndexOf('</');
  return element.slice(0, at) + content + element.slice(at);
}

/** XSW1 to XSW8 of Somorovsky et al. (2012), adapted to a Signature beside the signed element. */
export const XSW: Readonly<Record<string, (parts: Parts) => string>> = {
  'XSW1 original inside the Signature': ({ head, evil, signature, signed, tail }) =>
    head + evil + inside(signature, signed) + tail,
  'XSW2 original as a detached copy after the Signature': ({ head, evil, signature, signed, tail }) =>
    head + evil + signature + signed + tail,
  'XSW3 evil before the original': ({ head, evil, signed, signature, tail }) =>
    head + evil + signed + signature + tail,
  'XSW4 evil around the original': ({ head, evil, signed, signature, tail }) =>
    head + inside(evil, signed) + signature + tail,
  'XSW5 evil carries the Signature, original at the end': ({ head, evil, signed, signature, tail }) =>
    head + inside(evil, signature) + signed + tail,
  'XSW6 evil carries the Signature, which carries the original': ({ head, evil, signed, signature, tail }) =>
    head + inside(evil, inside(signature, signed)) + tail,
  'XSW7 original in an extension': ({ head, evil, signed, signature, tail }) =>
    `${head}<拡張>${signed}</拡張>${evil}${signature}${tail}`,
  'XSW8 original in an Object': ({ head, evil, signed, signature, tail }) =>
    `${head}${evil}${inside(signature, `<Object>${signed}</Object>`)}${tail}`,
};

/** Rows W9 and W10 of the catalogue: the rest of the places. */
export const MOVED: Readonly<Record<string, (parts: Parts) => string>> = {
  'evil after the Signature': ({ head, signed, signature, evil, tail }) =>
    head + signed + signature + evil + tail,
  'evil between element and Signature': ({ head, signed, signature, evil, tail }) =>
    head + signed + evil + signature + tail,
  'evil in KeyInfo': ({ head, signed, signature, evil, tail }) =>
    head + signed + replaceOnce(signature, '</KeyInfo>', () => `${evil}</KeyInfo>`) + tail,
  'evil of a foreign namespace first': ({ head, signed, signature, evil, tail }) =>
    head + replaceOnce(evil, '<申請書', '<申請書 xmlns="urn:evil"') + signed + signature + tail,
  'evil of a foreign namespace with a prefix first': ({ head, signed, signature, evil, tail }) =>
    `${head}${evil
      .replace('<申請書', '<悪:申請書 xmlns:悪="urn:evil"')
      .replace('</申請書>', '</悪:申請書>')}${signed}${signature}${tail}`,
  'original moved one level down': ({ head, signed, signature, tail }) =>
    `${head}<層>${signed}</層>${signature}${tail}`,
  'a new document element around everything': ({ head, signed, between, signature, tail }) => {
    const [declaration = '', opening = ''] = split(head, '\n');
    const body = opening + signed + between + signature + tail.trimEnd();
    return `${declaration}<新>${body}</新>`;
  },
  'two Signatures': ({ head, signed, signature, tail }) => head + signed + signature + signature + tail,
  'a copy of the Signature in the content': ({ head, signed, signature, tail }) =>
    head + inside(signed, signature) + signature + tail,
  'a copy of the Signature before the element': ({ head, signed, signature, tail }) =>
    head + signature + signed + signature + tail,
  'a Signature in a value': ({ head, signed, signature, tail }) =>
    head + replaceOnce(signed, '<申請日>', '<申請日><Signature/>') + signature + tail,
  'the Signature moved one level down': ({ head, signed, signature, tail }) =>
    `${head}${signed}<層>${signature}</層>${tail}`,
  'the Signature before the element': ({ head, signed, signature, tail }) => head + signature + signed + tail,
};
