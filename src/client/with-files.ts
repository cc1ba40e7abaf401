import type { Octets } from './operation-entry.ts';

/** A file beside a document, under the name by which it is signed. */
export interface FileBeside {
  readonly name: string;
  readonly content: Octets;
}

/** A body of `createApplication` with its media type, which goes into the call's options. */
export interface PackedBody {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly mediaType: string;
}

/**
 * A document with the files beside it as `createApplication` takes them with a `form` (multipart/form-data, RFC 7578).
 * The same files give the same octets, so that a repeated request is known by its Idempotency-Key.
 * @param document undefined where the form signs files alone
 */
export async function withFiles(
  document: Octets | undefined,
  files: readonly FileBeside[],
): Promise<PackedBody> {
  const contents = [...(document === undefined ? [] : [document]), ...files.map(({ content }) => content)];
  const boundary = `jitsuin-${await digestOf(contents.map(octetsOf))}`;
  const parts = [
    ...(document === undefined ? [] : [part(boundary, 'document', 'document.xml', document)]),
    ...files.map(({ name, content }) => part(boundary, 'files', name, content)),
  ];
  const body = joined([...parts.flat(), new TextEncoder().encode(`--${boundary}--\r\n`)]);
  return { body, mediaType: `multipart/form-data; boundary=${boundary}` };
}

function part(boundary: string, field: string, name: string, content: Octets): readonly Uint8Array[] {
  const fileName = name.replace(/["\r\n]/g, (character) => encodeURIComponent(character));
  const disposition = `Content-Disposition: form-data; name="${field}"; filename="${fileName}"`;
  const head = `--${boundary}\r\n${disposition}\r\nContent-Type: application/octet-stream\r\n\r\n`;
  return [new TextEncoder().encode(head), octetsOf(content), new TextEncoder().encode('\r\n')];
}

/** Of all contents: no content holds it but by intent, and such a body is refused. */
async function digestOf(contents: readonly Uint8Array[]): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', joined(contents)));
  return Array.from(hash.subarray(0, 16), (octet) => octet.toString(16).padStart(2, '0')).join('');
}

function octetsOf(content: Octets): Uint8Array {
  return typeof content === 'string' ? new TextEncoder().encode(content) : content;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
