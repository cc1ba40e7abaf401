import type { SignatureProfileName, SigningMode } from '../core/brand.ts';
import type { DigestedFile } from '../core/forms/attached-files.ts';
import type { FormCatalogue } from '../core/forms/catalogue.ts';
import type { Form } from '../core/forms/form.ts';
import type { Clocks } from '../core/sign-transaction/machine-table.ts';
import type { CardAlgorithm } from '../core/xmldsig/algorithms.ts';
import type { SignedElementSelector } from '../core/xmldsig/prepared-signature.ts';
import type { ApplicationStore } from '../ports/application-store.ts';
import type { AuditLog } from '../ports/audit.ts';
import type { AuthAndSign } from '../ports/auth-and-sign.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Random } from '../ports/random.ts';
import type { ReplayStore } from '../ports/replay-store.ts';

/** What the configuration says about who signs. */
export interface SignerSettings {
  /** `required`: only a citizen who is logged in here signs. */
  readonly login: 'optional' | 'required';
  /** Whether one person has one `sub` in a login and in a signature: yes where the service logs in, not at a broker. */
  readonly subjects: 'comparable' | 'apart';
  /** `compared`: gov compares the certificate's name with the login's. An sp never sees a certificate. */
  readonly names: 'compared' | 'unseen';
  /** gov: `local` or `{namespace}local` of the element whose text is the signer's name; absent: no such rule. */
  readonly nameElement?: string;
}

/** What the configuration decides, never a document or a request of a citizen. */
export interface RelyingPartySettings {
  /** Of the configured OpenID Provider; an `iss` in the callback must equal it. */
  readonly issuer: string;
  /** Registered at the service, compared exactly. */
  readonly redirectUri: string;
  /** Of the authorization request: `openid sign` and, where wanted, `name address birthdate gender`. */
  readonly scope: readonly string[];
  readonly profile: SignatureProfileName;
  readonly mode: SigningMode;
  /** What the citizens' cards sign with; RSA with SHA-256 unless it is said. */
  readonly algorithm?: CardAlgorithm;
  /** Whether a file may be signed in mode `digest-info`; refused unless it is said. */
  readonly filesInDigestInfo?: 'refused' | 'allowed';
  readonly signedElement?: SignedElementSelector;
  readonly clocks: Clocks;
  /** How long one `state` may be away before its callback is refused; the citizen may be sent again. Milliseconds. */
  readonly stateLife: number;
  /** Keyed hash (hex) of `sub`: what may stand outside the sealed columns and in the audit log. */
  readonly hashSubject: (subject: string) => string;
  readonly signer: SignerSettings;
}

/** What every use-case of sp and gov works with. */
export interface RelyingParty {
  readonly applications: ApplicationStore;
  readonly authAndSign: AuthAndSign;
  readonly audit: AuditLog;
  readonly replay: ReplayStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly settings: RelyingPartySettings;
  /** Receivers' forms by name: those that ship, and the operator's own. */
  readonly forms: FormCatalogue;
  /**
   * Judges the Signatures that stand in a document which takes one more (連署). Absent at an sp, which never gets a
   * certificate: there such a document is refused.
   */
  readonly expectRightSignatures?: ExpectRightSignatures;
}

/**
 * Injected by the role gov, so that this room never knows the verifier.
 * @throws JitsuinError where one that stands there is wrong, or the form takes no more
 */
export type ExpectRightSignatures = (
  form: Form,
  signed: { readonly document: Uint8Array; readonly files: readonly DigestedFile[] },
) => void;
