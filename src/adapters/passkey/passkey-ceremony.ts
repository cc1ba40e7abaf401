import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type VerifiedAuthenticationResponse,
  type VerifiedRegistrationResponse,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { defined } from '../../core/defined.ts';
import { asJitsuinError, JitsuinError } from '../../core/errors.ts';
import type { Passkey, PasskeyCeremony } from '../../ports/passkey-ceremony.ts';
import type { Random } from '../../ports/random.ts';
import {
  type AuthenticationAnswer,
  authenticationAnswer,
  type RegistrationAnswer,
  registrationAnswer,
} from './answers.ts';

interface PasskeyParty {
  /** A registrable domain or `localhost`: never an address, never with a port (WebAuthn Level 3, section 5.1.2). */
  readonly rpId: string;
  readonly rpName: string;
  /** Scheme, host and port, as the browser has it. */
  readonly origin: string;
  readonly random: Random;
}

/** COSE algorithms, best first: ES256, EdDSA, RS256. */
const ALGORITHMS = [-7, -8, -257];
const CHALLENGE_OCTETS = 32;
const TIMEOUT = 120_000;
/**
 * What comes of `attestation: none`: nothing, or a self-attestation. A certificate in an attestation is never
 * looked at.
 */
const FORMATS: ReadonlySet<string> = new Set(['none', 'packed']);
const SELECTION = {
  residentKey: 'required',
  requireResidentKey: true,
  userVerification: 'required',
} as const;

/** The ceremonies of @simplewebauthn/server with everything that may be chosen fixed. */
export function createPasskeyCeremony({ rpId, rpName, origin, random }: PasskeyParty): PasskeyCeremony {
  const challenge = () => new Uint8Array(random.octets(CHALLENGE_OCTETS));
  const expected = { expectedOrigin: origin, expectedRPID: rpId, requireUserVerification: true };
  return {
    registrationOptions: async (user, known) => {
      const options = await generateRegistrationOptions({
        rpName,
        rpID: rpId,
        challenge: challenge(),
        timeout: TIMEOUT,
        attestationType: 'none',
        userID: new Uint8Array(user.handle),
        userName: user.name,
        userDisplayName: user.displayName,
        excludeCredentials: known.map(({ id }) => ({ id })),
        authenticatorSelection: SELECTION,
        supportedAlgorithmIDs: ALGORITHMS,
      });
      return { challenge: options.challenge, json: JSON.stringify(options) };
    },
    verifyRegistration: async (text, expectedChallenge) => {
      const answer = registrationAnswer(text);
      const response = registrationResponse(answer);
      const verified = await orRefused(() =>
        verifyRegistrationResponse({
          ...expected,
          response,
          expectedChallenge,
          supportedAlgorithmIDs: ALGORITHMS,
        }),
      );
      return registered(verified, answer.response.transports);
    },
    authenticationOptions: async (known = []) => {
      const options = await generateAuthenticationOptions({
        rpID: rpId,
        challenge: challenge(),
        timeout: TIMEOUT,
        userVerification: 'required',
        allowCredentials: known.map(({ id }) => ({ id })),
      });
      return { challenge: options.challenge, json: JSON.stringify(options) };
    },
    presented: (text) => {
      const { id, response } = authenticationAnswer(text);
      return defined({
        id,
        userHandle: response.userHandle == null ? undefined : response.userHandle,
      });
    },
    verifyAuthentication: async (text, expectedChallenge, passkey) => {
      const response = authenticationResponse(authenticationAnswer(text));
      // the library gives back the id that it was given: what the browser sent is compared here
      if (response.id !== passkey.id || response.rawId !== passkey.id) throw refused();
      // Counter 0 here: whether it rose is judged below, with a code of its own.
      const credential = { id: passkey.id, publicKey: new Uint8Array(passkey.publicKey), counter: 0 };
      const verified = await orRefused(() =>
        verifyAuthenticationResponse({ ...expected, response, expectedChallenge, credential }),
      );
      return authenticated(verified, passkey);
    },
  };
}

function registered(
  { verified, registrationInfo }: VerifiedRegistrationResponse,
  transports: readonly string[],
): Passkey {
  if (!verified || registrationInfo === undefined || !FORMATS.has(registrationInfo.fmt)) throw refused();
  const { credential, credentialBackedUp } = registrationInfo;
  const { id, publicKey, counter } = credential;
  return { id, publicKey: new Uint8Array(publicKey), counter, transports, backedUp: credentialBackedUp };
}

/** WebAuthn Level 3, section 7.2 step 22: once either counts, the counter must rise. */
function authenticated(
  { verified, authenticationInfo }: VerifiedAuthenticationResponse,
  passkey: Passkey,
): Passkey {
  if (!verified) throw refused();
  const { newCounter, credentialBackedUp } = authenticationInfo;
  const counts = newCounter > 0 || passkey.counter > 0;
  if (counts && newCounter <= passkey.counter) {
    throw new JitsuinError('passkey.counter', 'The counter of the passkey did not rise: it may be a copy.');
  }
  return { ...passkey, counter: newCounter, backedUp: credentialBackedUp };
}

/** The library tells every refusal by a plain Error whose text repeats what was sent: only that it refused is kept. */
async function orRefused<T>(verify: () => Promise<T>): Promise<T> {
  try {
    return await verify();
  } catch (thrown) {
    if (thrown instanceof JitsuinError) throw asJitsuinError(thrown);
    throw refused();
  }
}

function refused(): JitsuinError {
  return new JitsuinError(
    'passkey.refused',
    'The answer of the passkey was not accepted for this page and this request.',
  );
}

function registrationResponse({ id, rawId, type, response }: RegistrationAnswer) {
  const { clientDataJSON, attestationObject } = response;
  return { id, rawId, type, response: { clientDataJSON, attestationObject }, clientExtensionResults: {} };
}

function authenticationResponse({ id, rawId, type, response }: AuthenticationAnswer) {
  const { clientDataJSON, authenticatorData, signature } = response;
  return {
    id,
    rawId,
    type,
    clientExtensionResults: {},
    response: { clientDataJSON, authenticatorData, signature },
  };
}
