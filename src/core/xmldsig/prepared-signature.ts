import type {
  CanonicalOctets,
  DigestInfo,
  FormName,
  SignatureProfileName,
  SigningInput,
  SigningMode,
} from '../brand.ts';

/** The profiles that make an XML Signature; `detached` makes none. */
export type XmlSignatureProfileName = Exclude<SignatureProfileName, 'detached' | FormName>;

/**
 * Which element is signed. `name`: local name, or `{namespace}local` to pin the namespace too. `id`: value of the
 * profile's Id attribute (profile `by-id` only).
 */
export type SignedElementSelector = { readonly name: string } | { readonly id: string };

/** The signed element as a report names it. */
export interface SignedElement {
  readonly localName: string;
  /** Namespace name, `''` for none. */
  readonly namespace: string;
  /** Value of the Id attribute, in profile `by-id`. */
  readonly id?: string;
  /** True when the whole document but the Signature is signed (profile `enveloped`). */
  readonly wholeDocument: boolean;
}

/** A signature that waits for its value: everything to start the sign transaction and to finish the document later. */
export interface PreparedSignature {
  readonly profile: XmlSignatureProfileName;
  readonly signedElement: SignedElement;
  /** SHA-256 of the canonical octets of the signed element, lower-case hexadecimal. */
  readonly signedOctetsSha256: string;
  /** Canonical SignedInfo, in its context. */
  readonly signedInfoOctets: CanonicalOctets;
  /** URI of SignedInfo's SignatureMethod: what the card signs with. */
  readonly signatureMethod: string;
  /** Hash of `signedInfoOctets` by the signature method: SHA-256, or SHA-384 for the next card. */
  readonly digest: Uint8Array;
  readonly digestInfo: DigestInfo;
  /** `data` of the start request, mode digest-info: base64 of `digestInfo` (68 or 92 characters). */
  readonly data: SigningInput;
  /** The document with the Signature element spliced in; SignatureValue and X509Certificate are empty. */
  readonly skeleton: Uint8Array;
  /** Where the two values go in the skeleton; octets. Absent: they are looked for. */
  readonly emptyAt?: { readonly signatureValue: number; readonly certificate: number };
  /**
   * Opaque, versioned JSON (UTF-8 text) to be stored; `resumePrepared` restores it. Holds the document: protect it
   * as one.
   */
  readonly state: string;
}

/** A file that waits for its signature value; its octets are signed as they are. */
export interface PreparedDetached {
  readonly profile: 'detached';
  readonly mode: SigningMode;
  /** SHA-256 of the file, or SHA-384 where that was asked for. */
  readonly digest: Uint8Array;
  /** `data` of the start request: base64 of the DigestInfo (digest-info) or of the hash alone (digest). */
  readonly data: SigningInput;
  /** Opaque, versioned JSON; holds the digest, not the file. */
  readonly state: string;
}
