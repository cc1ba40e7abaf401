import { APPLICATION_OPERATIONS, GOV_OPERATIONS, SP_OPERATIONS } from './applications.ts';
import type { ApiRole, Operation } from './operation.ts';
import { LOGOUT_OPERATION, SERVICE_OPERATIONS } from './service.ts';
import { PF_OPERATIONS } from './verifications.ts';
import { WEBHOOK_OPERATIONS } from './webhooks.ts';

const RELYING_PARTY = [...APPLICATION_OPERATIONS, ...WEBHOOK_OPERATIONS];

/** Every operation of a role's HTTP API. The citizen's pages are not an API and not here. */
export const OPERATIONS: Readonly<Record<ApiRole, readonly Operation[]>> = {
  sp: [...RELYING_PARTY, ...SP_OPERATIONS, LOGOUT_OPERATION, ...SERVICE_OPERATIONS],
  gov: [...RELYING_PARTY, ...GOV_OPERATIONS, LOGOUT_OPERATION, ...SERVICE_OPERATIONS],
  pf: [...PF_OPERATIONS, ...WEBHOOK_OPERATIONS, ...SERVICE_OPERATIONS],
};
