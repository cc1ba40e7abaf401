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

/** What the page is given to show (`verifier/judge-upload.ts` makes it; the pages do not know the verifier). */
export interface ShownJudgement {
  readonly report: Report;
  readonly signedOctetsSha256?: string;
  /** What the signature does not cover, in document order. */
  readonly unsigned?: readonly ShownUnsignedPart[];
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
}) => Promise<ShownJudgement>;
