import type { Express, Request, RequestHandler, Response } from 'express';
import { contentRequestSchema, statementQuerySchema } from '../../../contracts/verification.ts';
import { JitsuinError } from '../../../core/errors.ts';
import { octetsBody } from '../../../http/body.ts';
import { readQuery } from '../../../http/read-query.ts';
import { strictBody } from '../../../http/strict-body.ts';
import { authenticate, type TenantJudge, tenantOf } from '../../../http/tenants.ts';
import { certificateFacts } from '../../../pf/certificate-facts.ts';
import { deleteVerification } from '../../../pf/delete-verification.ts';
import type { PlatformOperator } from '../../../pf/platform-operator.ts';
import { statementCsv, statementOf } from '../../../pf/statement.ts';
import { consentView, takeContent } from '../../../pf/take-content.ts';
import { livingVerification, ownVerification } from './own-verification.ts';
import { statusRoutes } from './status-routes.ts';

/**
 * What a tenant may do with its verifications afterwards: status checks, content, deletion, the statement of its
 * fees.
 */
export function contractRoutes(app: Express, operator: PlatformOperator, judge: TenantJudge): void {
  const tenant = authenticate(judge);
  const one = '/v1/verifications/:id';
  app.delete(one, tenant, async (request, response) => {
    await deleteVerification(operator, await ownVerification(operator, request, response), 'tenant');
    response.status(204).end();
  });
  app.post(
    `${one}/content`,
    tenant,
    ownOnly(operator),
    octetsBody(CONSENT_LIMIT, ['application/json']),
    content(operator),
  );
  statusRoutes(app, operator, tenant);
  app.get(`${one}/certificate`, tenant, async (request, response) => {
    response.json(await certificateFacts(operator, await livingVerification(operator, request, response)));
  });
  app.get(`${one}/consent`, tenant, async (request, response) => {
    const { id, tenant: owner } = await ownVerification(operator, request, response);
    const consent = await operator.consents.get(id, owner);
    if (consent === undefined)
      throw new JitsuinError(
        'http.not-found',
        'No consent is kept for this verification: its content was not handed out.',
      );
    response.json(consentView(consent));
  });
  app.get('/v1/statement', tenant, async (request, response) => {
    const { month, format } = readQuery(statementQuerySchema, request);
    const statement = await statementOf(operator.fees, tenantOf(response), month);
    if (format === 'json') return void response.json(statement);
    response.type('text/csv').attachment(`statement-${month}.csv`).send(statementCsv(statement));
  });
}

/** Octets of the body that tells the consent. */
const CONSENT_LIMIT = 4096;

/** Whose id it is comes before what was sent: a stranger's id is 404 whatever the body. */
function ownOnly(operator: PlatformOperator): RequestHandler {
  return async (request, response, next) => {
    await ownVerification(operator, request, response, 'glance');
    next();
  };
}

function content(operator: PlatformOperator) {
  return async (request: Request, response: Response) => {
    const asked = strictBody(contentRequestSchema, request);
    const verification = await livingVerification(operator, request, response);
    response.json(await takeContent(operator, verification, asked));
  };
}
