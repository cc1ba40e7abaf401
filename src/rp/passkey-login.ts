import { defined } from '../core/defined.ts';
import { toBase64Url } from '../core/encoding.ts';
import { asJitsuinError, JitsuinError } from '../core/errors.ts';
import type { CeremonyOptions, Passkey } from '../ports/passkey-ceremony.ts';
import type { CitizenPasskey } from '../ports/passkey-store.ts';
import type { BrowserSession } from '../ports/session-store.ts';
import { giveChallenge, type PasskeyPorts, takeChallenge } from './passkey-challenges.ts';
import { handleOf, sidOfPasskey } from './passkeys.ts';
import { type OpenedSession, openLoginSession } from './sessions.ts';

/** Options for a login with any passkey of this relying party; the challenge is good for this browser, once. */
export async function beginPasskeyLogin(
  ports: PasskeyPorts,
  browser: BrowserSession,
): Promise<CeremonyOptions> {
  const options = await ports.passkeys.ceremony.authenticationOptions();
  return giveChallenge(ports, options, { use: 'login', session: browser.idHash });
}

/**
 * Judges the browser's answer and opens a session of the same kind as a login by card, without tokens and
 * attributes. What the passkey is worth is told only to who has proved to hold it. A counter that did not rise
 * suspends it. `formerCookie`: value of the login cookie that the browser held before; its session ends.
 * @throws JitsuinError `passkey.challenge`, `passkey.form`, `passkey.unknown`, `passkey.refused`, `passkey.counter`,
 * `passkey.suspended`, `passkey.card-needed` (the provider logged the citizen out, or the last login by card is too
 * long
 *   ago), `store.conflict`
 */
export async function finishPasskeyLogin(
  ports: PasskeyPorts,
  browser: BrowserSession,
  given: { readonly answer: string; readonly challenge: string },
  formerCookie: string | undefined,
): Promise<OpenedSession> {
  try {
    const passkey = await judged(ports, browser, given);
    const opened = await openLoginSession(ports, sessionOf(passkey), formerCookie);
    await audit(ports, 'passkey.used', passkey.subjectHash);
    return opened;
  } catch (thrown) {
    const error = asJitsuinError(thrown);
    if (error.kind !== 'internal' && error.kind !== 'temporary')
      await audit(ports, 'passkey.refused', '', error.code);
    throw error;
  }
}

async function judged(
  ports: PasskeyPorts,
  browser: BrowserSession,
  { answer, challenge }: { readonly answer: string; readonly challenge: string },
): Promise<CitizenPasskey> {
  const { store, ceremony, tenant } = ports.passkeys;
  await takeChallenge(ports, challenge, { use: 'login', session: browser.idHash });
  const { id, userHandle } = ceremony.presented(answer);
  const kept = await store.find(tenant, id);
  if (kept === undefined) throw new JitsuinError('passkey.unknown', 'This passkey is not known here.');
  if (userHandle !== undefined && userHandle !== toBase64Url(handleOf(kept))) {
    throw new JitsuinError('passkey.refused', 'The passkey names another user.');
  }
  const used = await verified(ports, answer, challenge, kept);
  refuseUnfit(ports, kept);
  const next = { ...kept, counter: used.counter, backedUp: used.backedUp, usedAt: ports.clock.now() };
  if (await store.use(next, kept.counter)) return next;
  throw new JitsuinError('store.conflict', 'The passkey is being used by another request.');
}

async function verified(
  ports: PasskeyPorts,
  answer: string,
  challenge: string,
  passkey: CitizenPasskey,
): Promise<Passkey> {
  const { store, ceremony } = ports.passkeys;
  try {
    return await ceremony.verifyAuthentication(answer, challenge, passkey);
  } catch (thrown) {
    const error = asJitsuinError(thrown);
    if (error.code === 'passkey.counter') {
      await store.suspend(passkey.key);
      await ports.sessions.endAll(passkey.subjectHash, sidOfPasskey(passkey.key));
      await audit(ports, 'passkey.suspended', passkey.subjectHash, error.code);
    }
    throw error;
  }
}

function refuseUnfit(ports: PasskeyPorts, { state, cardAt }: CitizenPasskey): void {
  if (state === 'suspended') {
    throw new JitsuinError(
      'passkey.suspended',
      'This passkey may have been copied; it logs nobody in any more.',
    );
  }
  if (state === 'asleep' || ports.clock.now() - cardAt >= ports.passkeys.life) {
    throw new JitsuinError(
      'passkey.card-needed',
      'A login by card is needed before this passkey is good again.',
    );
  }
}

function sessionOf({ subject, subjectHash, key }: CitizenPasskey) {
  return { subject, subjectHash, sid: sidOfPasskey(key), login: { revision: 1, passkey: key } };
}

/**
 * Step-up: a card signature of the same person raises a session that a passkey opened to one of the card, under a fresh
 * cookie value. Undefined when there is nothing to raise: no such session, or somebody else's.
 */
export async function raiseByCard(
  ports: Pick<PasskeyPorts, 'sessions' | 'clock' | 'random'>,
  session: BrowserSession | undefined,
  subjectHash: string,
  cookie: string | undefined,
): Promise<OpenedSession | undefined> {
  const { subject, login } = session ?? {};
  if (subject === undefined || login?.passkey === undefined || session?.subjectHash !== subjectHash) return;
  return openLoginSession(ports, { subject, subjectHash, login: { revision: 1 } }, cookie);
}

async function audit(ports: PasskeyPorts, event: string, subject: string, code?: string): Promise<void> {
  const at = ports.clock.now();
  await ports.audit.append(
    defined({
      event,
      subject,
      tenant: '',
      at,
      code,
    }),
  );
}
