import type {
  EpochMillis,
  FormName,
  SignatureProfileName,
  SigningInput,
  SigningMode,
} from '../core/brand.ts';
import { defined } from '../core/defined.ts';
import { JitsuinError } from '../core/errors.ts';
import {
  type AttachedFile,
  type DigestedFile,
  digestedFile,
  expectFileNames,
} from '../core/forms/attached-files.ts';
import type { FormCatalogue } from '../core/forms/catalogue.ts';
import type { Form } from '../core/forms/form.ts';
import { keepForm, resumeForm } from '../core/forms/kept-form.ts';
import { parseXml } from '../core/xml/parse.ts';
import { CARD_ALGORITHMS, type CardAlgorithm } from '../core/xmldsig/algorithms.ts';
import { prepareSignature, resumePrepared } from '../core/xmldsig/prepare.ts';
import { prepareDetached } from '../core/xmldsig/prepare-detached.ts';
import type { SignedElementSelector } from '../core/xmldsig/prepared-signature.ts';
import {
  factsOf,
  type KeptBeside,
  readPreparedState,
  writeStateBeside,
} from '../core/xmldsig/prepared-state.ts';
import { isXmlSignatureProfileName, signsWholeDocument } from '../core/xmldsig/profile-table.ts';
import { signatureCandidates } from '../core/xmldsig/signature-candidates.ts';
import type { RelyingParty } from './relying-party.ts';

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
    readonly profile: Exclude<SignatureProfileName, FormName>;
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
  const { data, skeleton, signedElement: signed, signedOctetsSha256 } = prepared;
  const stored = { profile, signedElement, algorithm, data, skeleton, signedOctetsSha256, signed };
  const kept = writeStateBeside(defined(stored), document);
  return { data, prepared: kept, signedName: signed.localName };
}

/** Whether it is the name of a receiver's form, which the catalogue has, and not of one of the profiles. */
export function isFormName(profile: SignatureProfileName): profile is FormName {
  return profile !== 'detached' && !isXmlSignatureProfileName(profile);
}

interface FormPreparation extends Preparation {
  /** With the names under which they are signed. */
  readonly files: readonly AttachedFile[];
}

/**
 * [03] As `prepare`, in a receiver's form with the files beside the document: each is digested once, and one operation
 * of the card signs them all.
 * @throws JitsuinError `xml.*`, `c14n.*`, `xmldsig.*`
 */
export function prepareInForm(
  ports: Pick<RelyingParty, 'expectRightSignatures'>,
  form: Form,
  {
    document,
    files: given,
    at,
    joins,
  }: {
    readonly document: Uint8Array;
    readonly files: readonly AttachedFile[];
    readonly at: EpochMillis;
    /** The operator's verification whose document takes this signature besides. */
    readonly joins?: string;
  },
): FormPreparation {
  if (form.use === 'verify')
    throw new JitsuinError('xmldsig.profile', `Only the receiver itself signs in form ${form.name}.`, {
      at: 'form',
    });
  const alone = form.signature.in.length === 0;
  if (alone && document.length > 0)
    throw new JitsuinError('xmldsig.other-form', `Form ${form.name} signs files and no document.`);
  const files = expectFileNames(given, form.container?.document);
  const digested = files.map((file) => digestedFile(file, form));
  if (!alone) expectMayJoin(ports, form, { document, files: digested });
  const { prepared, state } = keepForm(defined({ form, document, files: digested, at, joins }));
  return { data: prepared.data, prepared: state, signedName: form.title.ja, files };
}

/** An sp never gets a certificate, so it takes no document in which one stands. */
function expectMayJoin(
  { expectRightSignatures }: Pick<RelyingParty, 'expectRightSignatures'>,
  form: Form,
  signed: { readonly document: Uint8Array; readonly files: readonly DigestedFile[] },
): void {
  if (signatureCandidates(parseXml(signed.document)).length === 0) return;
  if (expectRightSignatures === undefined)
    throw new JitsuinError(
      'xmldsig.already-signed',
      'The document has a Signature already. An sp takes no document with a certificate in it: the next signer ' +
        'signs at the agency or the platform operator that has the first one’s.',
    );
  expectRightSignatures(form, signed);
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
  secrets: KeptBeside,
  forms: FormCatalogue,
): Assembly {
  if (profile === 'detached') return { skeleton: secrets.document };
  if (isFormName(profile)) return { skeleton: resumeForm(secrets, forms).prepared.skeleton };
  const { skeleton, signedElement } = skeletonOf(secrets);
  if (signsWholeDocument(profile)) return { skeleton };
  const { id, namespace, localName } = signedElement;
  if (id !== undefined) return { skeleton, signedElement: { id } };
  return { skeleton, signedElement: { name: namespace === '' ? localName : `{${namespace}}${localName}` } };
}

function skeletonOf(secrets: KeptBeside) {
  const facts = factsOf(secrets);
  if (facts === undefined) return resumePrepared(secrets);
  return { skeleton: readPreparedState(secrets).skeleton, signedElement: facts.signed };
}
