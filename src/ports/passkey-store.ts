import type { EpochMillis } from '../core/brand.ts';
import type { Passkey } from './passkey-ceremony.ts';

/**
 * `asleep`: the provider logged the citizen out; the next login by card wakes it. `suspended`: its counter did not
 * rise, there may be a copy; only removing it ends that.
 */
export type PasskeyState = 'active' | 'asleep' | 'suspended';

/** A citizen's passkey, bound to one `sub` at one relying party. */
export interface CitizenPasskey extends Passkey {
  /** Random, for forms and for the sessions that it opens; the credential id stays sealed. */
  readonly key: string;
  /** In whose name the `sub` was given: the client id at the provider of the login. */
  readonly tenant: string;
  /** PPID. Sealed at rest. */
  readonly subject: string;
  readonly subjectHash: string;
  /** What the citizen calls it. Sealed at rest. */
  readonly name: string;
  readonly state: PasskeyState;
  readonly createdAt: EpochMillis;
  /** Of its last login. */
  readonly usedAt?: EpochMillis;
  /** When the citizen last proved to be the same person by card. */
  readonly cardAt: EpochMillis;
}

/** Whose passkeys. */
export interface PasskeyOwner {
  readonly tenant: string;
  readonly subjectHash: string;
}

export interface PasskeyStore {
  /** A challenge that was given out, as a hash of it and of what it is bound to. */
  putChallenge(hash: string, expiresAt: EpochMillis): Promise<void>;
  /** True once over all processes, and only before its clock ran out. */
  takeChallenge(hash: string, now: EpochMillis): Promise<boolean>;
  /** False, and nothing is kept, when the credential is there already or the owner has `most` of them. */
  add(passkey: CitizenPasskey, most: number): Promise<boolean>;
  find(tenant: string, credentialId: string): Promise<CitizenPasskey | undefined>;
  /** Oldest first. */
  list(owner: PasskeyOwner): Promise<readonly CitizenPasskey[]>;
  /**
   * After a login: counter, `backedUp` and `usedAt`. False when the counter is no longer `counterBefore`, or it is
   * not active.
   */
  use(next: CitizenPasskey, counterBefore: number): Promise<boolean>;
  suspend(key: string): Promise<void>;
  /** False when the owner has no such passkey. */
  rename(owner: PasskeyOwner, key: string, name: string): Promise<boolean>;
  remove(owner: PasskeyOwner, key: string): Promise<boolean>;
  /** The provider logged this subject out: active ones fall asleep. Returns how many. */
  sleep(subjectHash: string): Promise<number>;
  /** The citizen was here by card: sleeping ones wake, and the clock of all starts anew. */
  confirmCard(owner: PasskeyOwner, at: EpochMillis): Promise<void>;
  /**
   * Removes challenges whose clock ran out before `now`, and passkeys whose citizen was last here by card before
   * `cardBefore`.
   */
  purge(now: EpochMillis, cardBefore: EpochMillis): Promise<number>;
}
