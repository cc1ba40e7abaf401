import type { Express, Request, Response } from 'express';
import {
  reportQuerySchema,
  type VerificationBatchAnswer,
  type VerificationList,
  verificationBatchSchema,
  verificationListQuerySchema,
  verificationStatusQuerySchema,
  verificationSubmissionSchema,
} from '../../../contracts/verification.ts';
import type { EpochMillis, VerificationId } from '../../../core/brand.ts';
import { defined } from '../../../core/defined.ts';
import { asJitsuinError, JitsuinError } from '../../../core/errors.ts';
import { octetsBody } from '../../../http/body.ts';
import { readQuery } from '../../../http/read-query.ts';
import { correlationIdOf } from '../../../http/request-context.ts';
import { strictBody } from '../../../http/strict-body.ts';
import { authenticate, type TenantJudge, tenantOf } from '../../../http/tenants.ts';
import { waitingRoom } from '../../../http/waiting.ts';
import type { PlatformOperator } from '../../../pf/platform-operator.ts';
import { submitVerification } from '../../../pf/submit-verification.ts';
import { requireItem } from '../../../pf/tenant-rights.ts';
import { sealedVerificationReport, verificationReport } from '../../../pf/verification-report.ts';
import { reportView } from '../../../verification/report-view.ts';
import { sendReport } from '../../../web/validation-report/send-report.ts';
import { verificationView } from '../verification-view.ts';
import { contractRoutes } from './contract-routes.ts';
import { livingVerification } from './own-verification.ts';

/** The sp-facing API. Every route asks for the tenant before anything of the request is read; nothing is ever open. */
export function verificationRoutes(
  app: Express,
  operator: PlatformOperator,
  judge: TenantJudge,
  bodyLimit: number,
): void {
  const tenant = authenticate(judge);
  app.post('/v1/verifications', tenant, octetsBody(bodyLimit, ['application/json']), submit(operator));
  app.post(
    '/v1/verification-batches',
    tenant,
    octetsBody(bodyLimit, ['application/json']),
    submitBatch(operator),
  );
  contractRoutes(app, operator, judge);
  const room = waitingRoom(app);
  app.get('/v1/verifications', tenant, list(operator));
  app.get('/v1/verifications/:id', tenant, async (request: Request, response: Response) => {
    const asked = readQuery(verificationStatusQuerySchema, request);
    const verification = await room.until(
      response,
      { seconds: asked.wait ?? 0, tenant: tenantOf(response) },
      () => livingVerification(operator, request, response, 'glance'),
      ({ state }) => state !== 'received',
    );
    const receipt = asked.with === 'receipt' ? verification.receipt : undefined;
    response.json(defined({ ...verificationView(verification), receipt }));
  });
  app.get('/v1/verifications/:id/report', tenant, report(operator));
  app.get('/v1/verifications/:id/receipt', tenant, async (request: Request, response: Response) => {
    const { id, receipt } = await livingVerification(operator, request, response);
    if (receipt === undefined) {
      throw new JitsuinError('transaction.state', 'The verification is not decided, so there is no receipt.');
    }
    response.json({ id, receipt });
  });
  app.get('/v1/verifications/:id/log-proof', tenant, async (request: Request, response: Response) => {
    const { publicLog } = operator;
    if (publicLog === undefined) throw new JitsuinError('http.not-found', 'This operator has no public log.');
    const { id, receipt } = await livingVerification(operator, request, response);
    const proof =
      receipt === undefined ? undefined : await publicLog.proof({ kind: 'receipt', id, content: receipt });
    if (proof === undefined) {
      throw new JitsuinError('transaction.state', 'The receipt is in no entry of the public log yet.');
    }
    response.json(proof);
  });
}

function report(operator: PlatformOperator) {
  return async (request: Request, response: Response) => {
    const { format } = readQuery(reportQuerySchema, request);
    const verification = await livingVerification(operator, request, response);
    if (format !== 'json') {
      const { facts, xml } = await sealedVerificationReport(operator, verification);
      return sendReport(response, format, facts, xml);
    }
    const facts = await verificationReport(operator, verification);
    const { id, result = 'INDETERMINATE' } = verification;
    response.json(reportView(id, result, facts));
  };
}

function submit(operator: PlatformOperator) {
  return async (request: Request, response: Response) => {
    const submission = strictBody(verificationSubmissionSchema, request);
    const { verification, kind } = await submitVerification(operator, tenantOf(response), submission, {
      correlationId: correlationIdOf(response),
    });
    const status = kind === 'accepted' ? 202 : 200;
    response
      .status(status)
      .location(`/v1/verifications/${verification.id}`)
      .json(verificationView(verification));
  };
}

/** One after the other: each is accepted or refused as if it had come alone. */
function submitBatch(operator: PlatformOperator) {
  return async (request: Request, response: Response) => {
    const batch = strictBody(verificationBatchSchema, request);
    const context = { correlationId: correlationIdOf(response) };
    const items: VerificationBatchAnswer['items'] = [];
    for (const submission of batch.items) {
      const { submission_id } = submission;
      try {
        const { verification } = await submitVerification(operator, tenantOf(response), submission, context);
        items.push({ submission_id, verification: verificationView(verification) });
      } catch (thrown) {
        const { code, kind } = asJitsuinError(thrown);
        // What would end the request alone ends the batch too: what was accepted before is there when it is sent again.
        if (kind === 'internal' || kind === 'temporary') throw thrown;
        items.push({ submission_id, problem: code });
      }
    }
    const answer: VerificationBatchAnswer = { items };
    response.json(answer);
  };
}

function list(operator: PlatformOperator) {
  return async (request: Request, response: Response) => {
    const query = readQuery(verificationListQuerySchema, request);
    const { cursor, limit, state, submission_id, subject_id, from, until } = query;
    const tenant = tenantOf(response);
    if (subject_id !== undefined) requireItem(operator.tenants, tenant, 'subject-id');
    const instant = (text: string | undefined) =>
      text === undefined ? undefined : (Date.parse(text) as EpochMillis);
    const found = await operator.verifications.list(
      defined({
        tenant,
        limit: limit + 1,
        after: cursor === undefined ? undefined : (cursor as VerificationId),
        states: state === undefined ? undefined : [state],
        submissionKey: submission_id,
        subjectId: subject_id,
        from: instant(from),
        until: instant(until),
      }),
    );
    const items = found.slice(0, limit).map(verificationView);
    const last = items.at(-1);
    const more = found.length > limit && last !== undefined;
    const page: VerificationList = defined({
      items,
      next_cursor: more ? last.id : undefined,
    });
    response.json(page);
  };
}
