import type { EpochMillis } from '../core/brand.ts';
import { hexSha256 } from '../core/digest/sha256.ts';
import { JitsuinError } from '../core/errors.ts';
import { MINUTE_MILLIS } from '../core/spans.ts';
import type { LoginPorts, PasskeyLogin } from '../ports/login.ts';
import type { CeremonyOptions } from '../ports/passkey-ceremony.ts';

/** The login with passkeys switched on. */
export type PasskeyPorts = LoginPorts & { readonly passkeys: PasskeyLogin };

/** What a challenge is good for, and to which session (hex hash of its cookie) it was given. */
interface ChallengeUse {
  readonly use: 'register' | 'login';
  readonly session: string;
}

const CHALLENGE_LIFE = 5 * MINUTE_MILLIS;

/** Remembers the challenge of these options; only a hash of it is stored. */
export async function giveChallenge(
  { passkeys, clock }: PasskeyPorts,
  options: CeremonyOptions,
  use: ChallengeUse,
): Promise<CeremonyOptions> {
  const expiresAt = (clock.now() + CHALLENGE_LIFE) as EpochMillis;
  await passkeys.store.putChallenge(hashOf(options.challenge, use), expiresAt);
  return options;
}

/**
 * @throws JitsuinError `passkey.challenge` unless it was given out for this use and session, is not too old, and
 * comes once
 */
export async function takeChallenge(
  { passkeys, clock }: PasskeyPorts,
  challenge: string,
  use: ChallengeUse,
): Promise<void> {
  if (await passkeys.store.takeChallenge(hashOf(challenge, use), clock.now())) return;
  throw new JitsuinError(
    'passkey.challenge',
    'This page was used already, is too old, or belongs to another browser.',
    { at: 'challenge' },
  );
}

function hashOf(challenge: string, { use, session }: ChallengeUse): string {
  const text = JSON.stringify([challenge, use, session]);
  return hexSha256(text);
}
