import type { TokenAlgorithm } from '../../core/oidc/key-set.ts';
import type { LoginProof } from '../../core/oidc/login-proof.ts';
import type { ClientKeys } from '../../ports/client-keys.ts';
import type { Clock } from '../../ports/clock.ts';
import type { HttpClient } from '../../ports/http-client.ts';
import type { LeaseStore } from '../../ports/lease-store.ts';
import type { Log } from '../../ports/log.ts';
import type { Random } from '../../ports/random.ts';

/** A shared secret (RFC 6749 section 2.3.1). Protected data. */
interface ClientSecret {
  readonly method: 'client_secret_basic' | 'client_secret_post';
  readonly secret: string;
}

/** What a client of デジタル認証アプリサービスAPI is made of; everything that waits or chooses is an argument. */
export interface AuthAndSignOptions {
  /** Compared exactly with the discovery document and every token; no slash is forgiven. */
  readonly issuer: string;
  readonly clientId: string;
  /** The key of private_key_jwt. */
  readonly clientKeys: ClientKeys;
  /** For a broker that takes no private_key_jwt: sent in place of an assertion. The service takes assertions only. */
  readonly clientSecret?: ClientSecret;
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly random: Random;
  /** Shared by all processes; holds the client-credentials token (the adapter behind it seals). */
  readonly leases: LeaseStore;
  /** True only for the simulator on this machine: http on a loopback address. */
  readonly allowLoopbackHttp: boolean;
  /** How old `iat` of an ID token may be: the time from nonce to token, 所要時間 (guideline). Milliseconds. */
  readonly iatWindowMillis: number;
  /** Accepted difference of the clocks. Milliseconds, default 60,000. */
  readonly clockSkewMillis?: number;
  /** `aud` of the client assertion. Default: the token endpoint (facts 2.1). */
  readonly assertionAudience?: string;
  /** Sent with every authorization request, for example `aal3 crl`. */
  readonly acrValues?: string;
  /** `always`: the provider must authenticate anew, and say when it did. For a broker, whose session outlives ours. */
  readonly freshLogin?: 'always';
  /** What the ID token must say for the login to stand on the card; absent: nothing is asked. */
  readonly loginProof?: LoginProof;
  /** Default ES256; RS256 is for a broker configured so. */
  readonly tokenAlgorithm?: TokenAlgorithm;
  /**
   * Whether a key of the JWK Set must name its algorithm. Default `required`; `if-present` is for a broker that
   * leaves it out.
   */
  readonly keyAlgorithm?: 'required' | 'if-present';
  /** Where attributes come from. Default `userinfo`; a broker may have no such endpoint (`id-token`, `none`). */
  readonly userInfo?: 'userinfo' | 'id-token' | 'none';
  /** Scope of its logins: which attributes are missed, in the log, when they do not come. Default: none. */
  readonly scope?: readonly string[];
  /** Default `required`; `if-present` is for a broker that sends none. */
  readonly atHash?: 'required' | 'if-present';
  /** Origins beside the issuer's own on which a broker may keep endpoints. */
  readonly otherOrigins?: readonly string[];
  /** Origin of the signing API. Default: the issuer's origin. */
  readonly signingOrigin?: string;
  /** `iss` that logout tokens may have (facts 3, Back-channel logout). Default: the issuer. */
  readonly logoutIssuers?: readonly string[];
  /** For alarms about the service. */
  readonly log?: Log;
  /** Pause between looks at the shared token while another process fetches it. Default 100. */
  readonly leasePollMillis?: number;
}
