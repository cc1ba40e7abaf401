import { constants, sign as cryptoSign, type KeyObject } from 'node:crypto';
import type { EpochMillis, SignatureValue } from '../../../src/core/brand.ts';
import { canonicalOctets } from '../../../src/core/c14n/canonicalize.ts';
import { fromUtf8, toBase64, toUtf8 } from '../../../src/core/encoding.ts';
import { parseXml } from '../../../src/core/xml/parse.ts';
import { prepareSignature } from '../../../src/core/xmldsig/prepare.ts';
import type {
  SignedElementSelector,
  XmlSignatureProfileName,
} from '../../../src/core/xmldsig/prepared-signature.ts';
import { XMLDSIG_NAMESPACE } from '../../../src/core/xmldsig/profile.ts';
import { parseCertificate } from '../../../src/verifier/x509/certificate.ts';
import { completeSignature } from '../../../src/verifier/xmldsig/complete.ts';
import type { VerificationKey, XmlSignatureValidation } from '../../../src/verifier/xmldsig/validation.ts';
import { verifyXmlSignature } from '../../../src/verifier/xmldsig/verify.ts';
import { type SignerKind, testSigner } from './signers.ts';

export const AT = Date.UTC(2026, 10, 22) as EpochMillis;

export type Signing = (signedInfo: Uint8Array, key: KeyObject) => Uint8Array;

/** What the card does: RSASSA-PKCS1-v1_5 with SHA-256. */
export const RSA_SHA256_SIGNING: Signing = (octets, key) => cryptoSign('sha256', octets, key);
export const rsa =
  (hash: string): Signing =>
  (octets, key) =>
    cryptoSign(hash, octets, key);
export const rsaPss =
  (hash: string): Signing =>
  (octets, key) =>
    cryptoSign(hash, octets, {
      key,
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
    });
export const ecdsa =
  (hash: string, dsaEncoding: 'ieee-p1363' | 'der' = 'ieee-p1363'): Signing =>
  (octets, key) =>
    cryptoSign(hash, octets, { key, dsaEncoding });

/** Signs a document through our own prepare and complete. */
export function signDocument(
  document: string,
  profile: XmlSignatureProfileName,
  options: { readonly signer?: SignerKind; readonly signedElement?: SignedElementSelector } = {},
): string {
  const signer = testSigner(options.signer ?? 'rsa');
  const selector = options.signedElement === undefined ? {} : { signedElement: options.signedElement };
  const prepared = prepareSignature(toUtf8(document), { profile, ...selector });
  const completion = completeSignature(prepared, {
    signatureValue: RSA_SHA256_SIGNING(prepared.signedInfoOctets, signer.privateKey) as SignatureValue,
    certificate: parseCertificate(signer.certificateDer),
    validationTime: AT,
  });
  if (completion.outcome !== 'completed') throw new Error(JSON.stringify(completion.validation.report));
  return fromUtf8(completion.document);
}

/**
 * Signs whatever SignedInfo now stands in a document, honestly: its canonical octets in place, the value put into SignatureValue.
 * For documents whose form is wrong but whose arithmetic is right.
 */
export function resign(
  document: string,
  options: { readonly signer?: SignerKind; readonly signing?: Signing } = {},
): string {
  const parsed = parseXml(toUtf8(document));
  const [element] = [XMLDSIG_NAMESPACE, '', parsed.root.namespaceUri].flatMap((namespace) =>
    parsed.elementsNamed(namespace, 'SignedInfo'),
  );
  if (element === undefined) throw new Error('no SignedInfo');
  const octets = canonicalOctets(parsed, { kind: 'element', element }, { algorithm: C14N });
  const key = testSigner(options.signer ?? 'rsa').privateKey;
  return withSignatureValue(document, toBase64((options.signing ?? RSA_SHA256_SIGNING)(octets, key)));
}

const C14N = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';

export function withSignatureValue(document: string, base64: string): string {
  return replaceOnce(document, /(<(?:\w+:)?SignatureValue[^>]*>)[^<]*/, (_, tag) => `${tag}${base64}`);
}

export function signatureValueText(document: string): string {
  return /<(?:\w+:)?SignatureValue[^>]*>([^<]*)/.exec(document)?.[1] ?? '';
}

/** The Signature element of a signed document, as written. */
export function signatureText(document: string): string {
  return /<((?:\w+:)?Signature)[ >].*<\/\1>/s.exec(document)?.[0] ?? '';
}

/** Replaces the first match, and fails the test when there is none: an attack that changes nothing proves nothing. */
export function replaceOnce(
  text: string,
  pattern: string | RegExp,
  replacement: string | ((match: string, ...groups: string[]) => string),
): string {
  let matched = false;
  const replaced = text.replace(pattern, (match, ...rest) => {
    matched = true;
    return typeof replacement === 'string' ? replacement : replacement(match, ...rest.map(String));
  });
  if (!matched) throw new Error(`nothing to replace: ${String(pattern)}`);
  return replaced;
}

export interface VerifyOptions {
  readonly signer?: SignerKind;
  readonly key?: VerificationKey;
  readonly signedElement?: SignedElementSelector;
}

export function verify(
  document: string | Uint8Array,
  profile: XmlSignatureProfileName,
  options: VerifyOptions = {},
): XmlSignatureValidation {
  const publicKey = testSigner(options.signer ?? 'rsa').publicKey;
  return verifyXmlSignature(typeof document === 'string' ? toUtf8(document) : document, {
    profile,
    key: options.key ?? { kind: 'key', publicKey },
    validationTime: AT,
    ...(options.signedElement === undefined ? {} : { signedElement: options.signedElement }),
  });
}

/** A form that is not the agreed one, whatever of it; what is proved behind it is told by the report as well. */
export const FORM_REFUSED = /^shape xmldsig\.(?:shape|other-form|key-info)$/;
/** Algorithms, Reference or transforms that are not the agreed ones. */
export const POLICY_REFUSED = /^algorithm-policy xmldsig\.(?:policy|weak-algorithm)$/;

/** `TOTAL-PASSED`, or the first check that is not as it should be with its code: `shape xmldsig.other-form`. */
export function verdict(validation: XmlSignatureValidation): string {
  const { report } = validation;
  const wrong = report.checks.find(({ code }) => code !== undefined);
  const opened = validation.signedOctets !== undefined;
  if (opened !== (report.indication === 'TOTAL-PASSED')) return 'LEAK: signed octets without a pass';
  return wrong === undefined ? report.indication : `${wrong.name} ${wrong.code}`;
}
