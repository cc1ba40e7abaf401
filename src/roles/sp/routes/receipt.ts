import type { Express } from 'express';
import type { ApplicationReceiptView } from '../../../contracts/public-api.ts';
import { JitsuinError } from '../../../core/errors.ts';
import { isFinal } from '../../../core/sign-transaction/machine.ts';
import type { RelyingPartyApi } from '../../../http/relying-party/api.ts';
import { ownApplication } from '../../../http/relying-party/find-application.ts';
import { authenticate } from '../../../http/tenants.ts';

/** `GET /v1/applications/{id}/receipt`: what an sp may keep and show: no certificate, nothing derived from one. */
export function receiptRoute(app: Express, api: RelyingPartyApi): void {
  app.get('/v1/applications/:id/receipt', authenticate(api.tenants), async (request, response) => {
    const { id, state, verificationId, secrets } = await ownApplication(
      api.rp.applications,
      request,
      response,
    );
    if (!isFinal(state))
      throw new JitsuinError(
        'transaction.state',
        'The platform operator has not decided yet: ask when state is a final one.',
      );
    const receipt = secrets?.receipt;
    if (receipt === undefined || verificationId === undefined) {
      throw new JitsuinError(
        'http.not-found',
        'The platform operator gave no receipt for this application: it ended without a verdict.',
      );
    }
    const view: ApplicationReceiptView = { id, verification_id: verificationId, receipt };
    response.json(view);
  });
}
