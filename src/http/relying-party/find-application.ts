import type { Request, Response } from 'express';
import type { ApplicationId } from '../../core/brand.ts';
import { JitsuinError } from '../../core/errors.ts';
import type { Application } from '../../core/sign-transaction/application.ts';
import type { ApplicationGlance, ApplicationStore } from '../../ports/application-store.ts';
import { tenantOf } from '../tenants.ts';

const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The `:id` of a route, or undefined when it has not the form of one (no look-up then). */
export function applicationIdOf(request: Request): ApplicationId | undefined {
  const id = request.params['id'];
  return typeof id === 'string' && ID.test(id) ? (id as ApplicationId) : undefined;
}

/** A text that has the form of an application's id, for cursors. */
export function isApplicationId(text: string): text is ApplicationId {
  return ID.test(text);
}

/**
 * The application of the route that belongs to the caller. Another tenant's is not there. @throws JitsuinError
 * `http.not-found`
 */
export async function ownApplication(
  store: ApplicationStore,
  request: Request,
  response: Response,
): Promise<Application> {
  return there(request, (id) => store.get(id, tenantOf(response)));
}

/** The same as its tenant may look at it. @throws JitsuinError `http.not-found` */
export async function ownGlance(
  store: ApplicationStore,
  request: Request,
  response: Response,
): Promise<ApplicationGlance> {
  return there(request, (id) => store.glance(id, tenantOf(response)));
}

async function there<Found>(
  request: Request,
  find: (id: ApplicationId) => Promise<Found | undefined>,
): Promise<Found> {
  const id = applicationIdOf(request);
  const found = id === undefined ? undefined : await find(id);
  if (found === undefined)
    throw new JitsuinError('http.not-found', 'No application of this API key has this id.');
  return found;
}
