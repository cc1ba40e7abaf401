import express, { type Request, type RequestHandler } from 'express';
import { JitsuinError } from '../core/errors.ts';
import { refuseDeclaredLength } from '../http/body.ts';

const MULTIPART = 'multipart/form-data';
/** Beside the file itself: boundaries, names, the other fields. */
const FORM_OCTETS = 16 * 1024;

/** A form with at most one file. */
export interface UploadedForm {
  readonly fields: Readonly<Record<string, string>>;
  readonly file?: Uint8Array;
  /** Its name, as it was sent. */
  readonly fileName?: string;
  /** Files of the field `files`, where they are asked for. */
  readonly beside?: readonly { readonly name: string; readonly octets: Uint8Array }[];
}

/** Reads a whole form with a file of up to `limit` octets (RFC 7578); nothing is written to disk. */
export function uploadBody(limit: number): RequestHandler {
  const read = express.raw({ limit: limit + FORM_OCTETS, type: MULTIPART, inflate: false });
  return (request, response, next) => {
    if (!request.is(MULTIPART)) {
      throw new JitsuinError('http.media-type', `Content-Type must be ${MULTIPART}.`, { at: 'Content-Type' });
    }
    refuseDeclaredLength(request, response, limit + FORM_OCTETS);
    return read(request, response, next);
  };
}

/**
 * @param take `files-beside`: any number of files in the field `files` too
 * @throws JitsuinError `http.body` for what is no form, or has two files
 */
export async function uploadedForm(
  request: Request,
  take: 'one-file' | 'files-beside' = 'one-file',
): Promise<UploadedForm> {
  const form = await parsed(request);
  const fields: Record<string, string> = {};
  const files: File[] = [];
  const beside: { name: string; octets: Uint8Array }[] = [];
  for (const [name, value] of form) {
    if (typeof value === 'string') fields[name] = value;
    else if (value.name !== '' && take === 'files-beside' && name === 'files')
      beside.push({ name: value.name, octets: new Uint8Array(await value.arrayBuffer()) });
    else if (value.size > 0) files.push(value);
  }
  const [file, second] = files;
  if (second !== undefined)
    throw new JitsuinError('http.body', 'More than one file was sent: send one.', { at: 'file' });
  if (file === undefined) return { fields, beside };
  return { fields, file: new Uint8Array(await file.arrayBuffer()), fileName: file.name, beside };
}

async function parsed(request: Request): Promise<FormData> {
  const body: unknown = request.body;
  const octets = body instanceof Uint8Array ? new Uint8Array(body) : new Uint8Array(0);
  try {
    const headers = { 'content-type': request.get('Content-Type') ?? '' };
    return await new Response(octets, { headers }).formData();
  } catch (cause) {
    throw new JitsuinError(
      'http.body',
      'The form could not be read: it is not multipart/form-data as RFC 7578 has it, or was cut.',
      { cause },
    );
  }
}
