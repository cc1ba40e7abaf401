import type { Log } from '../../ports/log.ts';
import type { LoginPorts } from '../../ports/login.ts';
import type { LogoutPorts } from '../../rp/back-channel-logout.ts';

/** What the pages of the login work with. */
export interface AccountPages {
  readonly login: LoginPorts;
  /** Of the signing flows: a broker's logout tokens are judged apart from the service's. */
  readonly rp: LogoutPorts;
  readonly log: Log;
  readonly publicUrl: string;
}
