import { asJitsuinError, JitsuinError } from '../core/errors.ts';
import type { CeremonyOptions } from '../ports/passkey-ceremony.ts';
import type { StaffPasskey } from '../ports/staff-store.ts';
import { redeemTicket, sealTicket } from './ceremony-ticket.ts';
import { newSession, type OpenedStaffSession } from './sessions.ts';
import type { StaffPorts } from './staff-ports.ts';

interface BegunLogin {
  readonly options: CeremonyOptions;
  readonly ticket: string;
}

/** Nobody is named and nobody's passkeys are listed: the browser offers its own. */
export async function beginLogin(ports: StaffPorts): Promise<BegunLogin> {
  const options = await ports.passkeys.authenticationOptions();
  const ticket = sealTicket(ports, { use: 'login', challenge: options.challenge, invitation: '' });
  return { options, ticket };
}

/**
 * Judges the answer; the passkey's counter and the session are stored together with the audit record. Every refusal
 * of a known passkey leaves a record too.
 * @throws JitsuinError `passkey.*`
 */
export async function finishLogin(
  ports: StaffPorts,
  cookie: string | undefined,
  answer: string,
): Promise<OpenedStaffSession> {
  const ticket = await redeemTicket(ports, cookie, 'login');
  const { id, userHandle } = ports.passkeys.presented(answer);
  const passkey = await ports.operators.findPasskey(id);
  if (passkey === undefined) throw refused();
  try {
    await requireOwner(ports, passkey, userHandle);
    return await logIn(ports, passkey, answer, ticket.challenge);
  } catch (thrown) {
    const { code } = asJitsuinError(thrown);
    if (!code.startsWith('passkey.')) throw thrown;
    const at = ports.clock.now();
    await ports.audit.append({
      event: 'operator.login-refused',
      subject: passkey.operatorId,
      tenant: '',
      at,
      code,
    });
    throw thrown;
  }
}

async function logIn(
  ports: StaffPorts,
  passkey: StaffPasskey,
  answer: string,
  challenge: string,
): Promise<OpenedStaffSession> {
  const verified = await ports.passkeys.verifyAuthentication(answer, challenge, passkey);
  const now = ports.clock.now();
  const used: StaffPasskey = { ...passkey, ...verified, usedAt: now };
  const opened = newSession(ports, passkey.operatorId);
  const audit = { event: 'operator.logged-in', subject: passkey.operatorId, tenant: '', at: now };
  if (await ports.operators.login(used, passkey.counter, opened.session, audit)) return opened;
  throw refused();
}

/**
 * The handle in the answer, where there is one, is that of the passkey's operator (WebAuthn Level 3, section 7.2
 * step 6).
 */
async function requireOwner(
  { operators }: StaffPorts,
  passkey: StaffPasskey,
  userHandle: string | undefined,
): Promise<void> {
  const operator = await operators.get(passkey.operatorId);
  if (operator?.state !== 'active') throw refused();
  if (userHandle !== undefined && userHandle !== Buffer.from(operator.handle).toString('base64url'))
    throw refused();
}

function refused(): JitsuinError {
  return new JitsuinError('passkey.refused', 'This passkey opens no account here.');
}
