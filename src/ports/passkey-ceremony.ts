/**
 * A passkey as the relying party keeps it (the credential record of WebAuthn Level 3, section 4). Nothing in it is
 * secret.
 */
export interface Passkey {
  /** Credential id, base64url. */
  readonly id: string;
  /** COSE_Key octets (RFC 9052 section 7). */
  readonly publicKey: Uint8Array;
  /** Signature counter of its last use; stays 0 with authenticators that do not count. */
  readonly counter: number;
  /** Hints of the browser how the authenticator is reached, for example `internal`, `usb`. */
  readonly transports: readonly string[];
  /** Whether the authenticator says that it is backed up (synced between devices). */
  readonly backedUp: boolean;
}

/** Whom a passkey is made for. None of it may tell who the person is beyond what the page shows anyway. */
export interface PasskeyUser {
  /** 1 to 64 random octets; comes back as `userHandle` at each login. */
  readonly handle: Uint8Array;
  readonly name: string;
  readonly displayName: string;
}

/** What the browser is given, and what the answer must carry back. */
export interface CeremonyOptions {
  /** base64url; the caller keeps it until the answer comes and lets it be used once. */
  readonly challenge: string;
  /** The options as JSON (`PublicKeyCredentialCreationOptionsJSON` or `…RequestOptionsJSON`). */
  readonly json: string;
}

/** Whose answer it claims to be, before anything is believed: only to look the passkey up. */
export interface PresentedPasskey {
  readonly id: string;
  /** base64url of `PasskeyUser.handle`. */
  readonly userHandle?: string;
}

/**
 * WebAuthn for one relying party id and one origin, both compared exactly. User verification (PIN, fingerprint,
 * face) is always required; attestation is never asked for. Answers are the JSON text of
 * `PublicKeyCredential.toJSON()`.
 */
export interface PasskeyCeremony {
  /** A discoverable credential for `user`; authenticators that hold one of `known` are left out. */
  registrationOptions(user: PasskeyUser, known: readonly Passkey[]): Promise<CeremonyOptions>;
  /** @throws JitsuinError `passkey.form`, `passkey.refused` */
  verifyRegistration(answer: string, challenge: string): Promise<Passkey>;
  /** Any passkey of this relying party, or one of `known` when some are given. */
  authenticationOptions(known?: readonly Passkey[]): Promise<CeremonyOptions>;
  /** @throws JitsuinError `passkey.form` */
  presented(answer: string): PresentedPasskey;
  /**
   * The passkey with its new counter, which the caller must store.
   * @throws JitsuinError `passkey.form`, `passkey.refused`, `passkey.counter` (it did not rise: the passkey may
   * have been copied)
   */
  verifyAuthentication(answer: string, challenge: string, passkey: Passkey): Promise<Passkey>;
}
