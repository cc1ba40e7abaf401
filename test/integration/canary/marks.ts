import { createHash, X509Certificate } from 'node:crypto';
import { parseCertificate } from '../../../src/verifier/x509/certificate.ts';

/** What is protected (guideline, 保護対象のデータ), and what else may not be written in clear. */
export type MarkKind =
  | 'token'
  | 'code'
  | 'verifier'
  | 'state'
  | 'nonce'
  | 'assertion'
  | 'subject'
  | 'attribute'
  | 'certificate'
  | 'result'
  | 'key'
  | 'cookie'
  | 'document';

/** A value that was really used in the run, and in which forms it would be recognized. */
export interface Mark {
  readonly kind: MarkKind;
  /** What it is, for the report; never the value. */
  readonly name: string;
  readonly needles: readonly Buffer[];
}

const WINDOW = 30;

/** Text or octets with every spelling in which they could leak. Long values are recognized by a piece of their middle. */
export function mark(kind: MarkKind, name: string, value: string | Uint8Array): Mark {
  const octets = Buffer.from(value);
  if (octets.length < 6) throw new Error(`${name} is too short to be searched for`);
  const start = Math.max(0, Math.floor((octets.length - WINDOW) / 2));
  const piece = octets.subarray(start, start + WINDOW);
  const spellings = new Set<string>([
    piece.toString('latin1'),
    piece.toString('hex'),
    piece.toString('hex').toUpperCase(),
    ...base64Of(piece),
    ...(typeof value === 'string' && !isCompactJose(value) ? textForms(value) : []),
  ]);
  return { kind, name, needles: [...spellings].map((spelling) => Buffer.from(spelling, 'latin1')) };
}

/** Its beginning is the header, alike in many tokens: only the piece of its middle tells it. */
const isCompactJose = (value: string) => value.startsWith('eyJ');

/** The characters of base64 that are the same wherever the octets begin in a longer value. */
function base64Of(octets: Uint8Array): readonly string[] {
  return [0, 1, 2].flatMap((offset) => {
    const shifted = Buffer.concat([Buffer.alloc(offset), octets]);
    const whole = shifted.toString('base64').replace(/=+$/, '');
    const first = offset === 0 ? 0 : offset + 1;
    const last = shifted.length % 3 === 0 ? whole.length : whole.length - 1;
    const sure = whole.slice(first, last);
    return [sure, sure.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

function textForms(text: string): readonly string[] {
  const characters = [...text].slice(0, WINDOW).join('');
  const escaped = [...characters]
    .map((character) => (character < '\x7f' ? character : unicodeEscape(character)))
    .join('');
  return [escaped, encodeURIComponent(characters), Buffer.from(characters, 'utf16le').toString('latin1')];
}

function unicodeEscape(character: string): string {
  return [...Array(character.length).keys()]
    .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
    .join('');
}

/** 署名用電子証明書情報: the certificate itself, its serial number, its fingerprints, and whom it names. */
export function certificateMarks(der: Uint8Array): readonly Mark[] {
  const certificate = new X509Certificate(der);
  const commonName = /^CN=(.+)$/m.exec(certificate.subject)?.[1] ?? '';
  const serial = certificate.serialNumber;
  const parsed = parseCertificate(der);
  return [
    mark('certificate', 'certificate', der),
    mark('certificate', 'serial number, hex', serial),
    mark('certificate', 'serial number, hex in lower case', serial.toLowerCase()),
    mark('certificate', 'serial number, decimal', BigInt(`0x${serial}`).toString()),
    { kind: 'certificate', name: 'serial number, DER', needles: [derInteger(serial)] },
    mark('certificate', 'common name', commonName),
    mark('certificate', 'subject key identifier', parsed.subjectKeyIdentifier ?? ''),
    mark('certificate', 'public key', parsed.subjectPublicKeyInfo.key),
    mark('certificate', 'public key, SHA-256', sha256(parsed.subjectPublicKeyInfo.der)),
    mark(
      'certificate',
      'fingerprint, SHA-256',
      Buffer.from(certificate.fingerprint256.replaceAll(':', ''), 'hex'),
    ),
    mark('certificate', 'fingerprint, SHA-256 with colons', certificate.fingerprint256),
    mark(
      'certificate',
      'fingerprint, SHA-1',
      Buffer.from(certificate.fingerprint.replaceAll(':', ''), 'hex'),
    ),
  ];
}

function sha256(octets: Uint8Array): Uint8Array {
  return createHash('sha256').update(octets).digest();
}

/** As it stands in a certificate, a CRL, an OCSP request. Too short for every spelling to be searched for. */
function derInteger(hex: string): Buffer {
  const octets = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return Buffer.concat([Buffer.from([2, octets.length]), octets]);
}

/** One place where octets were written or sent. */
export interface Place {
  readonly name: string;
  readonly octets: Uint8Array;
  /** What may stand there: a signed document at an agency holds its certificate. */
  readonly allowed?: readonly MarkKind[];
}

/** Every mark in every place, as `place: name`. Empty is good. */
export function search(places: readonly Place[], marks: readonly Mark[]): readonly string[] {
  const byHead = needlesByHead(marks);
  const found = new Set<string>();
  for (const { name, octets, allowed = [] } of places) {
    const haystack = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
    for (let at = 0; at + HEAD <= haystack.length; at += 1) {
      for (const [needle, { kind, name: what }] of byHead.get(haystack.readUInt32LE(at)) ?? []) {
        if (allowed.includes(kind)) continue;
        if (haystack.subarray(at, at + needle.length).equals(needle)) found.add(`${name}: ${what}`);
      }
    }
  }
  return [...found];
}

const HEAD = 4;

/** One pass over each place is enough when the needles are known by their first octets. */
function needlesByHead(marks: readonly Mark[]): ReadonlyMap<number, readonly (readonly [Buffer, Mark])[]> {
  const byHead = new Map<number, (readonly [Buffer, Mark])[]>();
  const known = new Set<string>();
  for (const one of marks) {
    for (const needle of one.needles) {
      const spelling = needle.toString('latin1');
      if (known.has(spelling)) continue;
      known.add(spelling);
      const head = needle.readUInt32LE(0);
      byHead.set(head, [...(byHead.get(head) ?? []), [needle, one]]);
    }
  }
  return byHead;
}
