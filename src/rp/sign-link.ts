import { equalTexts } from '../core/digest/sha256.ts';
import { toBase64Url } from '../core/encoding.ts';
import { JitsuinError } from '../core/errors.ts';
import type { Application } from '../core/sign-transaction/application.ts';
import type { Random } from '../ports/random.ts';
import type { RelyingParty } from './relying-party.ts';
import { step } from './step.ts';

const SECRET_OCTETS = 32;

/** 256 bits as 43 characters of base64url: what a one-time sign URL carries. */
export function newSignLink(random: Random): string {
  return toBase64Url(random.octets(SECRET_OCTETS));
}

/**
 * A new one-time link, for example for another device of the citizen. Links given out before work no more; the
 * browser that has the application keeps it until the new link is used.
 * @throws JitsuinError `transaction.state` (signed or ended), `store.conflict`
 */
export function renewSignLink(ports: RelyingParty, application: Application): Promise<Application> {
  return step(ports, application, { kind: 'handed-over', signLink: newSignLink(ports.random) });
}

/**
 * The first browser that comes with the link takes the application; the link works no more, and a browser that had
 * it before has it no longer. `browserHash`: hex SHA-256 of the `__Host-` cookie.
 * @throws JitsuinError `transaction.hand-over`, `transaction.other-browser`, `transaction.state`, `store.conflict`
 */
export async function takeApplication(
  ports: RelyingParty,
  application: Application,
  signLink: string,
  browserHash: string,
): Promise<Application> {
  requireGoodLink(application, signLink);
  return step(ports, application, { kind: 'browser-took', browserHash });
}

/** @throws JitsuinError `transaction.hand-over`, `transaction.other-browser` */
export function requireGoodLink(application: Application, signLink: string): void {
  const expected = application.secrets?.signLink;
  if (expected === undefined || !equalTexts(expected, signLink)) throw linkNotGood(application);
}

/** Why a browser that does not have the application is not let in. */
export function linkNotGood({ secrets }: Application): JitsuinError {
  return secrets?.browserHash === undefined
    ? new JitsuinError('transaction.hand-over', 'No browser has taken the application; its sign URL does.')
    : new JitsuinError('transaction.other-browser', 'Another browser has taken the application.');
}
