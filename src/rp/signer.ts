import { JitsuinError } from '../core/errors.ts';
import { formText } from '../core/forms/kept-form.ts';
import { type Application, withDocument } from '../core/sign-transaction/application.ts';
import { signedText } from '../core/xmldsig/signed-text.ts';
import type { BrowserSession, SessionStore } from '../ports/session-store.ts';
import { isFormName } from './prepare.ts';
import type { RelyingParty } from './relying-party.ts';
import { withItsDocument } from './step.ts';

export interface SignerPorts extends RelyingParty {
  readonly sessions: SessionStore;
}

/**
 * Injected by the role gov, so that this room never knows the verifier. `unreadable`: no certificate can be read
 * from the octets; the verification will say so.
 */
export type CompareSignerName = (
  certificate: Uint8Array,
  expected: string,
) => 'same' | 'other' | 'unreadable';

/**
 * Whether the person of the ID token is the one under whose login the signature was begun (login CSRF: an
 * attacker's session must not be raised by somebody else's signature), and the one who was authenticated for the
 * application that this one follows. What it gives goes into the record: the
 * login whose name is still to be compared with the certificate's. Without a login there is nothing to compare.
 * Gives a JitsuinError `signer.login-ended`, `signer.other-person`.
 */
export async function judgeSigner(
  ports: SignerPorts,
  { secrets, subjectHash: expected }: Application,
  subjectHash: string,
): Promise<{ readonly loginHash?: string } | JitsuinError> {
  if (expected !== undefined && expected !== subjectHash) return otherPerson();
  const loginHash = secrets?.loginHash;
  if (loginHash === undefined) return {};
  const session = await liveSession(ports, loginHash);
  if (session === undefined) return loginEnded();
  const { subjects, names } = ports.settings.signer;
  if (subjects === 'comparable' && session.subjectHash !== subjectHash) {
    return otherPerson();
  }
  return names === 'compared' && nameOf(session) !== undefined ? { loginHash } : {};
}

/**
 * gov: the name in the certificate against the name of the login and the text of the configured element of the
 * application. Undefined when they agree, or when there is nothing to compare with. Gives a JitsuinError
 * `signer.login-ended`, `signer.name`.
 */
export async function judgeSignerName(
  ports: SignerPorts & { readonly compareSignerName?: CompareSignerName },
  application: Application,
  certificate: Uint8Array,
): Promise<JitsuinError | undefined> {
  const expected = await expectedNames(ports, application);
  if (expected instanceof JitsuinError) return expected;
  const { compareSignerName } = ports;
  if (expected.length === 0) return undefined;
  if (compareSignerName === undefined) {
    return new JitsuinError('internal.unexpected', 'No rule compares the name of the signer.');
  }
  const differs = expected.some((name) => compareSignerName(certificate, name) === 'other');
  return differs
    ? new JitsuinError('signer.name', 'The name in the certificate is not the one that was expected.')
    : undefined;
}

async function expectedNames(
  ports: SignerPorts,
  application: Application,
): Promise<readonly string[] | JitsuinError> {
  const { loginHash } = application.secrets ?? {};
  const named = ports.settings.signer.nameElement !== undefined;
  const fromDocument = nameInDocument(ports, named ? await withItsDocument(ports, application) : application);
  const expected = fromDocument === undefined ? [] : [fromDocument];
  if (loginHash === undefined) return expected;
  const session = await liveSession(ports, loginHash);
  const name = session === undefined ? undefined : nameOf(session);
  return name === undefined ? loginEnded() : [...expected, name];
}

/** The signer's name as the application has it; undefined where no element is configured, or a file is signed. */
function nameInDocument(
  { settings, forms }: Pick<RelyingParty, 'settings' | 'forms'>,
  { profile, secrets }: Pick<Application, 'profile' | 'secrets'>,
): string | undefined {
  const { nameElement } = settings.signer;
  if (nameElement === undefined || profile === 'detached' || secrets === undefined) return undefined;
  const kept = withDocument(secrets);
  const text = isFormName(profile) ? formText(forms, kept, nameElement) : signedText(kept, nameElement);
  return text ?? '';
}

/** @throws JitsuinError `signer.name-element` when the configured element does not stand exactly once, with a text */
export function requireNameElement(
  ports: Pick<RelyingParty, 'settings' | 'forms'>,
  application: Pick<Application, 'profile' | 'secrets'>,
): void {
  if (nameInDocument(ports, application) !== '') return;
  throw new JitsuinError(
    'signer.name-element',
    'The signed part must have the element with the name of the signer exactly once, with text only.',
    { at: ports.settings.signer.nameElement ?? '' },
  );
}

async function liveSession(ports: SignerPorts, idHash: string): Promise<BrowserSession | undefined> {
  const session = await ports.sessions.get(idHash);
  return session !== undefined && session.expiresAt > ports.clock.now() ? session : undefined;
}

function nameOf(session: BrowserSession): string | undefined {
  return session.login?.attributes?.name;
}

function otherPerson(): JitsuinError {
  return new JitsuinError(
    'signer.other-person',
    'Somebody other than who is logged in, or than who was authenticated before, has signed.',
  );
}

function loginEnded(): JitsuinError {
  return new JitsuinError('signer.login-ended', 'The login under which the signature was begun has ended.');
}
