import type { Request, Response } from 'express';
import type { VerificationId } from '../../../core/brand.ts';
import { JitsuinError } from '../../../core/errors.ts';
import type { Verification } from '../../../core/sign-transaction/verification.ts';
import { UUID } from '../../../core/uuid.ts';
import { tenantOf } from '../../../http/tenants.ts';
import type { PlatformOperator } from '../../../pf/platform-operator.ts';

/** Another tenant's id is as unknown as one that never was (catalogue A1). */
export async function ownVerification(
  operator: PlatformOperator,
  request: Request,
  response: Response,
  extent: 'whole' | 'glance' = 'whole',
): Promise<Verification> {
  const id = String(request.params['id'] ?? '');
  const { verifications } = operator;
  const read = extent === 'whole' ? verifications.get : verifications.glance;
  const found = UUID.test(id)
    ? await read.call(verifications, id as VerificationId, tenantOf(response))
    : undefined;
  if (found === undefined)
    throw new JitsuinError('http.not-found', 'No verification of this tenant has this id.');
  return found;
}

/** The same, unless it was deleted. @throws JitsuinError `http.not-found`, `verification.deleted` */
export async function livingVerification(
  operator: PlatformOperator,
  request: Request,
  response: Response,
  extent?: 'glance',
): Promise<Verification> {
  const found = await ownVerification(operator, request, response, extent);
  if (found.deletedAt === undefined) return found;
  throw new JitsuinError('verification.deleted', 'The verification was deleted.');
}
