import { JitsuinError } from '../core/errors.ts';
import type { CeremonyOptions } from '../ports/passkey-ceremony.ts';
import type { StaffInvitation, StaffMember, StaffPasskey } from '../ports/staff-store.ts';
import { redeemTicket, sealTicket } from './ceremony-ticket.ts';
import { secretHash } from './secrets.ts';
import { newSession, type OpenedStaffSession } from './sessions.ts';
import type { StaffPorts } from './staff-ports.ts';

interface BegunEnrolment {
  readonly operator: StaffMember;
  readonly options: CeremonyOptions;
  /** For the cookie of this ceremony. */
  readonly ticket: string;
}

/**
 * The first half: whoever holds the code of an invitation gets the options for one passkey.
 * @throws JitsuinError `operator.invitation` (unknown, used or ended: all look the same)
 */
export async function beginEnrolment(ports: StaffPorts, code: string | undefined): Promise<BegunEnrolment> {
  const { operator, invitation } = await invited(ports, secretHash(code));
  const known = await ports.operators.passkeysOf(operator.id);
  const { handle, name } = operator;
  const options = await ports.passkeys.registrationOptions({ handle, name, displayName: name }, known);
  const ticket = sealTicket(ports, {
    use: 'enrol',
    challenge: options.challenge,
    invitation: invitation.secretHash,
  });
  return { operator, options, ticket };
}

/**
 * The second half: judges the answer, keeps the passkey, uses up the invitation, and logs the operator in.
 * @throws JitsuinError `passkey.*`, `operator.invitation`
 */
export async function finishEnrolment(
  ports: StaffPorts,
  cookie: string | undefined,
  answer: string,
): Promise<OpenedStaffSession> {
  const ticket = await redeemTicket(ports, cookie, 'enrol');
  const { operator, invitation } = await invited(ports, ticket.invitation);
  const now = ports.clock.now();
  const verified = await ports.passkeys.verifyRegistration(answer, ticket.challenge);
  if ((await ports.operators.findPasskey(verified.id)) !== undefined)
    throw new JitsuinError('passkey.refused', 'This passkey is known already.');
  const passkey: StaffPasskey = { ...verified, operatorId: operator.id, createdAt: now, usedAt: now };
  const facts = { role: operator.role, backedUp: verified.backedUp ? 1 : 0 };
  const audit = { event: 'operator.enrolled', subject: operator.id, tenant: '', at: now, facts };
  if (!(await ports.operators.enrol(invitation, passkey, now, audit))) throw noInvitation();
  const opened = newSession(ports, operator.id);
  await ports.operators.putSession(opened.session);
  return opened;
}

async function invited(
  { operators, clock }: StaffPorts,
  hash: string | undefined,
): Promise<{ readonly operator: StaffMember; readonly invitation: StaffInvitation }> {
  const invitation = hash === undefined ? undefined : await operators.findInvitation(hash);
  if (invitation === undefined || invitation.expiresAt <= clock.now()) throw noInvitation();
  const operator = await operators.get(invitation.operatorId);
  if (operator === undefined || operator.state === 'disabled') throw noInvitation();
  return { operator, invitation };
}

function noInvitation(): JitsuinError {
  return new JitsuinError('operator.invitation', 'This invitation is not known, was used, or has ended.');
}
