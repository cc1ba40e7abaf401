import { encodeDer } from '../../../src/verifier/x509/der-writer.ts';

/** Shapes of what is not XML: each of about `size` octets. */
export type OctetShape = (size: number) => Uint8Array;

const repeated = (piece: string, size: number): string =>
  piece.repeat(Math.max(1, Math.floor(size / Buffer.byteLength(piece))));
const utf8 = (text: string) => new Uint8Array(Buffer.from(text, 'utf8'));
const list = (of: string, size: number) => utf8(`[${repeated(`${of},`, size)}${of}]`);

const distinct = (size: number): string => {
  const members: string[] = [];
  for (let octets = 0; octets < size; octets += members.at(-1)?.length ?? 1)
    members.push(`"m${members.length.toString(36)}":0,`);
  return members.join('');
};

/** DER nested as deep as the size allows, and the same flat. */
const nested = (size: number): Uint8Array => {
  let der: Uint8Array = encodeDer(0x05);
  // each level copies what is inside it, so the depth is bounded here, not by the size
  for (let depth = 0; depth < Math.min(size / 8, 4_000); depth += 1) der = encodeDer(0x30, der);
  return der;
};
const many = (of: Uint8Array, size: number): Uint8Array =>
  encodeDer(0x30, Buffer.concat(Array.from({ length: Math.floor(size / of.length) }, () => of)));
const small = encodeDer(0x30, encodeDer(0x02, Uint8Array.of(1)), encodeDer(0x05));

const header = Buffer.from(JSON.stringify({ alg: 'RS256' })).toString('base64url');
const payload = (octets: Uint8Array) => Buffer.from(octets).toString('base64url');

export const OCTET_SHAPES: Readonly<Record<string, OctetShape>> = {
  'json-lists': (size) => list('[]', size),
  'json-objects': (size) => list('{}', size),
  'json-numbers': (size) => list('1', size),
  'json-strings': (size) => list('"\\u0041"', size),
  'json-members': (size) => utf8(`{${distinct(size)}"z":0}`),
  'json-depth': (size) => utf8(repeated('[', size)),
  'json-digits': (size) => utf8(repeated('9', size)),
  'json-escapes': (size) => utf8(`"${repeated('\\u0041', size)}"`),
  'json-white-space': (size) => utf8(repeated(' ', size)),
  'der-nested': nested,
  'der-many': (size) => many(small, size),
  'der-sets': (size) => encodeDer(0x30, encodeDer(0x31, many(small, size))),
  'der-long-string': (size) => encodeDer(0x30, encodeDer(0x0c, utf8(repeated('\u0300\u0323', size)))),
  'der-long-integer': (size) => encodeDer(0x30, encodeDer(0x02, new Uint8Array(size).fill(0x7f))),
  'text-lines': (size) => utf8(repeated('\n', size)),
  'text-commas': (size) => utf8(repeated(',', size)),
  'text-quotes': (size) => utf8(repeated('"', size)),
  'text-open-quote': (size) => utf8(`"${repeated('a\n', size)}`),
  'text-members': (size) => utf8(repeated('A=1\n', size)),
  'text-marks': (size) => utf8(`A=${repeated('\u0300\u0323', size)}`),
  'multipart-begins': (size) => utf8(repeated('--boundary\r\n', size)),
  'multipart-parts': (size) =>
    utf8(repeated('--boundary\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n', size)),
  'multipart-headers': (size) => utf8(`--boundary\r\n${repeated('A: b\r\n', size)}`),
  'zip-locals': (size) => Buffer.from(repeated('PK\u0003\u0004', size), 'latin1'),
  'zip-directory': (size) => Buffer.from(repeated('PK\u0001\u0002', size), 'latin1'),
  'zip-ends': (size) => Buffer.from(repeated('PK\u0005\u0006', size), 'latin1'),
  'token-dots': (size) => utf8(repeated('.', size)),
  'token-payload': (size) => utf8(`${header}.${payload(list('[]', (size * 3) / 4))}.AA`),
  'token-header': (size) => utf8(`${payload(list('{}', (size * 3) / 4))}.AA.AA.AA.AA`),
  'pem-begins': (size) => utf8(repeated('-----BEGIN CERTIFICATE-----\n', size)),
  'cookie-pairs': (size) => utf8(repeated('a=b; ', size)),
  zeros: (size) => new Uint8Array(size),
};
