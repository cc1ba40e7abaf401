import type { EpochMillis } from '../core/brand.ts';
import type { FaultOptions, FaultSwitch, SimulatedEndpoint } from './auth-and-sign/faults.ts';
import type { JournalEntry } from './journal.ts';
import type { SimulatedPerson } from './people.ts';

/** `private` gets the result as one JWE to the platform operator's key, `government` in clear. */
type ServiceVariant = 'private' | 'government';

/** A public JWK as RFC 7517 writes it. */
export type PublicJwk = Readonly<Record<string, unknown>>;

/** The platform operator's key as the agency registers it (guideline, 公開鍵について): every member is required. */
export interface PfPublicKey {
  readonly kty: 'EC';
  readonly use: 'enc';
  readonly alg: 'ECDH-ES';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
  readonly kid: string;
}

/** One registered relying party. */
export interface SimulatorClient {
  readonly clientId: string;
  /** Shown on the consent page. */
  readonly name?: string;
  /** Public keys for private_key_jwt (RS256 or ES256). */
  readonly jwks: { readonly keys: readonly PublicJwk[] };
  /** Compared exactly. */
  readonly redirectUris: readonly string[];
  readonly variant: ServiceVariant;
  readonly pfPublicKey?: PfPublicKey;
  /** After this instant the service answers `expired_pf_provider_public_key`. */
  readonly pfPublicKeyExpiresAt?: EpochMillis;
  readonly backchannelLogoutUri?: string;
  readonly disabled?: boolean;
}

/** What came to the service, for a tester in the same process. It holds codes and assertions: it is logged nowhere. */
export interface ObservedRequest {
  readonly endpoint: SimulatedEndpoint;
  /** Of the query, the form, the JSON body of a start, or the path of a result. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** What stood behind `Bearer`, where something did. */
  readonly bearer: string | undefined;
  /** What was answered; 0 where the answer was spoiled on its way. */
  readonly status: number;
  /** Tokens, and a certificate in clear, that the answer gave. */
  readonly secrets: readonly string[];
}

/** A fault as the admin API takes it. */
interface PlannedFault extends FaultOptions {
  readonly endpoint: SimulatedEndpoint;
  readonly name: string;
}

export interface SimulatorOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: a free port. */
  readonly port?: number;
  /** The base URL that others use, when it differs from host and port (a container's name). No trailing slash. */
  readonly publicUrl?: string;
  /** People, cards, certificates and service keys come from it. */
  readonly seed: string;
  readonly now: () => EpochMillis;
  readonly clients?: readonly SimulatorClient[];
  /** Hears of every request and what was wrong in it. */
  readonly heard?: (entry: JournalEntry) => void;
  readonly observed?: (request: ObservedRequest) => void;
  /** A client was registered or taken away while it ran. */
  readonly registered?: (clients: readonly SimulatorClient[]) => void;
  /** Faults that wait for the first requests. */
  readonly faults?: readonly PlannedFault[];
  /** Who may use the admin API under `/simulator/`: only loopback (default), or anybody who reaches the port. */
  readonly adminAccess?: 'loopback' | 'any';
}

export interface LogoutRequest {
  /** Person id of `people`, or the pairwise sub of one client. */
  readonly person?: string;
  readonly sub?: string;
  /** Only this client; otherwise every client where the person has a session. */
  readonly clientId?: string;
  /** JOSE header typ; the guideline shows `JWT`. */
  readonly typ?: 'JWT' | 'logout+jwt';
  /** Claims to overwrite (null removes one), to send a wrong token on purpose. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Signs it wrongly on purpose. */
  readonly fault?: 'alg-none' | 'alg-hs256' | 'wrong-signature' | 'wrong-kid';
}

export interface LogoutDelivery {
  readonly clientId: string;
  /** HTTP status of the relying party, 0 when it could not be reached. */
  readonly status: number;
}

/** A running simulator. Everything in it is pretended; nothing of it is part of the real service. */
export interface Simulator {
  /** Base URL without trailing slash. */
  readonly url: string;
  readonly issuer: string;
  readonly people: readonly SimulatedPerson[];
  /** PEM of the JPKI-TEST signing CA that issues today. */
  readonly trustAnchorPem: string;
  /** PEM of both generations of the signing CA (same DN, other keys), today's first. */
  readonly trustAnchorPems: readonly string[];
  /** PEM of the root above the time-stamping certificate. */
  readonly tsaTrustAnchorPem: string;
  /** Append `?dp=` and the base64url DER Name of the distribution point. */
  readonly crlUrl: string;
  readonly ocspUrl: string;
  readonly tsaUrl: string;
  readonly faults: FaultSwitch;
  /** The last requests, newest first, each with what was wrong in it. */
  readonly journal: readonly JournalEntry[];
  registerClient(client: SimulatorClient): void;
  /** Sends back-channel logout to every client concerned and tells what they answered. */
  logout(request: LogoutRequest): Promise<readonly LogoutDelivery[]>;
  close(): Promise<void>;
}
