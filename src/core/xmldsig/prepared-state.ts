import type { SigningMode } from '../brand.ts';
import { defined } from '../defined.ts';
import { fromBase64, toBase64 } from '../encoding.ts';
import { JitsuinError } from '../errors.ts';
import type { SignedElementSelector, XmlSignatureProfileName } from './prepared-signature.ts';
import { isXmlSignatureProfileName } from './profile-table.ts';

const FORMAT = 'jitsuin-prepared-signature';
const VERSION = 1;

/** What the state of a prepared XML signature holds. */
interface StoredSignature {
  readonly profile: XmlSignatureProfileName;
  readonly signedElement?: SignedElementSelector;
  readonly data: string;
  readonly skeleton: Uint8Array;
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

/** Reads what `writePreparedState` wrote. @throws JitsuinError `xmldsig.state` */
export function readPreparedState(state: string): StoredSignature {
  const fields = readFields(state);
  const { profile, signedElement, data, skeleton } = fields;
  if (typeof profile !== 'string' || !isXmlSignatureProfileName(profile)) throw stateFault('profile');
  if (typeof data !== 'string') throw stateFault('data');
  if (signedElement !== undefined && !isSelector(signedElement)) throw stateFault('signedElement');
  return defined({
    profile,
    signedElement,
    data,
    skeleton: readOctets(skeleton, 'skeleton'),
  });
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

function readFields(state: string): Readonly<Record<string, unknown>> {
  const fields = parseObject(state);
  if (fields['format'] !== FORMAT) throw stateFault('format');
  if (fields['version'] !== VERSION) throw stateFault('version');
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
