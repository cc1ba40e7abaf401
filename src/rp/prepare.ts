import type { SignatureProfileName, SigningInput, SigningMode } from '../core/brand.ts';
import { defined } from '../core/defined.ts';
import { CARD_ALGORITHMS, type CardAlgorithm } from '../core/xmldsig/algorithms.ts';
import { prepareSignature, resumePrepared } from '../core/xmldsig/prepare.ts';
import { prepareDetached } from '../core/xmldsig/prepare-detached.ts';
import type { SignedElementSelector } from '../core/xmldsig/prepared-signature.ts';
import { writeStateBeside } from '../core/xmldsig/prepared-state.ts';

interface Preparation {
  readonly data: SigningInput;
  /** What `resumePrepared` reads again, with the document. */
  readonly prepared: string;
  /** Local name of the signed element; a file has none. */
  readonly signedName: string;
}

const NAME_OF_A_FILE = '電子ファイル';

/**
 * [03] One strict parse, canonicalization, digest, SignedInfo and `data` (署名対象ハッシュ値) of a document.
 * @throws JitsuinError `xml.*`, `c14n.*`, `xmldsig.*`
 */
export function prepare(
  document: Uint8Array,
  options: {
    readonly profile: SignatureProfileName;
    readonly mode: SigningMode;
    readonly signedElement?: SignedElementSelector;
    /** What the card signs with; RSA with SHA-256 where it is not said. */
    readonly algorithm?: CardAlgorithm;
  },
): Preparation {
  const { profile, mode, signedElement, algorithm } = options;
  if (profile === 'detached') {
    const hash = algorithm === undefined ? 'sha256' : CARD_ALGORITHMS[algorithm].hash;
    const { data, state } = prepareDetached(document, mode, hash);
    return { data, prepared: state, signedName: NAME_OF_A_FILE };
  }
  const prepared = prepareSignature(
    document,
    defined({
      profile,
      mode,
      signedElement,
      algorithm,
    }),
  );
  const { data, skeleton, signedElement: signed } = prepared;
  const kept = writeStateBeside(defined({ profile, signedElement, algorithm, data, skeleton }), document);
  return { data, prepared: kept, signedName: signed.localName };
}

/** What the verifier needs to assemble. */
interface Assembly {
  /** The XML with empty SignatureValue and X509Certificate, or the file itself. */
  readonly skeleton: Uint8Array;
  /**
   * By its full name, or by its Id, so that the verifier looks for the very same one; absent where there is no
   * choice.
   */
  readonly signedElement?: SignedElementSelector;
}

/** @throws JitsuinError `xmldsig.state` when what was stored does not agree with itself */
export function assemblyOf(
  profile: SignatureProfileName,
  secrets: { readonly document: Uint8Array; readonly prepared: string },
): Assembly {
  if (profile === 'detached') return { skeleton: secrets.document };
  const { skeleton, signedElement } = resumePrepared(secrets);
  if (profile === 'enveloped') return { skeleton };
  const { id, namespace, localName } = signedElement;
  if (profile === 'by-id' && id !== undefined) return { skeleton, signedElement: { id } };
  return { skeleton, signedElement: { name: namespace === '' ? localName : `{${namespace}}${localName}` } };
}
