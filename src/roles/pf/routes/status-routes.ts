import { createHash } from 'node:crypto';
import type { Express, Request, RequestHandler, Response } from 'express';
import {
  type StatusCheckBatchAnswer,
  type StatusCheckList,
  statusCheckBatchSchema,
  statusCheckQuerySchema,
} from '../../../contracts/verification.ts';
import type { VerificationId } from '../../../core/brand.ts';
import { asJitsuinError, JitsuinError } from '../../../core/errors.ts';
import type { CheckMethod } from '../../../core/fees/price-list.ts';
import type { Verification } from '../../../core/sign-transaction/verification.ts';
import { UUID } from '../../../core/uuid.ts';
import { octetsBody } from '../../../http/body.ts';
import { idempotent } from '../../../http/idempotency.ts';
import { readQuery } from '../../../http/read-query.ts';
import { strictBody } from '../../../http/strict-body.ts';
import { tenantOf } from '../../../http/tenants.ts';
import { checkStatus, statusCheckView } from '../../../pf/check-status.ts';
import { uuidFrom } from '../../../pf/fees.ts';
import type { PlatformOperator } from '../../../pf/platform-operator.ts';
import { forgetSubject, newestOfSubject } from '../../../pf/subjects.ts';
import { livingVerification } from './own-verification.ts';

const SHOWN = 100;
/** Octets of a batch: 50 ids. */
const BATCH_LIMIT = 8192;

/** Whether certificates are still good: of a verification, of a citizen, of many; and a citizen forgotten. */
export function statusRoutes(app: Express, operator: PlatformOperator, tenant: RequestHandler): void {
  const checks = '/v1/verifications/:id/status-checks';
  const { idempotency, tenants } = operator;
  app.get(checks, tenant, async (request, response) => {
    const { id, tenant: owner } = await livingVerification(operator, request, response);
    const found = await operator.statusChecks.list(id, owner, SHOWN);
    const answer: StatusCheckList = { items: found.map((one) => statusCheckView(tenants, one)) };
    response.json(answer);
  });
  app.post(checks, tenant, refuseBadQuery, idempotent(idempotency, operator, ofVerification(operator)));
  app.post(
    '/v1/status-check-batches',
    tenant,
    octetsBody(BATCH_LIMIT, ['application/json']),
    idempotent(idempotency, operator, ofMany(operator)),
  );
  app.post(
    '/v1/subjects/:id/status-checks',
    tenant,
    refuseBadQuery,
    idempotent(idempotency, operator, ofSubject(operator)),
  );
  app.delete('/v1/subjects/:id', tenant, async (request, response) => {
    const subject = subjectOf(operator, request, response);
    if ((await forgetSubject(operator, tenantOf(response), subject)) === undefined) throw noSubject();
    response.status(204).end();
  });
}

function refuseBadQuery(request: Request, _response: Response, next: () => void): void {
  readQuery(statusCheckQuerySchema, request);
  next();
}

function methodOf(request: Request, verification: Verification): CheckMethod {
  return statusCheckQuerySchema.parse(request.query).check_method ?? verification.checkMethod;
}

async function check(
  operator: PlatformOperator,
  verification: Verification,
  method: CheckMethod,
  checkId: string,
) {
  const question = { method, checkId, purpose: 'STATUS_CHECK' as const };
  return statusCheckView(operator.tenants, await checkStatus(operator, verification, question));
}

function ofVerification(operator: PlatformOperator) {
  return async (request: Request, response: Response, checkId: string) => {
    const verification = await livingVerification(operator, request, response);
    const method = methodOf(request, verification);
    return { status: 200, body: await check(operator, verification, method, checkId) };
  };
}

/** A tenant whose contract has no `subject-id` has no such ids: whatever it sends is nobody's. */
function subjectOf({ tenants }: PlatformOperator, request: Request, response: Response): string {
  const id = String(request.params['id'] ?? '');
  if (UUID.test(id) && tenants.mayHave(tenantOf(response), 'subject-id')) return id;
  throw noSubject();
}

function noSubject(): JitsuinError {
  return new JitsuinError('http.not-found', 'No citizen of this tenant has this subject id.');
}

function ofSubject(operator: PlatformOperator) {
  return async (request: Request, response: Response, checkId: string) => {
    const subject = subjectOf(operator, request, response);
    const verification = await newestOfSubject(operator, tenantOf(response), subject);
    if (verification === undefined) throw noSubject();
    const method = methodOf(request, verification);
    return { status: 200, body: await check(operator, verification, method, checkId) };
  };
}

/** One after the other, each as if it had been asked alone. */
function ofMany(operator: PlatformOperator) {
  return async (request: Request, response: Response, requestId: string) => {
    const { verification_ids, check_method } = strictBody(statusCheckBatchSchema, request);
    const items: StatusCheckBatchAnswer['items'] = [];
    for (const [index, verification_id] of verification_ids.entries()) {
      try {
        const verification = await ownOf(operator, response, verification_id as VerificationId);
        const method = check_method ?? verification.checkMethod;
        const status_check = await check(operator, verification, method, checkIdOf(requestId, index));
        items.push({ verification_id, status_check });
      } catch (thrown) {
        const { code, kind } = asJitsuinError(thrown);
        // what would end the request alone ends the batch too; asked again under its key, it goes on
        if (kind === 'internal' || kind === 'temporary') throw thrown;
        items.push({ verification_id, problem: code });
      }
    }
    const body: StatusCheckBatchAnswer = { items };
    return { status: 200, body };
  };
}

async function ownOf(
  operator: PlatformOperator,
  response: Response,
  id: VerificationId,
): Promise<Verification> {
  const found = await operator.verifications.get(id, tenantOf(response));
  if (found === undefined)
    throw new JitsuinError('http.not-found', 'No verification of this tenant has this id.');
  if (found.deletedAt !== undefined)
    throw new JitsuinError('verification.deleted', 'The verification was deleted.');
  return found;
}

/** The same check of the same batch has the same id after a crash: it is charged once. */
function checkIdOf(requestId: string, index: number): string {
  const hash = createHash('sha256').update(`status-check ${requestId} ${index}`).digest();
  return uuidFrom(hash.subarray(0, 16));
}
