import { JitsuinError } from '../../src/core/errors.ts';
import type {
  CeremonyOptions,
  Passkey,
  PasskeyCeremony,
  PasskeyUser,
  PresentedPasskey,
} from '../../src/ports/passkey-ceremony.ts';

/** What a fake browser answers: the challenge it was given, and which passkey it used. */
export interface FakeAnswer {
  readonly challenge: string;
  readonly id: string;
  readonly counter?: number;
  readonly userHandle?: string;
}

/** Ceremonies without cryptography: an answer counts when it repeats the challenge. Keeps what it was asked. */
export class FakePasskeys implements PasskeyCeremony {
  readonly users: PasskeyUser[] = [];
  readonly known: (readonly Passkey[])[] = [];
  #challenges = 0;

  /** The text that the hidden field `passkey` of a form would carry. */
  static answer(answer: FakeAnswer): string {
    return JSON.stringify(answer);
  }
  async registrationOptions(user: PasskeyUser, known: readonly Passkey[]): Promise<CeremonyOptions> {
    this.users.push(user);
    this.known.push(known);
    return this.#options();
  }
  async verifyRegistration(answer: string, challenge: string): Promise<Passkey> {
    const { id, counter = 0 } = judged(answer, challenge);
    const publicKey = new TextEncoder().encode(id);
    return { id, publicKey, counter, transports: ['internal'], backedUp: false };
  }
  async authenticationOptions(known: readonly Passkey[] = []): Promise<CeremonyOptions> {
    this.known.push(known);
    return this.#options();
  }
  presented(answer: string): PresentedPasskey {
    const { id, userHandle } = read(answer);
    return { id, ...(userHandle === undefined ? {} : { userHandle }) };
  }
  async verifyAuthentication(answer: string, challenge: string, passkey: Passkey): Promise<Passkey> {
    const { id, counter = passkey.counter + 1 } = judged(answer, challenge);
    if (id !== passkey.id) throw new JitsuinError('passkey.refused', 'another passkey');
    if (counter <= passkey.counter) throw new JitsuinError('passkey.counter', 'the counter did not rise');
    return { ...passkey, counter };
  }
  #options(): CeremonyOptions {
    this.#challenges += 1;
    const challenge = `challenge-${this.#challenges}`;
    return { challenge, json: JSON.stringify({ challenge }) };
  }
}

function judged(answer: string, challenge: string): FakeAnswer {
  const given = read(answer);
  if (given.challenge !== challenge) throw new JitsuinError('passkey.refused', 'another challenge');
  return given;
}

function read(answer: string): FakeAnswer {
  try {
    return JSON.parse(answer) as FakeAnswer;
  } catch {
    throw new JitsuinError('passkey.form', 'no JSON');
  }
}
