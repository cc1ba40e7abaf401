import { createHash, type KeyObject } from 'node:crypto';
import {
  C14N_1_0,
  C14N_1_0_WITH_COMMENTS,
  C14N_1_1,
  C14N_1_1_WITH_COMMENTS,
  type C14nUri,
  EXC_C14N,
  EXC_C14N_WITH_COMMENTS,
  isC14nUri,
} from '../../core/c14n/algorithms.ts';
import { canonicalOctets } from '../../core/c14n/canonicalize.ts';
import { equalOctets } from '../../core/digest/sha256.ts';
import { asJitsuinError, type ErrorCode } from '../../core/errors.ts';
import type { XmlDocument, XmlElement } from '../../core/xml/model.ts';
import {
  computedSignature,
  digestHash,
  type SignatureAlgorithm,
  signatureAlgorithm,
  weakAlgorithm,
} from '../../core/xmldsig/algorithms.ts';
import { ENVELOPED_SIGNATURE, XMLDSIG_NAMESPACE } from '../../core/xmldsig/profile.ts';
import { base64Content } from './signature-text.ts';
import type { VerificationKey, XmlSignatureCheckName } from './validation.ts';

/** What the cryptography of a Signature proves against it, whatever its form. */
interface ProvedWrong {
  readonly name: XmlSignatureCheckName;
  readonly code: ErrorCode;
  readonly detail: string;
}

/** More than honest signatures have; each costs a pass over the document. */
const MAXIMUM_REFERENCES = 8;
const MAXIMUM_CERTIFICATES = 8;

/**
 * Looks at the one W3C Signature of a document that is not of the agreed form: does a Reference that can be
 * computed differ from its digest, does the value belong to a key that KeyInfo names? It only ever says that
 * something is wrong, and only where every step is unambiguous: what it cannot compute, it leaves open. Nothing is
 * accepted by it and no octets come out.
 */
export function provedWrong(document: XmlDocument, key: VerificationKey): ProvedWrong | undefined {
  const [signature, second] = document.elementsNamed(XMLDSIG_NAMESPACE, 'Signature');
  if (signature === undefined || second !== undefined) return undefined;
  const signedInfo = onlyChild(signature, 'SignedInfo');
  if (signedInfo === undefined) return undefined;
  try {
    return wrongReference(document, signature, signedInfo) ?? wrongValue(signature, signedInfo, key);
  } catch (thrown) {
    // What cannot be read cannot be computed: nothing is proved.
    if (asJitsuinError(thrown).kind === 'internal') throw thrown;
    return undefined;
  }
}

function wrongReference(
  document: XmlDocument,
  signature: XmlElement,
  signedInfo: XmlElement,
): ProvedWrong | undefined {
  const name = 'reference-digest';
  const references = childrenNamed(signedInfo, 'Reference');
  if (references.length > MAXIMUM_REFERENCES) return undefined;
  for (const reference of references) {
    const uri = reference.attribute('URI');
    if (uri !== undefined && uri !== '' && !uri.startsWith('#'))
      return { name, code: 'xmldsig.file', detail: 'A Reference names a file that is not at hand.' };
    const found = computedDigest(document, signature, reference);
    if (found !== undefined && !equalOctets(found.expected, found.digest))
      return { name, code: 'xmldsig.digest', detail: 'What a Reference covers is not what was signed.' };
  }
  return undefined;
}

/** Undefined where the Reference's transforms, digest or target are not among those that are computed here. */
function computedDigest(document: XmlDocument, signature: XmlElement, reference: XmlElement) {
  const method = onlyChild(reference, 'DigestMethod');
  const value = onlyChild(reference, 'DigestValue');
  const hash = digestHash(method?.attribute('Algorithm') ?? '');
  const element = targetOf(document, reference.attribute('URI'));
  const transforms = transformsOf(reference);
  if (hash === undefined || value === undefined || element === undefined || transforms === undefined)
    return undefined;
  const inside = signature.start > element.start && signature.end < element.end;
  if (transforms.enveloped && !inside) return undefined;
  const without = transforms.enveloped ? { without: signature } : {};
  const target =
    element === document.root && reference.attribute('URI') === ''
      ? ({ kind: 'document', ...without } as const)
      : ({ kind: 'element', element, ...without } as const);
  const octets = canonicalOctets(document, target, { algorithm: transforms.algorithm });
  return { digest: createHash(hash).update(octets).digest(), expected: base64Content(value) };
}

/** Same-document References only, and an Id only where one element has it. */
function targetOf(document: XmlDocument, uri: string | undefined): XmlElement | undefined {
  if (uri === '') return document.root;
  if (uri === undefined || !/^#[\w.-]+$/u.test(uri)) return undefined;
  const [element, twin] = document.elementsWithId(uri.slice(1));
  return twin === undefined ? element : undefined;
}

/** A same-document Reference has lost its comments before the first transform (XML Signature section 4.4.3.3). */
const WITHOUT_COMMENTS: Readonly<Record<C14nUri, C14nUri>> = {
  [C14N_1_0]: C14N_1_0,
  [C14N_1_0_WITH_COMMENTS]: C14N_1_0,
  [C14N_1_1]: C14N_1_1,
  [C14N_1_1_WITH_COMMENTS]: C14N_1_1,
  [EXC_C14N]: EXC_C14N,
  [EXC_C14N_WITH_COMMENTS]: EXC_C14N,
};

/** The enveloped-signature transform at most, then a canonicalization without parameters at most. */
function transformsOf(
  reference: XmlElement,
): { readonly enveloped: boolean; readonly algorithm: C14nUri } | undefined {
  const uses = childrenNamed(reference, 'Transforms').flatMap((list) => list.childElements());
  if (uses.some((use) => use.childElements().length > 0)) return undefined;
  const uris = uses.map((use) => use.attribute('Algorithm') ?? '');
  const enveloped = uris[0] === ENVELOPED_SIGNATURE;
  const [algorithm = C14N_1_0, more] = enveloped ? uris.slice(1) : uris;
  if (more !== undefined || !isC14nUri(algorithm)) return undefined;
  return { enveloped, algorithm: WITHOUT_COMMENTS[algorithm] };
}

function wrongValue(
  signature: XmlElement,
  signedInfo: XmlElement,
  key: VerificationKey,
): ProvedWrong | undefined {
  const canonicalization = onlyChild(signedInfo, 'CanonicalizationMethod');
  const uri = canonicalization?.attribute('Algorithm') ?? '';
  const method = onlyChild(signedInfo, 'SignatureMethod')?.attribute('Algorithm') ?? '';
  const algorithm: SignatureAlgorithm | undefined = signatureAlgorithm(method) ?? weakAlgorithm(method);
  const value = onlyChild(signature, 'SignatureValue');
  if (algorithm === undefined || value === undefined || !isC14nUri(uri)) return undefined;
  if (canonicalization === undefined || canonicalization.childElements().length > 0) return undefined;
  const keys = keysOf(signature, key);
  if (keys === undefined || keys.length === 0) return undefined;
  const target = { kind: 'element', element: signedInfo } as const;
  const octets = canonicalOctets(signature.document, target, { algorithm: uri });
  const given = base64Content(value);
  const answers = keys.map((candidate) => computedSignature(algorithm, candidate, octets, given));
  if (answers.some((answer) => answer !== false)) return undefined;
  const detail = 'The SignatureValue belongs to no key that KeyInfo names.';
  return { name: 'signature-value', code: 'xmldsig.signature', detail };
}

/**
 * Every key that KeyInfo names by a certificate; undefined when one of them cannot be read, so that nothing is
 * proved.
 */
function keysOf(signature: XmlElement, key: VerificationKey): readonly KeyObject[] | undefined {
  if (key.kind === 'key') return [key.publicKey];
  const data = childrenNamed(signature, 'KeyInfo').flatMap((info) => childrenNamed(info, 'X509Data'));
  const certificates = data.flatMap((element) => childrenNamed(element, 'X509Certificate'));
  if (certificates.length > MAXIMUM_CERTIFICATES) return undefined;
  const keys: KeyObject[] = [];
  for (const certificate of certificates) {
    const resolved = key.resolve(base64Content(certificate));
    if ('refusal' in resolved) return undefined;
    keys.push(resolved.publicKey);
  }
  return keys;
}

function childrenNamed(parent: XmlElement, localName: string): readonly XmlElement[] {
  return parent
    .childElements()
    .filter((child) => child.namespaceUri === XMLDSIG_NAMESPACE && child.localName === localName);
}

function onlyChild(parent: XmlElement, localName: string): XmlElement | undefined {
  const [child, twin] = childrenNamed(parent, localName);
  return twin === undefined ? child : undefined;
}
