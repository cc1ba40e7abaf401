import { createHash } from 'node:crypto';
import { toUtf8 } from '../core/encoding.ts';
import { JitsuinError } from '../core/errors.ts';
import type { CeremonyOptions, PasskeyUser } from '../ports/passkey-ceremony.ts';
import type { CitizenPasskey, PasskeyOwner } from '../ports/passkey-store.ts';
import type { BrowserSession } from '../ports/session-store.ts';
import { giveChallenge, type PasskeyPorts, takeChallenge } from './passkey-challenges.ts';

/** Passkeys of one citizen at one relying party. */
export const MOST_PASSKEYS = 10;
const LONGEST_NAME = 40;
const NOT_DISPLAYABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;

/** The citizen's passkeys, oldest first. @throws JitsuinError `login.none` when nobody is logged in */
export async function listPasskeys(
  ports: PasskeyPorts,
  session: BrowserSession,
): Promise<readonly CitizenPasskey[]> {
  return ports.passkeys.store.list(ownerOf(ports, session));
}

/** Whether this session may make a passkey: only the card proves who it is made for. */
export function openedByCard({ login }: BrowserSession): boolean {
  return login !== undefined && login.passkey === undefined;
}

/**
 * Options to make a passkey for the person of this session, which the card must have opened.
 * @throws JitsuinError `passkey.card-needed`, `passkey.limit`
 */
export async function beginRegistration(
  ports: PasskeyPorts,
  session: BrowserSession,
): Promise<CeremonyOptions> {
  requireCard(session);
  const owner = ownerOf(ports, session);
  const known = await ports.passkeys.store.list(owner);
  if (known.length >= MOST_PASSKEYS) throw tooMany();
  const options = await ports.passkeys.ceremony.registrationOptions(userOf(ports, session, owner), known);
  return giveChallenge(ports, options, { use: 'register', session: session.idHash });
}

/**
 * Judges the browser's answer and keeps the passkey, bound to tenant and `sub` of the session.
 * @throws JitsuinError `passkey.card-needed`, `passkey.challenge`, `passkey.form`, `passkey.refused`,
 * `passkey.name`, `passkey.limit`
 */
export async function finishRegistration(
  ports: PasskeyPorts,
  session: BrowserSession,
  given: { readonly answer: string; readonly challenge: string; readonly name: string },
): Promise<void> {
  requireCard(session);
  const owner = ownerOf(ports, session);
  const { store, ceremony } = ports.passkeys;
  const name = displayable(given.name);
  await takeChallenge(ports, given.challenge, { use: 'register', session: session.idHash });
  const made = await ceremony.verifyRegistration(given.answer, given.challenge);
  const now = ports.clock.now();
  const passkey: CitizenPasskey = {
    ...made,
    ...owner,
    name,
    key: ports.random.id(),
    subject: session.subject ?? '',
    state: 'active',
    createdAt: now,
    cardAt: now,
  };
  if (!(await store.add(passkey, MOST_PASSKEYS))) throw tooMany();
  await audit(ports, 'passkey.registered', owner);
}

/** @throws JitsuinError `passkey.name`, `passkey.unknown` */
export async function renamePasskey(
  ports: PasskeyPorts,
  session: BrowserSession,
  key: string,
  name: string,
): Promise<void> {
  const owner = ownerOf(ports, session);
  if (!(await ports.passkeys.store.rename(owner, key, displayable(name)))) throw unknownPasskey();
}

/** Removes it, with every session that it opened. @throws JitsuinError `passkey.unknown` */
export async function removePasskey(
  ports: PasskeyPorts,
  session: BrowserSession,
  key: string,
): Promise<void> {
  const owner = ownerOf(ports, session);
  if (!(await ports.passkeys.store.remove(owner, key))) throw unknownPasskey();
  await ports.sessions.endAll(owner.subjectHash, sidOfPasskey(key));
  await audit(ports, 'passkey.removed', owner);
}

/** What stands as `sid` in the sessions that a passkey opened, so that they end with it. */
export function sidOfPasskey(key: string): string {
  return `passkey ${key}`;
}

/**
 * The user handle: the same for all passkeys of one citizen, so that an authenticator holds one of them; a hash of
 * the keyed hash of `sub`, so that it tells nothing (WebAuthn Level 3, section 14.6.1).
 */
export function handleOf({ tenant, subjectHash }: PasskeyOwner): Uint8Array {
  const text = JSON.stringify(['passkey user', tenant, subjectHash]);
  return new Uint8Array(createHash('sha256').update(toUtf8(text)).digest());
}

function userOf(ports: PasskeyPorts, { login }: BrowserSession, owner: PasskeyOwner): PasskeyUser {
  const name = login?.attributes?.name ?? ports.passkeys.rpName;
  return { handle: handleOf(owner), name, displayName: name };
}

function ownerOf(ports: PasskeyPorts, { subject, subjectHash, login }: BrowserSession): PasskeyOwner {
  if (subject === undefined || subjectHash === undefined || login === undefined) {
    throw new JitsuinError('login.none', 'Nobody is logged in in this browser: log in first.');
  }
  return { tenant: ports.passkeys.tenant, subjectHash };
}

function requireCard(session: BrowserSession): void {
  if (openedByCard(session)) return;
  throw new JitsuinError('passkey.card-needed', 'Only after a login by card a passkey can be made.');
}

function displayable(text: string): string {
  const name = text.trim();
  const length = [...name].length;
  if (length >= 1 && length <= LONGEST_NAME && !NOT_DISPLAYABLE.test(name)) return name;
  throw new JitsuinError('passkey.name', `A name has 1 to ${LONGEST_NAME} visible characters.`, {
    at: 'name',
  });
}

async function audit(ports: PasskeyPorts, event: string, { subjectHash }: PasskeyOwner): Promise<void> {
  await ports.audit.append({ event, subject: subjectHash, tenant: '', at: ports.clock.now() });
}

function unknownPasskey(): JitsuinError {
  return new JitsuinError('passkey.unknown', 'No passkey of this login has this id.');
}

function tooMany(): JitsuinError {
  return new JitsuinError(
    'passkey.limit',
    `There are ${MOST_PASSKEYS} passkeys already, or this authenticator has one.`,
  );
}
