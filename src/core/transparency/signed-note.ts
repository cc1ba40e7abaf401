import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { equalOctets } from '../digest/sha256.ts';
import { fromBase64, toBase64, toUtf8 } from '../encoding.ts';
import { JitsuinError } from '../errors.ts';

/** Signature types of C2SP signed-note: Ed25519 over the text, and a witness's cosignature with its time. */
const ED25519 = 0x01;
const COSIGNATURE = 0x04;
const MOST_OCTETS = 1_000_000;
const MOST_SIGNATURES = 100;
const SPKI_ED25519 = Buffer.from('302a300506032b6570032100', 'hex');
const NAME = /^[^\s+\p{Cc}]{1,255}$/u;

/** A public key as it is pinned: `<name>+<hex id>+<base64 of type ‖ key>`. */
export interface NoteVerifier {
  readonly name: string;
  readonly id: Uint8Array;
  readonly type: 'log' | 'witness';
  readonly key: KeyObject;
}

export interface NoteSigner {
  readonly name: string;
  readonly type: 'log' | 'witness';
  readonly privateKey: KeyObject;
}

interface NoteSignature {
  readonly name: string;
  readonly id: Uint8Array;
  readonly signature: Uint8Array;
  /** The line as it stands, without its end. */
  readonly line: string;
}

interface SignedNote {
  /** With its last line end. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** @throws JitsuinError `tlog.invalid` */
export function readVerifier(vkey: string): NoteVerifier {
  const [, name = '', id = '', encoded = ''] =
    /^(.+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44}={0,2})$/.exec(vkey) ?? [];
  const octets = strictBase64(encoded);
  const type = octets?.[0] === ED25519 ? 'log' : octets?.[0] === COSIGNATURE ? 'witness' : undefined;
  if (!NAME.test(name) || octets?.length !== 33 || type === undefined)
    throw invalid('The key is no verifier key.');
  const raw = octets.subarray(1);
  const own = keyId(name, type, raw);
  if (Buffer.from(own).toString('hex') !== id)
    throw invalid(`The key of "${name}" has another id than it says.`);
  const key = createPublicKey({ key: Buffer.concat([SPKI_ED25519, raw]), format: 'der', type: 'spki' });
  return { name, id: own, type, key };
}

/** The pinned form of a signer's public key. */
export function verifierText({ name, type, privateKey }: NoteSigner): string {
  const raw = rawPublic(privateKey);
  const octets = Buffer.concat([Buffer.of(typeOctet(type)), raw]);
  return `${name}+${Buffer.from(keyId(name, type, raw)).toString('hex')}+${octets.toString('base64')}`;
}

/** One signature line over `text`. @param seconds Unix time of a witness's cosignature */
export function signatureLine(signer: NoteSigner, text: string, seconds = 0): string {
  const { name, type, privateKey } = signer;
  const id = keyId(name, type, rawPublic(privateKey));
  if (type === 'log') return lineOf(name, id, sign(null, toUtf8(text), privateKey));
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(seconds));
  return lineOf(name, id, Buffer.concat([time, sign(null, cosigned(text, seconds), privateKey)]));
}

export function noteOf(text: string, lines: readonly string[]): string {
  return `${text}\n${lines.map((line) => `${line}\n`).join('')}`;
}

/** @throws JitsuinError `tlog.invalid` for anything but a signed note */
export function readNote(note: string): SignedNote {
  const split = note.lastIndexOf('\n\n');
  const control = [...note].some((one) => one !== '\n' && one < ' ');
  if (note.length > MOST_OCTETS || control || split < 0 || !note.endsWith('\n'))
    throw invalid('No signed note.');
  const lines = note.slice(split + 2, -1).split('\n');
  if (lines.length > MOST_SIGNATURES) throw invalid('The note has too many signatures.');
  return { text: note.slice(0, split + 1), signatures: lines.map(readLine) };
}

/** Whether the verifier's signature is there and right; the time of a witness's, 0 of a log's; undefined: none. */
export function verifiedBy({ name, id, type, key }: NoteVerifier, note: SignedNote): number | undefined {
  for (const one of note.signatures) {
    if (one.name !== name || !equalOctets(one.id, id)) continue;
    const { signature } = one;
    if (type === 'log') {
      if (verify(null, toUtf8(note.text), key, signature)) return 0;
    } else if (signature.length === 72) {
      const seconds = Number(Buffer.from(signature).readBigUInt64BE());
      if (verify(null, cosigned(note.text, seconds), key, signature.subarray(8))) return seconds;
    }
  }
  return undefined;
}

/** What a witness signs (C2SP tlog-cosignature): the time before the checkpoint. */
function cosigned(text: string, seconds: number): Uint8Array {
  return toUtf8(`cosignature/v1\ntime ${seconds}\n${text}`);
}

function readLine(line: string): NoteSignature {
  const [, name = '', encoded = ''] = /^\u2014 ([^ ]+) ([A-Za-z0-9+/=]+)$/.exec(line) ?? [];
  const octets = strictBase64(encoded);
  if (!NAME.test(name) || octets === undefined || octets.length < 5)
    throw invalid('A signature line is not one.');
  return { name, id: octets.subarray(0, 4), signature: octets.subarray(4), line };
}

function lineOf(name: string, id: Uint8Array, signature: Uint8Array): string {
  return `\u2014 ${name} ${Buffer.concat([id, signature]).toString('base64')}`;
}

function keyId(name: string, type: NoteVerifier['type'], raw: Uint8Array): Uint8Array {
  const hashed = createHash('sha256')
    .update(`${name}\n`)
    .update(Buffer.of(typeOctet(type)))
    .update(raw)
    .digest();
  return new Uint8Array(hashed.subarray(0, 4));
}

function typeOctet(type: NoteVerifier['type']): number {
  return type === 'log' ? ED25519 : COSIGNATURE;
}

function rawPublic(privateKey: KeyObject): Uint8Array {
  return createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(SPKI_ED25519.length);
}

function strictBase64(text: string): Uint8Array | undefined {
  try {
    const octets = fromBase64(text);
    return toBase64(octets) === text ? octets : undefined;
  } catch {
    return undefined;
  }
}

function invalid(message: string): JitsuinError {
  return new JitsuinError('tlog.invalid', message);
}
