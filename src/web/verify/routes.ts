import { createHash } from 'node:crypto';
import type { Express, Request, Response } from 'express';
import { defined } from '../../core/defined.ts';
import { JitsuinError } from '../../core/errors.ts';
import { composedName, fileNameFault, sameNames } from '../../core/forms/file-names.ts';
import type { Form } from '../../core/forms/form.ts';
import { isZip, type Unpacked } from '../../core/forms/package.ts';
import type {
  SignedElementSelector,
  XmlSignatureProfileName,
} from '../../core/xmldsig/prepared-signature.ts';
import {
  DEFAULT_PROFILE,
  isXmlSignatureProfileName,
  XML_SIGNATURE_PROFILES,
} from '../../core/xmldsig/profile-table.ts';
import { concurrencyLimit } from '../../http/concurrency-limit.ts';
import { packedForm, type Unpack } from '../../http/packed-form.ts';
import type { Log } from '../../ports/log.ts';
import { browserErrors, browserRoute } from '../applicant/browser-route.ts';
import { uploadBody, uploadedForm } from '../upload.ts';
import { receiversForms } from './form-choice.ts';
import type { JudgeDocument, SentFile } from './judgement.ts';
import { reportPage, uploadPage } from './pages.ts';

interface VerifyPages {
  readonly judge: JudgeDocument;
  /** What the reader's own browser judges with; a whole page with a policy of its own. */
  readonly offlinePage?: string;
  readonly log: Log;
  /** Octets of a document; of all that a ZIP unpacks to, twice as many. */
  readonly bodyLimit: number;
  readonly unpack: Unpack;
}

/** Uploads being read or judged. */
const MOST_AT_ONCE = 8;

/** `/verify`: anyone brings a signed document and reads the report; nothing is stored or logged of it. */
export function verifyRoutes(app: Express, pages: VerifyPages): void {
  const { offlinePage } = pages;
  if (offlinePage !== undefined) offlineRoute(app, offlinePage);
  app.get(
    '/verify',
    browserRoute(pages.log, async (_request, response) => {
      response.type('html').send(uploadPage(offlinePage !== undefined));
    }),
  );
  app.post(
    '/verify',
    concurrencyLimit(MOST_AT_ONCE),
    uploadBody(pages.bodyLimit),
    browserRoute(pages.log, (request, response) => verify(pages, request, response)),
  );
  app.use('/verify', browserErrors(pages.log));
}

/** The page says itself what it may do, and that is less than our pages may. */
function offlineRoute(app: Express, page: string): void {
  const [, policy = "default-src 'none'"] = /Content-Security-Policy" content="([^"]+)"/.exec(page) ?? [];
  app.get('/verify/offline.html', (_request, response) => {
    response.set('Content-Security-Policy', `${policy}; frame-ancestors 'none'`);
    response.type('html').send(page);
  });
}

async function verify(pages: VerifyPages, request: Request, response: Response): Promise<void> {
  const { judge } = pages;
  const { fields, file, fileName, beside = [] } = await uploadedForm(request, 'files-beside');
  if (file === undefined)
    throw new JitsuinError('http.body', 'No file was chosen: the field "file" is empty.', { at: 'file' });
  const chosen = fields['profile'] ?? DEFAULT_PROFILE;
  const form = receiversForms().find(({ name }) => name === chosen);
  if (form !== undefined) {
    const sent = isZip(file)
      ? fromZip(pages, form, { octets: file, beside })
      : { document: file, documentName: fileName, files: beside };
    const { document: octets, documentName, files } = sent;
    const inForm = defined({ name: form.name, documentName, files: sentFiles(files) });
    response.type('html').send(reportPage(await judge({ octets, profile: DEFAULT_PROFILE, inForm })));
    return;
  }
  const profile = profileOf(chosen);
  const judgement = await judge({ octets: file, profile, ...elementOf(fields['element'], profile) });
  response.type('html').send(reportPage(judgement));
}

/** A ZIP is the form's container, and then all that was sent. */
function fromZip(
  { unpack, bodyLimit }: VerifyPages,
  form: Form,
  { octets, beside }: { readonly octets: Uint8Array; readonly beside: readonly unknown[] },
): Unpacked {
  if (form.container === undefined)
    throw new JitsuinError('http.body', `Form ${form.name} has no ZIP: choose the document and its files.`, {
      at: 'zip',
    });
  if (beside.length > 0)
    throw new JitsuinError('http.body', 'A ZIP holds its own files: send it alone.', { at: 'zip' });
  return packedForm(unpack, octets, form, { entries: MOST_FILES, file: bodyLimit, total: 2 * bodyLimit });
}

const MOST_FILES = 64;

/** Digests instead of octets: what is judged in a thread of its own need not be sent there. */
function sentFiles(
  beside: readonly { readonly name: string; readonly octets: Uint8Array }[],
): readonly SentFile[] {
  if (beside.length > MOST_FILES)
    throw new JitsuinError('http.body', `More than ${MOST_FILES} files were sent.`, { at: 'files' });
  const files = beside.map(({ name, octets }) => {
    const fault = fileNameFault(composedName(name));
    if (fault !== undefined)
      throw new JitsuinError('http.body', `The name of a file ${fault}: rename it.`, { at: 'files' });
    const digest = (word: string) => createHash(word).update(octets).digest();
    return {
      name: composedName(name),
      length: octets.length,
      digests: { sha256: digest('sha256'), sha384: digest('sha384'), sha512: digest('sha512') },
    };
  });
  if (sameNames(files.map(({ name }) => name)) === undefined) return files;
  throw new JitsuinError('http.body', 'Two files have names that could be taken for one another.', {
    at: 'files',
  });
}

function profileOf(name: string): XmlSignatureProfileName {
  if (isXmlSignatureProfileName(name)) return name;
  throw new JitsuinError(
    'http.body',
    'The field "profile" names a form that is not offered here: choose one of the list.',
    { at: 'profile' },
  );
}

/** A name, `{namespace}name`, or with profile by-id the Id itself. */
function elementOf(
  text: string | undefined,
  profile: XmlSignatureProfileName,
): { readonly signedElement?: SignedElementSelector } {
  const name = text?.trim() ?? '';
  if (name === '') return {};
  return {
    signedElement:
      XML_SIGNATURE_PROFILES[profile].target.kind === 'id' ? { id: name.replace(/^#/, '') } : { name },
  };
}
