import type { CanonicalOctets } from '../../core/brand.ts';
import type { DigestWord, Form, FormIdentity } from '../../core/forms/form.ts';
import type { UncoveredPart } from '../../core/forms/uncovered.ts';
import type { Check } from '../../core/report.ts';
import type { XmlLimits } from '../../core/xml/limits.ts';
import type { Certificate } from '../x509/certificate-types.ts';

/** A file beside the document, as the caller gives it; nothing is opened by a name that stands in a document. */
export interface GivenFile {
  readonly name: string;
  /** Octets. */
  readonly length: number;
  /** Of every digest that the form may ask for. */
  readonly digests: Readonly<Partial<Record<DigestWord, Uint8Array>>>;
  /** Only where why a digest differs is to be explained. */
  readonly octets?: Uint8Array;
}

/** A signed document with the files beside it, to be read in one form. */
export interface FormSubject {
  readonly form: Form;
  readonly document: Uint8Array;
  /** Name of the document's own file; forms that name a file after it need it. */
  readonly documentName?: string;
  readonly files: readonly GivenFile[];
  /** How many must have signed, where the caller knows it. */
  readonly signers?: number;
  /** Lower limits than the defaults of `core/xml`. */
  readonly limits?: Partial<XmlLimits>;
}

/** One Reference whose digest was found right. */
export interface CoveredPart {
  readonly kind: 'document' | 'element' | 'file';
  /** Local name of the element, or name of the file. */
  readonly name: string;
  /** The place's or the form's word for it, Japanese. */
  readonly title?: string;
  /** Lower-case hexadecimal SHA-256 of exactly the octets that were digested. */
  readonly sha256: string;
  /** Octets. */
  readonly length: number;
  /** The canonical octets; of a file the caller has them. */
  readonly octets?: CanonicalOctets;
}

/** What was found of one Signature before its certificate is judged. */
export interface FormSigner {
  /** From 1, in document order. */
  readonly number: number;
  readonly signatureId?: string;
  readonly checks: readonly Check[];
  readonly certificate?: Certificate;
  /** CA certificates of KeyInfo: they may help to build a path and are trusted by nobody. */
  readonly others: readonly Certificate[];
  readonly cryptography: 'agreed' | 'open';
  /** SHA-256 of the canonical SignedInfo, lower-case hexadecimal. */
  readonly signedInfoSha256?: string;
}

export interface FormValidation {
  readonly form: FormIdentity;
  /** At least one; where the document cannot be read in this form, one with the check that says so. */
  readonly signers: readonly FormSigner[];
  /** What every signer covers; present only when every digest of every signer was right. */
  readonly covered?: readonly CoveredPart[];
  readonly unsigned: readonly UncoveredPart[];
  /** Files that lie beside the document and that no Reference covers. */
  readonly uncoveredFiles: readonly string[];
  /** Files that the signers only name: their octets are not covered. */
  readonly namedFiles: readonly string[];
}
