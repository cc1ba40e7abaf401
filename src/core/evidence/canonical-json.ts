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
