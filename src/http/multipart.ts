import { fromUtf8 } from '../core/encoding.ts';
import { JitsuinError } from '../core/errors.ts';

/** One part of a form; `octets` is a view of the body. */
interface FormPart {
  readonly name: string;
  /** Absent for a field. */
  readonly fileName?: string;
  readonly octets: Uint8Array;
}

const BOUNDARY = /;\s*boundary=(?:"([^"\r\n]{1,70})"|([^\s";,]{1,70}))/i;
const LONGEST_HEADERS = 4096;

/**
 * The parts of a multipart/form-data body (RFC 7578), in their order. Nothing is copied and nothing beyond the first
 * `most` parts is read.
 * @throws JitsuinError `http.body`
 */
export function formParts(body: Uint8Array, contentType: string, most: number): readonly FormPart[] {
  const octets = Buffer.from(body.buffer, body.byteOffset, body.length);
  const match = BOUNDARY.exec(contentType);
  const boundary = match?.[1] ?? match?.[2];
  if (boundary === undefined) throw broken('Content-Type names no boundary');
  const first = Buffer.from(`--${boundary}`);
  const next = Buffer.from(`\r\n--${boundary}`);
  if (!octets.subarray(0, first.length).equals(first)) throw broken('it does not begin with its boundary');
  const parts: FormPart[] = [];
  let at = first.length;
  while (octets.toString('latin1', at, at + 2) !== '--') {
    if (parts.length === most) throw broken(`it has more than ${most} parts`);
    if (octets.toString('latin1', at, at + 2) !== '\r\n') throw broken('something stands after a boundary');
    const end = octets.indexOf(next, at);
    const blank = octets.indexOf('\r\n\r\n', at);
    if (end < 0) throw broken('it was cut');
    if (blank < 0 || blank > end || blank - at > LONGEST_HEADERS) throw broken('a part has no headers');
    parts.push(partOf(octets.subarray(at + 2, blank), octets.subarray(Math.min(blank + 4, end), end)));
    at = end + next.length;
  }
  return parts;
}

function partOf(head: Uint8Array, octets: Uint8Array): FormPart {
  const headers = textOf(head).split('\r\n');
  const disposition = headers.find((line) => /^content-disposition:/i.test(line)) ?? '';
  if (!/^content-disposition:\s*form-data\s*;/i.test(disposition))
    throw broken('a part is no field of a form');
  const encoding = headers.find((line) => /^content-transfer-encoding:/i.test(line));
  if (encoding !== undefined && !/:\s*(?:binary|8bit|7bit)\s*$/i.test(encoding))
    throw broken('a part is encoded; send it as it is');
  const name = parameter(disposition, 'name');
  if (name === undefined) throw broken('a part has no name');
  const fileName = extended(disposition) ?? parameter(disposition, 'filename');
  return fileName === undefined ? { name, octets } : { name, fileName, octets };
}

/** As browsers write it (`%22`, `%0D`, `%0A`), or with backslashes, as curl does. */
function parameter(line: string, name: string): string | undefined {
  const found = new RegExp(`;\\s*${name}="((?:[^"\\\\]|\\\\.)*)"`, 'i').exec(line)?.[1];
  return found
    ?.replace(/\\(["\\])/g, '$1')
    .replace(/%(22|0D|0A)/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** `filename*=UTF-8''…` (RFC 5987): older clients in Python write names so. */
function extended(line: string): string | undefined {
  const found = /;\s*filename\*=utf-8''([^;\s]*)/i.exec(line)?.[1];
  if (found === undefined) return undefined;
  try {
    return decodeURIComponent(found);
  } catch {
    throw broken('the name of a file is not UTF-8');
  }
}

function textOf(octets: Uint8Array): string {
  try {
    return fromUtf8(octets);
  } catch {
    throw broken('the headers of a part are not UTF-8');
  }
}

function broken(what: string): JitsuinError {
  return new JitsuinError('http.body', `The body is not multipart/form-data as RFC 7578 has it: ${what}.`);
}
