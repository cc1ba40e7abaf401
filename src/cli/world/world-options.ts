/** Where the parts of a simulated world listen and keep their data. URLs have no trailing slash. */
export interface WorldOptions {
  /** Folder of keys, configuration and data; made when missing. */
  readonly dir: string;
  readonly seed: string;
  readonly host: string;
  readonly simulatorUrl: string;
  readonly spUrl: string;
  readonly govUrl: string;
  readonly pfUrl: string;
  /** Where the parts really listen, when something stands in front of their URL (a proxy, the demo's wire tap). */
  readonly ports?: Readonly<Partial<Record<WorldRole, number>>>;
  /** Ports of the consoles; absent: none. */
  readonly consolePorts?: { readonly pf: number; readonly gov: number; readonly sp: number };
  /**
   * `apart`: each role's folder can be mounted alone, and each has accounts of its own at the servers. Default
   * `together`.
   */
  readonly layout?: 'together' | 'apart';
  readonly databaseUrl?: string;
  readonly redisUrl?: string;
  /** Several worlds on one PostgreSQL and one Redis: schemas are `<name>_<role>`, queues `<name>:<role>`. */
  readonly sharedServersName?: string;
  readonly profile?: string;
  readonly mode?: string;
  readonly signedElement?: string;
}

export type WorldRole = 'simulator' | 'sp' | 'gov' | 'pf';

/** What `createWorld` wrote. */
export interface World {
  readonly dir: string;
  /** One KEY=VALUE file per role, for `--env-file`. */
  readonly envFiles: Readonly<Record<WorldRole, string>>;
  /** PEM of the simulator's signing CAs. */
  readonly trustFile: string;
  /** PEM of the root of the simulator's TSA. */
  readonly tsaTrustFile: string;
  readonly spApiKey: string;
  readonly govApiKey: string;
}

export const SERVICE = 'demo-service';
export const ENVIRONMENT = 'test';
export const SP_CLIENT_ID = 'RP00000001';
export const GOV_CLIENT_ID = 'RP00000002';
export const PF_CLIENT_ID = 'sp-demo';
/** The sp's id at the platform operator. */
export const PF_TENANT = 'demo-sp';
