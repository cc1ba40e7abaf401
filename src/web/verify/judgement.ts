import type { Report } from '../../core/report.ts';
import type {
  SignedElementSelector,
  XmlSignatureProfileName,
} from '../../core/xmldsig/prepared-signature.ts';

export interface ShownUnsignedPart {
  readonly kind: 'element' | 'text' | 'comment' | 'processing-instruction' | 'attribute';
  readonly name?: string;
  /** Octet offset in the document. */
  readonly offset: number;
}

export interface ShownCoveredPart {
  readonly kind: 'document' | 'element' | 'file';
  readonly name: string;
  readonly title?: string;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** Octets. */
  readonly length: number;
}

/** A file beside the document as it was sent: what was computed of it, never its octets. */
export interface SentFile {
  readonly name: string;
  readonly length: number;
  readonly digests: Readonly<Partial<Record<'sha256' | 'sha384' | 'sha512', Uint8Array>>>;
}

/** What the page is given to show (`verifier/judge-upload.ts` makes it; the pages do not know the verifier). */
export interface ShownJudgement {
  readonly report: Report;
  readonly signedOctetsSha256?: string;
  /** What the signature does not cover, in document order. */
  readonly unsigned?: readonly ShownUnsignedPart[];
  /** The receiver's form in which it was judged, what its References cover and what they do not. */
  readonly form?: {
    readonly name: string;
    readonly version: number;
    readonly basis: string;
    readonly sha256: string;
  };
  readonly covered?: readonly ShownCoveredPart[];
  readonly uncoveredFiles?: readonly string[];
  readonly namedFiles?: readonly string[];
  /** Forms in which the document is written, where it is another one than was chosen. */
  readonly writtenAs?: readonly string[];
  readonly explanation?: {
    readonly cause?: { readonly name: string; readonly explanation: string };
    readonly difference?: { readonly offset: number; readonly expected: string; readonly found: string };
    readonly expectedDigest: string;
    readonly foundDigest: string;
  };
}

/** Judges one document; keeps nothing of it. */
export type JudgeDocument = (upload: {
  readonly octets: Uint8Array;
  readonly profile: XmlSignatureProfileName;
  readonly signedElement?: SignedElementSelector;
  readonly inForm?: {
    readonly name: string;
    readonly documentName?: string;
    readonly files: readonly SentFile[];
  };
}) => Promise<ShownJudgement>;
