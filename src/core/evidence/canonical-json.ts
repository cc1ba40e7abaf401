import { toUtf8 } from '../encoding.ts';
import { JitsuinError } from '../errors.ts';

/**
 * A plain value → its one JSON text in UTF-8 (the rules of RFC 8785 for the values that occur here: strings, safe
 * integers, booleans, null, lists and objects; members sorted by UTF-16 code units, no white space). Absent members
 * are left out.
 * @throws JitsuinError `internal.unexpected` for any other value
 */
export function canonicalJson(value: unknown): Uint8Array {
  return toUtf8(canonicalText(value));
}

export function canonicalText(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value === 0 ? 0 : value);
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (typeof value === 'object' && isPlain(value)) return objectText(value);
  throw new JitsuinError('internal.unexpected', `A ${typeof value} has no canonical JSON here.`);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function objectText(value: object): string {
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalText(member)}`).join(',')}}`;
}

/** The canonical JSON of a list from that of its items, without reading them again: they may be megabytes. */
export function canonicalList(items: readonly Uint8Array[]): Uint8Array {
  return joined(['[', ...items.flatMap((item, n) => (n === 0 ? [item] : [',', item])), ']']);
}

/** The canonical JSON of an object from that of its members. */
export function canonicalObject(members: Readonly<Record<string, Uint8Array>>): Uint8Array {
  return joined(canonicalPieces(members));
}

/** The same in pieces. */
export function canonicalPieces(
  members: Readonly<Record<string, Uint8Array>>,
): readonly (string | Uint8Array)[] {
  const sorted = Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1));
  const named = sorted.flatMap(([name, octets], n) => [
    `${n === 0 ? '' : ','}${JSON.stringify(name)}:`,
    octets,
  ]);
  return ['{', ...named, '}'];
}

/** The canonical JSON of a text of printable ASCII without quotes and backslashes, as base64 is. */
export function canonicalAscii(text: string): Uint8Array {
  return Buffer.from(`"${text}"`, 'latin1');
}

function joined(pieces: readonly (string | Uint8Array)[]): Uint8Array {
  const octets = Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? toUtf8(piece) : piece)));
  return new Uint8Array(octets.buffer, octets.byteOffset, octets.byteLength);
}
