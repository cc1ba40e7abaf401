import type { Express, Request, Response } from 'express';
import type { TenantId } from '../../core/brand.ts';
import { JitsuinError } from '../../core/errors.ts';
import { correlationIdOf } from '../../http/request-context.ts';
import { receiveApplication } from '../../rp/receive-application.ts';
import { browserErrors, browserRoute } from '../applicant/browser-route.ts';
import { browserSessionOf } from '../applicant/browser-session.ts';
import { requireOwnForm } from '../applicant/own-form.ts';
import type { ApplicantPages } from '../applicant/pages.ts';
import { uploadBody, uploadedForm } from '../upload.ts';
import { sampleDocuments } from './sample-documents.ts';
import { startPage } from './start-page.ts';

interface DemoPages extends ApplicantPages {
  /** In whose name the applications are received. */
  readonly tenant: TenantId;
  readonly bodyLimit: number;
}

/** `/`: a person begins a signature without any client of the API. Only where the configuration allows it. */
export function demoRoutes(app: Express, pages: DemoPages): void {
  const samples = sampleDocuments();
  app.get(
    '/',
    browserRoute(pages.log, async (request, response) => {
      const { csrf } = await browserSessionOf(pages.rp, request, response);
      response.type('html').send(startPage([...samples.keys()], csrf));
    }),
  );
  app.post(
    '/demo/applications',
    uploadBody(pages.bodyLimit),
    browserRoute(pages.log, (request, response) => receive(pages, samples, request, response)),
  );
  app.use('/demo', browserErrors(pages.log));
}

async function receive(
  pages: DemoPages,
  samples: ReadonlyMap<string, Uint8Array>,
  request: Request,
  response: Response,
): Promise<void> {
  const { fields, file } = await uploadedForm(request);
  request.body = fields;
  const { idHash: browserHash } = await requireOwnForm(pages, request);
  const document = file ?? samples.get(fields['sample'] ?? '');
  if (document === undefined)
    throw new JitsuinError('http.body', 'Neither a sample nor a file was chosen: choose one of the two.', {
      at: 'file',
    });
  const { id } = await receiveApplication(pages.rp, {
    tenant: pages.tenant,
    document,
    browserHash,
    correlationId: correlationIdOf(response),
  });
  response.redirect(303, `/applications/${id}/sign`);
}
