import type { SigningMode } from '../brand.ts';
import { defined } from '../defined.ts';
import { equalOctets, hexSha256 } from '../digest/sha256.ts';
import { fromBase64, toBase64 } from '../encoding.ts';
import { JitsuinError } from '../errors.ts';
import { type CardAlgorithm, isCardAlgorithm } from './algorithms.ts';
import type { SignedElement, SignedElementSelector, XmlSignatureProfileName } from './prepared-signature.ts';
import { isXmlSignatureProfileName } from './profile-table.ts';

const FORMAT = 'jitsuin-prepared-signature';
const VERSION = 1;
/** The document lies elsewhere: of the skeleton there is only what it has more. */
const BESIDE_VERSION = 2;
/** In a receiver's form: what is signed is made again from the document and the digests of the files. */
const FORM_VERSION = 3;
const VERSIONS: readonly unknown[] = [VERSION, BESIDE_VERSION, FORM_VERSION];

/** What the state of a prepared XML signature holds. */
interface StoredSignature {
  readonly profile: XmlSignatureProfileName;
  readonly signedElement?: SignedElementSelector;
  /** What it was prepared for, where that was said; the skeleton holds it too. */
  readonly algorithm?: CardAlgorithm;
  readonly data: string;
  readonly skeleton: Uint8Array;
}

/** A state that was written to be kept beside its document, and the document; states that hold it are read too. */
export interface KeptBeside {
  readonly prepared: string;
  readonly document: Uint8Array;
}

/** What the state of a prepared file holds. */
interface StoredDetached {
  readonly mode: SigningMode;
  readonly digest: Uint8Array;
  readonly data: string;
}

/** Writes the state of a prepared XML signature: JSON, version 1. */
export function writePreparedState(stored: StoredSignature): string {
  return JSON.stringify({ format: FORMAT, version: VERSION, ...stored, skeleton: toBase64(stored.skeleton) });
}

/** What was found when a document was prepared, sealed with it, so that nobody has to read it again to know it. */
interface PreparedFacts {
  /** Hex SHA-256 of the document of which this is. */
  readonly documentSha256: string;
  /** Hex SHA-256 of the canonical octets that the signature covers. */
  readonly signedOctetsSha256: string;
  readonly signed: Pick<SignedElement, 'localName' | 'namespace' | 'id'>;
}

/**
 * Writes the state of a prepared XML signature to be kept beside its document: JSON, version 2. Its size does not
 * depend on the document's.
 */
export function writeStateBeside(
  stored: StoredSignature & Pick<PreparedFacts, 'signedOctetsSha256'> & { readonly signed: SignedElement },
  document: Uint8Array,
): string {
  const { profile, signedElement, algorithm, data, skeleton, signedOctetsSha256 } = stored;
  const start = sameAtStart(document, skeleton);
  const end = document.length - sameAtEnd(document.subarray(start), skeleton.subarray(start));
  const inserted = skeleton.subarray(start, skeleton.length - (document.length - end));
  const insertion = { start, end, octets: toBase64(inserted) };
  const { localName, namespace, id } = stored.signed;
  const facts: PreparedFacts = {
    documentSha256: hexSha256(document),
    signedOctetsSha256,
    signed: defined({ localName, namespace, id }),
  };
  const what = { profile, signedElement, algorithm, data, insertion, facts };
  return JSON.stringify({ format: FORMAT, version: BESIDE_VERSION, ...what });
}

/** What `writeStateBeside` found; undefined for any other state. @throws JitsuinError `xmldsig.state` */
export function preparedFacts(state: string): PreparedFacts | undefined {
  const { facts } = readFields(state);
  if (facts === undefined) return undefined;
  const { documentSha256, signedOctetsSha256, signed } = membersOf(facts, 'facts');
  const { localName, namespace, id } = membersOf(signed, 'facts');
  if (typeof documentSha256 !== 'string' || typeof signedOctetsSha256 !== 'string') throw stateFault('facts');
  if (typeof localName !== 'string' || typeof namespace !== 'string') throw stateFault('facts');
  if (id !== undefined && typeof id !== 'string') throw stateFault('facts');
  return { documentSha256, signedOctetsSha256, signed: defined({ localName, namespace, id }) };
}

/**
 * Whether the state was made of this very document: then all that it says of it is still so.
 * @throws JitsuinError `xmldsig.state` where it was made of another; undefined where it does not say of which
 */
export function factsOf({ prepared, document }: KeptBeside): PreparedFacts | undefined {
  const facts = preparedFacts(prepared);
  if (facts === undefined || facts.documentSha256 === hexSha256(document)) return facts;
  throw new JitsuinError('xmldsig.state', 'The stored state does not belong to the stored document.');
}

/** How many octets are the same from the first one on; native comparisons, since a document may be large. */
function sameAtStart(one: Uint8Array, other: Uint8Array): number {
  let same = 0;
  let different = Math.min(one.length, other.length) + 1;
  while (different - same > 1) {
    const middle = (same + different) >>> 1;
    if (equalOctets(one.subarray(same, middle), other.subarray(same, middle))) same = middle;
    else different = middle;
  }
  return same;
}

function sameAtEnd(one: Uint8Array, other: Uint8Array): number {
  const most = Math.min(one.length, other.length);
  let same = 0;
  while (same < most && one[one.length - 1 - same] === other[other.length - 1 - same]) same += 1;
  return same;
}

/** Reads what `writePreparedState` or `writeStateBeside` wrote. @throws JitsuinError `xmldsig.state` */
export function readPreparedState(kept: string | KeptBeside): StoredSignature {
  const fields = readFields(typeof kept === 'string' ? kept : kept.prepared);
  const { profile, signedElement, algorithm, data } = fields;
  if (typeof profile !== 'string' || !isXmlSignatureProfileName(profile)) throw stateFault('profile');
  if (typeof data !== 'string') throw stateFault('data');
  if (signedElement !== undefined && !isSelector(signedElement)) throw stateFault('signedElement');
  if (algorithm !== undefined && !isCardAlgorithm(algorithm)) throw stateFault('algorithm');
  return defined({
    profile,
    signedElement,
    algorithm,
    data,
    skeleton: skeletonOf(fields, typeof kept === 'string' ? undefined : kept.document),
  });
}

function skeletonOf(
  { version, skeleton, insertion }: Readonly<Record<string, unknown>>,
  document: Uint8Array | undefined,
): Uint8Array {
  if (version === VERSION) return readOctets(skeleton, 'skeleton');
  if (document === undefined) throw stateFault('document');
  if (typeof insertion !== 'object' || insertion === null) throw stateFault('insertion');
  const { start, end, octets }: Readonly<Record<string, unknown>> = { ...insertion };
  if (!isOffset(start) || !isOffset(end) || start > end || end > document.length)
    throw stateFault('insertion');
  const parts = [document.subarray(0, start), readOctets(octets, 'insertion'), document.subarray(end)];
  return Uint8Array.from(Buffer.concat(parts));
}

function isOffset(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** Writes the state of a prepared file: JSON, version 1. */
export function writeDetachedState(stored: StoredDetached): string {
  const { mode, digest, data } = stored;
  return JSON.stringify({
    format: FORMAT,
    version: VERSION,
    profile: 'detached',
    mode,
    data,
    digest: toBase64(digest),
  });
}

/** Reads what `writeDetachedState` wrote. @throws JitsuinError `xmldsig.state` */
export function readDetachedState(state: string): StoredDetached {
  const { profile, mode, data, digest } = readFields(state);
  if (profile !== 'detached') throw stateFault('profile');
  if (mode !== 'digest-info' && mode !== 'digest') throw stateFault('mode');
  if (typeof data !== 'string') throw stateFault('data');
  return { mode, data, digest: readOctets(digest, 'digest') };
}

/** What the citizen reads on the page and in the app about one signature. */
interface ShownToSigner {
  readonly displayName: string;
  readonly identificationCode: string;
}

/**
 * Adds what is shown to a state, so that it lies under the same seal as the document. @throws JitsuinError
 * `xmldsig.state`
 */
export function withShown(state: string, { displayName, identificationCode }: ShownToSigner): string {
  return JSON.stringify({ ...parseObject(state), displayName, identificationCode });
}

/** What `withShown` added; undefined for a state of an older program. @throws JitsuinError `xmldsig.state` */
export function shownOf(state: string): ShownToSigner | undefined {
  const { displayName, identificationCode } = readFields(state);
  if (displayName === undefined && identificationCode === undefined) return undefined;
  if (typeof displayName !== 'string') throw stateFault('displayName');
  if (typeof identificationCode !== 'string') throw stateFault('identificationCode');
  return { displayName, identificationCode };
}

/** Which file of a document's a state holds: name, octets, and the digests that the form asks for. */
interface StoredFile {
  readonly name: string;
  readonly length: number;
  readonly digests: Readonly<Partial<Record<'sha256' | 'sha384' | 'sha512', Uint8Array>>>;
}

/** What the state of a signature in a receiver's form holds, beside its document. */
interface StoredForm {
  /** The form file by which it was prepared: another one of the same name does not go on with it. */
  readonly form: { readonly name: string; readonly version: number; readonly sha256: string };
  readonly data: string;
  /** The instant that gives the Signature its Id, where the form wants digits. */
  readonly at: number;
  readonly files: readonly StoredFile[];
  /** The operator's verification whose document takes this signature besides. */
  readonly joins?: string;
}

/** Writes the state of a signature in a receiver's form, to be kept beside its document: JSON, version 3. */
export function writeFormState({ form, data, at, files, joins }: StoredForm): string {
  const { name, version, sha256 } = form;
  const stored = files.map((file) => ({
    name: file.name,
    length: file.length,
    digests: Object.fromEntries(
      Object.entries(file.digests).map(([word, digest]) => [word, toBase64(digest)]),
    ),
  }));
  return JSON.stringify({
    format: FORMAT,
    version: FORM_VERSION,
    form: { name, version, sha256 },
    data,
    at,
    files: stored,
    joins,
  });
}

/** Reads what `writeFormState` wrote. @throws JitsuinError `xmldsig.state` */
export function readFormState(state: string): StoredForm {
  const fields = readFields(state);
  if (fields['version'] !== FORM_VERSION) throw stateFault('version');
  const { form, data, at, files, joins } = fields;
  const { name, version, sha256 } = membersOf(form, 'form');
  if (typeof name !== 'string' || typeof version !== 'number' || typeof sha256 !== 'string')
    throw stateFault('form');
  if (typeof data !== 'string') throw stateFault('data');
  if (typeof at !== 'number') throw stateFault('at');
  if (!Array.isArray(files)) throw stateFault('files');
  if (joins !== undefined && typeof joins !== 'string') throw stateFault('joins');
  return defined({ form: { name, version, sha256 }, data, at, files: files.map(readFile), joins });
}

function readFile(value: unknown): StoredFile {
  const { name, length, digests } = membersOf(value, 'files');
  if (typeof name !== 'string' || typeof length !== 'number') throw stateFault('files');
  const given = Object.entries(membersOf(digests, 'files')).map(
    ([word, digest]) => [word, readOctets(digest, 'files')] as const,
  );
  return { name, length, digests: Object.fromEntries(given) };
}

function membersOf(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value));
  throw stateFault(at);
}

function readFields(state: string): Readonly<Record<string, unknown>> {
  const fields = parseObject(state);
  if (fields['format'] !== FORMAT) throw stateFault('format');
  if (!VERSIONS.includes(fields['version'])) throw stateFault('version');
  return fields;
}

function parseObject(state: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(state);
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch (cause) {
    throw new JitsuinError('xmldsig.state', 'Not the state of a prepared signature: it is not JSON.', {
      cause,
    });
  }
  throw stateFault('format');
}

function readOctets(value: unknown, at: string): Uint8Array {
  if (typeof value !== 'string') throw stateFault(at);
  try {
    return fromBase64(value, at);
  } catch (cause) {
    throw new JitsuinError('xmldsig.state', 'Not the state of a prepared signature.', { at, cause });
  }
}

function isSelector(value: unknown): value is SignedElementSelector {
  if (typeof value !== 'object' || value === null) return false;
  const [key, ...others] = Object.keys(value);
  return (
    others.length === 0 && (key === 'name' || key === 'id') && typeof Reflect.get(value, key) === 'string'
  );
}

function stateFault(at: string): JitsuinError {
  return new JitsuinError('xmldsig.state', 'Not the state of a prepared signature of this version.', { at });
}
