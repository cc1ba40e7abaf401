import type { Express, Request, Response } from 'express';
import { reportQuerySchema } from '../../../contracts/verification.ts';
import { JitsuinError } from '../../../core/errors.ts';
import type { Application } from '../../../core/sign-transaction/application.ts';
import { isFinal } from '../../../core/sign-transaction/machine.ts';
import { etsiReport } from '../../../core/validation-report/etsi-report.ts';
import { readQuery } from '../../../http/read-query.ts';
import type { RelyingPartyApi } from '../../../http/relying-party/api.ts';
import { ownApplication } from '../../../http/relying-party/find-application.ts';
import { authenticate } from '../../../http/tenants.ts';
import type { EvidenceStore } from '../../../ports/evidence-store.ts';
import { reportView } from '../../../verification/report-view.ts';
import { evidencePart } from '../../../verifier/evidence/read-evidence.ts';
import { recordedDecision } from '../../../verifier/evidence/verify-evidence.ts';
import { plainReportFacts } from '../../../verifier/report/report-facts.ts';
import { sendReport } from '../../../web/validation-report/send-report.ts';

/**
 * What only an agency has: the signed XML as it was assembled and judged, the report of every check, and the
 * evidence record that decides again offline (`jitsuin evidence verify`).
 */
export function evidenceRoutes(
  app: Express,
  api: Pick<RelyingPartyApi, 'tenants' | 'publicUrl'> & {
    readonly rp: Pick<RelyingPartyApi['rp'], 'applications'>;
    readonly evidence: EvidenceStore;
  },
): void {
  const path = '/v1/applications/:id';
  const authenticated = authenticate(api.tenants);
  const forEvidence = authenticate(api.tenants, { get: 'evidence' });
  const evidenceOf = async (request: Request, response: Response) => {
    const application = await ownApplication(api.rp.applications, request, response);
    return { application, octets: await decidedEvidence(api.evidence, application) };
  };
  app.get(`${path}/document`, forEvidence, async (request, response) => {
    const { octets } = await evidenceOf(request, response);
    const document = evidencePart(octets, 'finished-document');
    if (document === undefined)
      throw new JitsuinError(
        'http.not-found',
        'This application has no signed document: a file was signed, or the signature was not right.',
      );
    response.type('application/xml').send(Buffer.from(document));
  });
  app.get(`${path}/report`, authenticated, async (request, response) => {
    const { format } = readQuery(reportQuerySchema, request);
    const { application, octets } = await evidenceOf(request, response);
    const facts = plainReportFacts(application.id, octets);
    if (format !== 'json') return sendReport(response, format, facts, { text: etsiReport([facts]) });
    response.json(reportView(application.id, recordedDecision(octets).result, facts));
  });
  app.get(`${path}/evidence`, forEvidence, async (request, response) => {
    const { octets } = await evidenceOf(request, response);
    response.type('application/json').send(Buffer.from(octets));
  });
}

async function decidedEvidence(store: EvidenceStore, application: Application): Promise<Uint8Array> {
  const { state, verdict, tenant } = application;
  if (!isFinal(state))
    throw new JitsuinError('transaction.state', 'It is not decided yet: ask when state is a final one.');
  const octets = verdict === undefined ? undefined : await store.get(verdict.reference, tenant);
  if (octets === undefined)
    throw new JitsuinError(
      'http.not-found',
      'No evidence is kept of this application: it ended without a verdict.',
    );
  return octets;
}
