import { fromBase64, toBase64 } from '../encoding.ts';
import { JitsuinError } from '../errors.ts';
import type { DigestWord, FormIdentity } from './form.ts';
import { DIGEST_WORDS } from './words.ts';

const FORMAT = 'jitsuin-prepared-form';
const VERSION = 1;

/** A file beside a document as it was prepared: its octets are not kept, what was signed of them is. */
interface PreparedFile {
  readonly name: string;
  /** Octets. */
  readonly length: number;
  readonly digests: Readonly<Partial<Record<DigestWord, Uint8Array>>>;
}

/** A signature in a form that waits for its value, to be finished later. */
interface PreparedFormState {
  /** The form file by which it was prepared: another one of the same name does not finish it. */
  readonly form: Pick<FormIdentity, 'name' | 'version' | 'sha256'>;
  readonly data: string;
  readonly skeleton: Uint8Array;
  readonly documentName?: string;
  readonly files: readonly PreparedFile[];
}

/** Writes the state: JSON, version 1. It holds the document; protect it as one. */
export function writePreparedForm(stored: PreparedFormState): string {
  const { form, data, skeleton, documentName, files } = stored;
  const { name, version, sha256 } = form;
  return JSON.stringify({
    format: FORMAT,
    version: VERSION,
    form: { name, version, sha256 },
    data,
    documentName,
    files: files.map((file) => ({
      name: file.name,
      length: file.length,
      digests: Object.fromEntries(
        Object.entries(file.digests).map(([word, digest]) => [word, toBase64(digest)]),
      ),
    })),
    skeleton: toBase64(skeleton),
  });
}

/** Whether a state is that of a form, not of a profile. */
export function isPreparedForm(state: string): boolean {
  return state.startsWith(`{"format":"${FORMAT}"`);
}

/** Reads what `writePreparedForm` wrote. @throws JitsuinError `xmldsig.state` */
export function readPreparedForm(state: string): PreparedFormState {
  const fields = membersOf(parsed(state), 'format');
  if (fields['format'] !== FORMAT) throw stateFault('format');
  if (fields['version'] !== VERSION) throw stateFault('version');
  const form = membersOf(fields['form'], 'form');
  const { name, version, sha256 } = form;
  if (typeof name !== 'string' || typeof version !== 'number' || typeof sha256 !== 'string')
    throw stateFault('form');
  const { data, documentName, files } = fields;
  if (typeof data !== 'string') throw stateFault('data');
  if (documentName !== undefined && typeof documentName !== 'string') throw stateFault('documentName');
  if (!Array.isArray(files)) throw stateFault('files');
  const read = {
    form: { name, version, sha256 },
    data,
    skeleton: octetsOf(fields['skeleton'], 'skeleton'),
    files: files.map(readFile),
  };
  return documentName === undefined ? read : { ...read, documentName };
}

function readFile(value: unknown, index: number): PreparedFile {
  const at = `files[${index}]`;
  const { name, length, digests } = membersOf(value, at);
  if (typeof name !== 'string' || typeof length !== 'number') throw stateFault(at);
  const given = Object.entries(membersOf(digests, at)).map(([word, digest]) => {
    if (!Object.hasOwn(DIGEST_WORDS, word)) throw stateFault(at);
    return [word, octetsOf(digest, at)] as const;
  });
  return { name, length, digests: Object.fromEntries(given) };
}

function parsed(state: string): unknown {
  try {
    return JSON.parse(state);
  } catch (cause) {
    throw new JitsuinError('xmldsig.state', 'Not the state of a prepared form: it is not JSON.', { cause });
  }
}

function membersOf(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw stateFault(at);
}

function octetsOf(value: unknown, at: string): Uint8Array {
  if (typeof value !== 'string') throw stateFault(at);
  try {
    return fromBase64(value, at);
  } catch (cause) {
    throw new JitsuinError('xmldsig.state', 'Not the state of a prepared form.', { at, cause });
  }
}

function stateFault(at: string): JitsuinError {
  return new JitsuinError('xmldsig.state', 'Not the state of a prepared form of this version.', { at });
}
