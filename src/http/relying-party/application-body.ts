import type { Request } from 'express';
import type { FormName, SignatureProfileName } from '../../core/brand.ts';
import { JitsuinError } from '../../core/errors.ts';
import { type AttachedFile, expectFileNames } from '../../core/forms/attached-files.ts';
import type { Form } from '../../core/forms/form.ts';
import { formOf } from '../../core/forms/kept-form.ts';
import { isXmlSignatureProfileName } from '../../core/xmldsig/profile-table.ts';
import { bodyOctets } from '../body.ts';
import { formParts } from '../multipart.ts';
import { packedForm } from '../packed-form.ts';
import type { RelyingPartyApi } from './api.ts';

export const XML_TYPES = ['application/xml', 'text/xml'] as const;
export const FILE_TYPE = 'application/octet-stream';
export const MULTIPART = 'multipart/form-data';
export const ZIP_TYPE = 'application/zip';

/** What a request brings to be signed. */
interface ApplicationBody {
  readonly profile: SignatureProfileName;
  /** Empty where only files are signed. */
  readonly document: Uint8Array;
  readonly files: readonly AttachedFile[];
}

/** Beside documents and files: boundaries, headers, the directory of a ZIP. */
const ROOM = 512;
const ROOM_ONCE = 64 * 1024;

/** The longest body that can be within the limits. */
export function packageLimit({ bodyLimit, files }: Pick<RelyingPartyApi, 'bodyLimit' | 'files'>): number {
  return bodyLimit + files.total + files.most * ROOM + ROOM_ONCE;
}

/**
 * The document and the files of a request: XML or octets alone; with a form also `multipart/form-data` (`document`, and
 * each file as `files`, under the name by which it is signed) or the ZIP of the form's container (octets too).
 * @throws JitsuinError `http.media-type`, `http.body`, `http.body-size`, `xmldsig.profile`, `xmldsig.file`
 */
export function applicationBody(
  api: RelyingPartyApi,
  request: Request,
  asked: { readonly profile?: SignatureProfileName | undefined; readonly form?: string | undefined },
): ApplicationBody {
  const { profile: named, form: formName } = asked;
  if (named !== undefined && formName !== undefined)
    throw new JitsuinError('http.body', 'Give "profile" or "form", not both.', { at: 'form' });
  if (formName === undefined || formName === 'detached' || isXmlSignatureProfileName(formName)) {
    const profile = named ?? (formName as SignatureProfileName | undefined) ?? api.rp.settings.profile;
    refuseWrongMediaType(request, profile);
    return { profile, document: bodyOctets(request), files: [] };
  }
  const form = formOf(api.rp.forms, formName);
  return { profile: form.name as FormName, ...inForm(api, request, form) };
}

function inForm(api: RelyingPartyApi, request: Request, form: Form): Omit<ApplicationBody, 'profile'> {
  const octets = bodyOctets(request);
  if (request.is([...XML_TYPES]) !== false) {
    refuseCharset(request);
    return { document: octets, files: [] };
  }
  if (request.is(MULTIPART) !== false) return withinLimits(api, form, fromParts(api, request, octets));
  if (request.is([ZIP_TYPE, FILE_TYPE]) === false)
    throw new JitsuinError(
      'http.media-type',
      `A form takes ${[...XML_TYPES, MULTIPART, ZIP_TYPE].join(', ')}.`,
      { at: 'Content-Type' },
    );
  return withinLimits(api, form, fromZip(api, octets, form));
}

type Given = Omit<ApplicationBody, 'profile'>;

function fromParts({ files: { most } }: RelyingPartyApi, request: Request, octets: Uint8Array): Given {
  const parts = formParts(octets, request.get('Content-Type') ?? '', most + 2);
  const strange = parts.find(({ name }) => name !== 'document' && name !== 'files');
  if (strange !== undefined)
    throw new JitsuinError('http.body', 'A part is neither "document" nor "files".', { at: 'body' });
  const [document, second] = parts.filter(({ name }) => name === 'document');
  if (second !== undefined)
    throw new JitsuinError('http.body', 'More than one "document" was sent: send one.', { at: 'document' });
  const files = parts
    .filter(({ name }) => name === 'files')
    .map(({ fileName, octets: content }) => {
      if (fileName === undefined || fileName === '')
        throw new JitsuinError('http.body', 'A part "files" has no file name.', { at: 'files' });
      return { name: fileName, octets: content };
    });
  return { document: document?.octets ?? new Uint8Array(), files };
}

function fromZip(
  { unpack, bodyLimit, files: limits }: RelyingPartyApi,
  octets: Uint8Array,
  form: Form,
): Given {
  if (form.container === undefined)
    throw new JitsuinError('http.media-type', `Form ${form.name} has no ZIP: send ${MULTIPART}.`, {
      at: 'Content-Type',
    });
  const file = Math.max(limits.file, bodyLimit);
  const most = { entries: limits.most + 2, file, total: limits.total + bodyLimit };
  return packedForm(unpack, octets, form, most);
}

function withinLimits({ bodyLimit, files: limits }: RelyingPartyApi, form: Form, given: Given): Given {
  const { document, files } = given;
  if (document.length > bodyLimit)
    throw tooLarge(
      `The document has ${document.length} octets; at most ${bodyLimit} are taken`,
      'JITSUIN_BODY_LIMIT',
    );
  if (files.length > limits.most)
    throw tooLarge(`There are ${files.length} files; at most ${limits.most} are taken`, 'JITSUIN_FILES_MOST');
  const large = files.find(({ octets }) => octets.length > limits.file);
  if (large !== undefined)
    throw tooLarge(
      `A file has ${large.octets.length} octets; at most ${limits.file} are taken`,
      'JITSUIN_FILE_LIMIT',
    );
  const total = files.reduce((sum, { octets }) => sum + octets.length, 0);
  if (total > limits.total)
    throw tooLarge(
      `The files have ${total} octets; at most ${limits.total} are taken`,
      'JITSUIN_FILES_LIMIT',
    );
  return { document, files: expectFileNames(files, form.container?.document) };
}

function tooLarge(what: string, variable: string): JitsuinError {
  return new JitsuinError('http.body-size', `${what} (${variable}).`, { at: 'files' });
}

/** XML for the XML profiles, octets for `detached`. */
function refuseWrongMediaType(request: Request, profile: SignatureProfileName): void {
  const wanted = profile === 'detached' ? [FILE_TYPE] : [...XML_TYPES];
  if (request.is(wanted) === false) throw wrongType(profile, wanted);
  refuseCharset(request, profile);
}

/** Text is never transcoded, so that only UTF-8 may be declared. */
function refuseCharset(request: Request, profile?: string): void {
  const charset = /;\s*charset="?([^";\s]+)/i.exec(request.get('Content-Type') ?? '')?.[1];
  if (charset === undefined || /^utf-8$/i.test(charset)) return;
  throw wrongType(profile ?? 'form', XML_TYPES);
}

function wrongType(profile: string, wanted: readonly string[]): JitsuinError {
  return new JitsuinError(
    'http.media-type',
    `The profile "${profile}" takes ${wanted.join(' or ')} in UTF-8.`,
    { at: 'Content-Type' },
  );
}
