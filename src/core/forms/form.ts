import type { C14nUri } from '../c14n/algorithms.ts';
import type { SignatureAlgorithm } from '../xmldsig/algorithms.ts';

/** On what the knowledge of a receiver's form rests; shown wherever a form is offered or reported. */
type FormBasis = 'observed' | 'official' | 'inferred';

/**
 * `names`: local name, or `{namespace}local` (James Clark's notation); the first step is the document element, `*`
 * whatever it may be.
 */
export type FormPath = readonly string[];

interface FormTitle {
  readonly ja: string;
  readonly en: string;
}

/** A named place of a document: found by its path, never by its ID. */
export interface FormPlace {
  readonly path: FormPath;
  /** How many elements stand there, in the whole document. */
  readonly count: Range;
  /** The attribute by which a Reference names the element. `*`: whatever value it has. */
  readonly id?: { readonly name: string; readonly value: string };
  readonly title?: FormTitle;
}

export interface Range {
  readonly min: number;
  readonly max: number;
}

/** How a Reference writes what it points at. */
export type UriSpelling = 'raw' | 'percent';

/** What the transforms of one Reference come to. */
export interface FormTransforms {
  /** As they are written, in order. */
  readonly uris: readonly string[];
  readonly enveloped: boolean;
  readonly algorithm: C14nUri;
}

interface AnyReference {
  /** Alternatives, each an exact list. */
  readonly transforms: readonly FormTransforms[];
  /** The first is written when signing. */
  readonly digest: readonly DigestWord[];
}

/** One row of the References, in their order. */
export type FormReference =
  | (AnyReference & { readonly kind: 'document' })
  | (AnyReference & { readonly kind: 'element'; readonly place: string; readonly uri: UriSpelling | 'none' })
  | (AnyReference & {
      readonly kind: 'files';
      /** Where the names come from. */
      readonly names:
        | { readonly from: 'places'; readonly places: readonly string[] }
        | { readonly from: 'caller' }
        | { readonly from: 'document-name'; readonly suffix: string };
      readonly count: Range;
      readonly uri: readonly UriSpelling[];
    });

export type DigestWord = 'sha256' | 'sha384' | 'sha512';

export interface FormSignature {
  /** Path of the element in which it stands; empty: it is the document element. */
  readonly in: FormPath;
  /** A place after which its parent must come directly. */
  readonly after?: string;
  /** The parent holds Signatures and nothing else; otherwise the Signature is the last child. */
  readonly alone: boolean;
  /** `*`: any prefix. */
  readonly prefix: string;
  /** `none`: its names are in the default namespace of the document element, as the guideline prints it. */
  readonly namespace: 'xmldsig' | 'none';
  /** Absent: it has no attribute. */
  readonly id?: {
    readonly name: string;
    /** Digits that the value has; undefined: any value. */
    readonly digits?: number;
    readonly optional: boolean;
  };
}

/** What may stand beside the certificates in KeyInfo; it is never used to find a key. */
export type KeyInfoAlso =
  | 'X509SubjectName'
  | 'X509IssuerSerial'
  | 'X509SKI'
  | 'X509Digest'
  | 'X509CRL'
  | 'KeyName'
  | 'KeyValue';

/** A receiver's form of signature, as its data file says it. */
export interface Form {
  readonly name: string;
  readonly version: number;
  readonly basis: FormBasis;
  readonly title: FormTitle;
  readonly sources: readonly string[];
  /** `verify`: only the receiver itself signs in it. */
  readonly use: 'sign' | 'verify';
  /** Lower-case hexadecimal SHA-256 of the data file. */
  readonly sha256: string;
  /** The data file itself: evidence keeps it, so that the form can be read again when it ships no more. */
  readonly source: Uint8Array;
  /** Permitted document elements; `*` any; empty: the Signature itself. */
  readonly root: readonly string[];
  readonly places: ReadonlyMap<string, FormPlace>;
  readonly signature: FormSignature;
  readonly signers: Range;
  readonly c14n: readonly C14nUri[];
  /** The first is written when signing. */
  readonly algorithms: readonly SignatureAlgorithm[];
  readonly references: readonly FormReference[];
  readonly keyInfo: 'leaf' | 'leaf-and-ca';
  readonly keyInfoAlso: readonly KeyInfoAlso[];
  readonly unsigned: {
    readonly elements: readonly string[];
    readonly instructions: readonly string[];
    /** Files that no Reference covers may lie beside the document; each is reported. */
    readonly files: boolean;
  };
  /** Places whose text names a file that the signer only names: its octets are not covered, and the report says so. */
  readonly named: readonly string[];
  readonly container?: { readonly zip: 'one-folder'; readonly document: string };
}

/** What of a form goes into reports. */
export type FormIdentity = Pick<Form, 'name' | 'version' | 'basis' | 'sha256'>;

/** Only these: what a report says of the form that was asked for. */
export function formIdentity({ name, version, basis, sha256 }: Form): FormIdentity {
  return { name, version, basis, sha256 };
}
