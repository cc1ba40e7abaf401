import type { Express, Request, Response } from 'express';
import type { ApplicationReportView } from '../../../contracts/public-api.ts';
import { defined } from '../../../core/defined.ts';
import { JitsuinError } from '../../../core/errors.ts';
import type { Application } from '../../../core/sign-transaction/application.ts';
import { isFinal } from '../../../core/sign-transaction/machine.ts';
import type { RelyingPartyApi } from '../../../http/relying-party/api.ts';
import { ownApplication } from '../../../http/relying-party/find-application.ts';
import { authenticate } from '../../../http/tenants.ts';
import type { EvidenceStore } from '../../../ports/evidence-store.ts';
import { evidencePart } from '../../../verifier/evidence/read-evidence.ts';
import { recordedDecision } from '../../../verifier/evidence/verify-evidence.ts';

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
    const { application, octets } = await evidenceOf(request, response);
    response.json(reportView(application, octets));
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

function reportView(application: Application, octets: Uint8Array): ApplicationReportView {
  const { report, result, signedOctetsSha256 } = recordedDecision(octets);
  return defined({
    id: application.id,
    result,
    indication: report.indication,
    sub_indication: report.subIndication,
    signed_octets_sha256: signedOctetsSha256,
    validation_time: new Date(report.validationTime).toISOString(),
    checks: report.checks.map(({ name, result: outcome, code, subIndication }) =>
      defined({
        name,
        result: outcome,
        code,
        sub_indication: subIndication,
      }),
    ),
  });
}
