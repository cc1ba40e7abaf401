import type { AuditLog } from './audit.ts';
import type { Clock } from './clock.ts';
import type { LoginProvider } from './login-provider.ts';
import type { LoginStore } from './login-store.ts';
import type { PasskeyCeremony } from './passkey-ceremony.ts';
import type { PasskeyStore } from './passkey-store.ts';
import type { Random } from './random.ts';
import type { SessionStore } from './session-store.ts';

/** What the configuration decides about logins. */
interface LoginSettings {
  /** Of the provider that logs in: the service, or a broker. */
  readonly issuer: string;
  readonly redirectUri: string;
  /** `openid`, and of `name address birthdate gender` what is wanted. Never `sign`. */
  readonly scope: readonly string[];
  /** Where the attributes come from; `none` asks for none. */
  readonly attributes: 'userinfo' | 'id-token' | 'none';
  /** Host of a broker that does not say by what a citizen was authenticated; absent: every login is by card. */
  readonly through?: string;
  /** How long one `state` may be away. Milliseconds. */
  readonly stateLife: number;
  /** Keyed hash (hex) of `sub`; subjects of a broker hash apart from those of the service. */
  readonly hashSubject: (subject: string) => string;
}

/** Daily login by passkey, for citizens who logged in by card before. */
export interface PasskeyLogin {
  readonly store: PasskeyStore;
  readonly ceremony: PasskeyCeremony;
  /** What the authenticator shows as the place. */
  readonly rpName: string;
  /** In whose name a `sub` was given: the client id at the provider. */
  readonly tenant: string;
  /** Milliseconds after the last login by card in which a passkey logs in. */
  readonly life: number;
}

/** What the login (認証) needs from outside. */
export interface LoginPorts {
  readonly sessions: SessionStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly loginProvider: LoginProvider;
  readonly logins: LoginStore;
  readonly audit: AuditLog;
  readonly loginSettings: LoginSettings;
  /** Absent: citizens log in by card only. */
  readonly passkeys?: PasskeyLogin;
}
