import { JitsuinError } from '../core/errors.ts';
import type { Application } from '../core/sign-transaction/application.ts';
import type { RelyingParty } from './relying-party.ts';
import { step } from './step.ts';

/**
 * Ends an application before its result was fetched. One that is cancelled already is given back as it is.
 * @throws JitsuinError `transaction.state` (it has ended, or the signature is made and on its way), `store.conflict`
 */
export async function cancelApplication(
  ports: RelyingParty,
  application: Application,
  by: 'tenant' | 'citizen',
): Promise<Application> {
  if (application.state === 'cancelled') return application;
  if (by === 'citizen' && application.state === 'exchanging') {
    throw new JitsuinError('transaction.state', 'The signature is being fetched.');
  }
  return step(ports, application, { kind: 'cancelled', by });
}
