import type { Express, Request, Response } from 'express';
import { JitsuinError } from '../../core/errors.ts';
import type {
  SignedElementSelector,
  XmlSignatureProfileName,
} from '../../core/xmldsig/prepared-signature.ts';
import { isXmlSignatureProfileName } from '../../core/xmldsig/profile-table.ts';
import { concurrencyLimit } from '../../http/concurrency-limit.ts';
import type { Log } from '../../ports/log.ts';
import { browserErrors, browserRoute } from '../applicant/browser-route.ts';
import { uploadBody, uploadedForm } from '../upload.ts';
import type { JudgeDocument } from './judgement.ts';
import { reportPage, uploadPage } from './pages.ts';

interface VerifyPages {
  readonly judge: JudgeDocument;
  readonly log: Log;
  /** Octets of a document. */
  readonly bodyLimit: number;
}

/** Uploads being read or judged. */
const MOST_AT_ONCE = 8;

/** `/verify`: anyone brings a signed document and reads the report; nothing is stored or logged of it. */
export function verifyRoutes(app: Express, pages: VerifyPages): void {
  const { judge } = pages;
  app.get(
    '/verify',
    browserRoute(pages.log, async (_request, response) => {
      response.type('html').send(uploadPage());
    }),
  );
  app.post(
    '/verify',
    concurrencyLimit(MOST_AT_ONCE),
    uploadBody(pages.bodyLimit),
    browserRoute(pages.log, (request, response) => verify(judge, request, response)),
  );
  app.use('/verify', browserErrors(pages.log));
}

async function verify(judge: JudgeDocument, request: Request, response: Response): Promise<void> {
  const { fields, file } = await uploadedForm(request);
  if (file === undefined)
    throw new JitsuinError('http.body', 'No file was chosen: the field "file" is empty.', { at: 'file' });
  const profile = profileOf(fields['profile'] ?? 'enveloped');
  const judgement = await judge({ octets: file, profile, ...elementOf(fields['element'], profile) });
  response.type('html').send(reportPage(judgement));
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
  return { signedElement: profile === 'by-id' ? { id: name.replace(/^#/, '') } : { name } };
}
