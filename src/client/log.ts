/** The answer of `GET /v1/verifications/{id}/log-proof`. */
export interface LogProof {
  readonly format: string;
  readonly kind: string;
  readonly nonce: string;
  readonly batch: { readonly index: number; readonly size: number; readonly path: readonly string[] };
  readonly entry: string;
  readonly index: number;
  readonly path: readonly string[];
  readonly checkpoint: string;
}

/** What you pinned before, from another source than the proof. */
export interface PinnedLog {
  /** Public key of the log, `NAME+ID+KEY`. */
  readonly log: string;
  /** Public keys of the witnesses that you trust. */
  readonly witnesses?: readonly string[];
  /** How many of them must have signed; default: all. */
  readonly quorum?: number;
}

export interface LogProved {
  /** Entries of the log under the head that was shown. */
  readonly size: number;
  /** When the log's operator says that it was entered; no proof of a time by itself. */
  readonly at: Date;
  /** Each trusted witness that signed, and when it saw this head. */
  readonly witnesses: readonly { readonly name: string; readonly at: Date }[];
}

/** The proof does not show that the receipt is in the log. */
export class JitsuinLogProofRefused extends Error {
  override readonly name = 'JitsuinLogProofRefused';
}

type Octets = Uint8Array<ArrayBuffer>;

interface NoteKey {
  readonly name: string;
  readonly id: string;
  readonly witness: boolean;
  readonly raw: Octets;
}

interface Note {
  readonly text: string;
  readonly lines: readonly { readonly name: string; readonly octets: Octets }[];
}

const HASH = /^[A-Za-z0-9+/]{43}=$/;
const KINDS = ['receipt', 'audit-seal', 'evidence-head', 'evidence'];
const MOST_NOTE = 65_536;
const MOST_PATH = 64;
const utf8 = (text: string): Octets => new TextEncoder().encode(text) as Octets;

/**
 * Judges offline, with the platform's WebCrypto (Ed25519, SHA-256), whether a receipt is in its operator's public
 * log: the receipt in a blinded batch, the batch in the log (RFC 6962), the log's head signed by its pinned key and by
 * enough of the pinned witnesses (C2SP signed-note, tlog-checkpoint, tlog-cosignature). The receipt's own signature is
 * another question.
 * @param receipt the compact JWS, exactly as the API gave it
 * @throws JitsuinLogProofRefused saying what does not hold (the promise is rejected); TypeError for a pinned key that
 * is none
 */
export async function verifyLogProof(
  receipt: string,
  proof: LogProof,
  pinned: PinnedLog,
): Promise<LogProved> {
  const log = await noteKey(pinned.log);
  const witnesses = distinct(await Promise.all((pinned.witnesses ?? []).map(noteKey)));
  if (log.witness || witnesses.some(({ witness }) => !witness))
    throw new TypeError('A key of a log was pinned as a witness, or the other way round.');
  const { kind, batch } = formed(proof);
  const entry = octetsOf(proof.entry) ?? refuse('entry');
  const [head, at = '', root = '', ...rest] = new TextDecoder().decode(entry).split('\n');
  if (head !== 'jitsuin log entry 1' || !/^[0-9]{1,16}$/.test(at) || !HASH.test(root)) refuse('entry');
  if (rest.length !== 1 || rest[0] !== '') refuse('entry');
  const leaf = await sha256(
    utf8(`jitsuin log leaf 1\n${kind}\n`),
    hashOf(proof.nonce),
    await sha256(utf8(receipt)),
  );
  if (!(await proves(leaf, batch, batch.size, root))) refuse('batch');
  const note = readNote(proof.checkpoint);
  if ((await signedBy(log, note)) === undefined) refuse('signature of the log');
  const [origin, count = '', logRoot = ''] = note.text.split('\n');
  const size = Number(count);
  if (origin !== log.name) refuse('origin of the log');
  if (!/^(0|[1-9][0-9]*)$/.test(count) || !Number.isSafeInteger(size) || !HASH.test(logRoot))
    refuse('checkpoint');
  if (!(await proves(entry, proof, size, logRoot))) refuse('path');
  const seen = await Promise.all(
    witnesses.map(async (witness) => ({ name: witness.name, seconds: await signedBy(witness, note) })),
  );
  const signed = seen.flatMap(({ name, seconds }) =>
    seconds === undefined ? [] : [{ name, at: new Date(seconds * 1000) }],
  );
  const needed = pinned.quorum ?? witnesses.length;
  if (signed.length < needed) refuse(`${signed.length} of the pinned witnesses signed, ${needed} are needed`);
  return { size, at: new Date(Number(at)), witnesses: signed };
}

function refuse(what: string): never {
  throw new JitsuinLogProofRefused(`The proof does not hold: ${what}.`);
}

/** What is not of the form of a proof is refused before anything of it is used. */
function formed(proof: LogProof): LogProof {
  const { format, kind, nonce, batch, entry, index, path, checkpoint } = proof ?? {};
  const texts = [nonce, entry, checkpoint].every((one) => typeof one === 'string');
  const counts = [index, batch?.index].every((one) => Number.isSafeInteger(one) && Number(one) >= 0);
  const paths = [path, batch?.path].every(
    (one) => Array.isArray(one) && one.length <= MOST_PATH && one.every((hash) => HASH.test(String(hash))),
  );
  const sized = Number.isSafeInteger(batch?.size) && batch.size > 0;
  if (format !== 'jitsuin-log-proof/1' || !KINDS.includes(kind) || !texts || !counts || !paths || !sized)
    refuse('its form');
  if (!HASH.test(nonce) || entry.length > 1400 || checkpoint.length > MOST_NOTE) refuse('its form');
  return proof;
}

/** RFC 9162 section 2.1.3.2. */
async function proves(
  content: Octets,
  { index, path }: { readonly index: number; readonly path: readonly string[] },
  size: number,
  root: string,
): Promise<boolean> {
  if (index >= size) return false;
  let [node, last] = [index, size - 1];
  let hash = await sha256(Uint8Array.of(0), content);
  for (const sibling of path.map(hashOf)) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      hash = await sha256(Uint8Array.of(1), sibling, hash);
      while (node % 2 === 0 && node !== 0) [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
    } else hash = await sha256(Uint8Array.of(1), hash, sibling);
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  return last === 0 && base64(hash) === root;
}

async function sha256(...parts: readonly Octets[]): Promise<Octets> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let place = 0;
  for (const part of parts) {
    all.set(part, place);
    place += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', all));
}

async function noteKey(text: string): Promise<NoteKey> {
  const parts = /^([^\s+\p{Cc}]{1,255})\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})$/u.exec(text);
  const octets = octetsOf(parts?.[3] ?? '');
  const [, name = '', id = ''] = parts ?? [];
  const type = octets?.[0];
  if (octets?.length !== 33 || (type !== 1 && type !== 4))
    throw new TypeError('A pinned key is no NAME+ID+KEY.');
  const hashed = await sha256(utf8(`${name}\n`), octets);
  if (hex(hashed.subarray(0, 4)) !== id)
    throw new TypeError(`The key of "${name}" has another id than it says.`);
  return { name, id, witness: type === 4, raw: octets.slice(1) };
}

/** One key counts once, however often it is named. */
function distinct(keys: readonly NoteKey[]): readonly NoteKey[] {
  return keys.filter(({ raw }, place) => keys.findIndex((one) => base64(one.raw) === base64(raw)) === place);
}

function readNote(note: string): Note {
  const split = note.lastIndexOf('\n\n');
  const control = [...note].some((one) => one !== '\n' && one < ' ');
  if (control || split < 0 || !note.endsWith('\n')) refuse('checkpoint');
  const lines = note.slice(split + 2, -1).split('\n');
  if (lines.length > 100) refuse('checkpoint');
  return { text: note.slice(0, split + 1), lines: lines.map(readLine) };
}

function readLine(line: string): Note['lines'][number] {
  const [, name = '', encoded = ''] = /^\u2014 ([^ ]+) ([A-Za-z0-9+/=]+)$/.exec(line) ?? [];
  const octets = octetsOf(encoded);
  if (octets === undefined || octets.length < 5) return refuse('checkpoint');
  return { name, octets };
}

/** When a witness signed (Unix seconds), 0 for a log; undefined where it did not. */
async function signedBy(
  { name, id, witness, raw }: NoteKey,
  { text, lines }: Note,
): Promise<number | undefined> {
  const key = await crypto.subtle.importKey('raw', raw, { name: 'Ed25519' }, false, ['verify']);
  const right = (signature: Octets, octets: Octets) =>
    crypto.subtle.verify({ name: 'Ed25519' }, key, signature, octets);
  for (const line of lines) {
    if (line.name !== name || hex(line.octets.subarray(0, 4)) !== id) continue;
    const signature = line.octets.slice(4);
    if (!witness && (await right(signature, utf8(text)))) return 0;
    if (!witness || signature.length !== 72) continue;
    const seconds = Number(new DataView(signature.buffer).getBigUint64(0));
    if (await right(signature.slice(8), utf8(`cosignature/v1\ntime ${seconds}\n${text}`))) return seconds;
  }
  return undefined;
}

function hashOf(text: string): Octets {
  return octetsOf(text) ?? refuse('its form');
}

/** Canonical base64 → octets; undefined where it is none. */
function octetsOf(text: string): Octets | undefined {
  try {
    const octets = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return base64(octets) === text ? octets : undefined;
  } catch {
    return undefined;
  }
}

function base64(octets: Uint8Array): string {
  return btoa(String.fromCharCode(...octets));
}

function hex(octets: Uint8Array): string {
  return [...octets].map((octet) => octet.toString(16).padStart(2, '0')).join('');
}
