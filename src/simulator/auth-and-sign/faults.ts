/** Endpoints that can be told to misbehave. The first seven are the service's, the rest JPKI's and the TSA's. */
export const SIMULATED_ENDPOINTS = [
  'discovery',
  'jwks',
  'authorization',
  'token',
  'userinfo',
  'start',
  'result',
  'crl',
  'ocsp',
  'tsa',
  'tsa-crl',
] as const;

export type SimulatedEndpoint = (typeof SIMULATED_ENDPOINTS)[number];

/** What any endpoint can do wrong on the wire. */
export const TRANSPORT_FAULTS = [
  'delay', // answers after `milliseconds`
  'cut', // the connection ends in the middle of the answer, nothing was processed
  'cut-after-processing', // the request was processed, the answer is lost
  'timeout-after-processing', // processed, then silence for `milliseconds`, then the connection ends
  'html', // 200 with an HTML page
  'html-error', // 502 with an HTML page, as a gateway in front would
  'empty', // 200 with an empty body
  'not-json', // 200 with a truncated JSON text
  'maintenance', // 503 service_temporarily_unavailable
  'rate-limit', // 429 with Retry-After
] as const;

/** What single endpoints can get wrong in an answer that is otherwise normal. */
export const ANSWER_FAULTS = {
  discovery: ['wrong-issuer', 'missing-jwks-uri', 'foreign-token-endpoint'],
  jwks: ['empty-set', 'key-alg-rs256', 'without-kid', 'rotate'],
  authorization: ['wrong-state', 'missing-state', 'missing-code', 'with-iss', 'duplicate-code'],
  token: [
    'wrong-at-hash',
    'missing-at-hash',
    'wrong-nonce',
    'missing-nonce',
    'wrong-kid',
    'missing-kid',
    'alg-none',
    'alg-hs256',
    'alg-rs256',
    'wrong-signature',
    'wrong-iss',
    'wrong-aud',
    'extra-aud',
    'wrong-azp',
    'old-iat',
    'future-iat',
    'expired',
    'missing-exp',
    'wrong-sub',
    'crit-header',
    'logout-token-as-id-token',
    'missing-id-token',
    'missing-access-token',
    'wrong-token-type',
    'rotate',
  ],
  userinfo: [
    'wrong-sub',
    'missing-sub',
    'address-object',
    // What OpenID Connect allows any provider, and a client has to take or to name.
    'address-parts',
    'address-without-members',
    'birthdate-year',
    'empty-claims',
    'missing-claims',
    'signed',
  ],
  start: ['missing-id', 'bad-id', 'foreign-id'],
  result: [
    'clear-certificate',
    'foreign-key',
    'wrong-kid',
    'enc-a128gcm',
    'enc-a128cbc-hs256',
    'enc-a256cbc-hs512',
    'alg-key-wrap',
    'zip',
    'damaged-jwe',
    'damaged-signature',
    'other-certificate',
    'missing-signature',
    'other-mode',
  ],
  crl: ['stale', 'future', 'forged', 'other-partition', 'empty-list'],
  ocsp: [
    'stale',
    'future',
    'forged',
    'wrong-nonce',
    'without-nonce',
    'unknown',
    'other-serial',
    'try-later',
    'unauthorized',
  ],
  tsa: ['rejection', 'wrong-nonce', 'wrong-imprint', 'forged'],
  'tsa-crl': ['revoked'],
} as const satisfies Record<SimulatedEndpoint, readonly string[]>;

export interface FaultOptions {
  /** How many requests it spoils; default 1. */
  readonly times?: number;
  /** How many requests it lets through first; default 0. */
  readonly after?: number;
  /** For `delay` and `timeout-after-processing`; default 1000. */
  readonly milliseconds?: number;
  /** What stands for ○○○○ in a row of the guideline's tables; default `scope`. */
  readonly parameter?: string;
  /** Leave `error_description` out of a row. */
  readonly omitDescription?: boolean;
  /** Send `item` as a list. */
  readonly itemAsList?: boolean;
}

/** A fault that waits for a request: a row id of the guideline's tables (`token-7`), or a name of the lists above. */
export interface Fault extends FaultOptions {
  readonly name: string;
}

/** Chooses what goes wrong next. Faults of one endpoint are used in the order in which they were set. */
export interface FaultSwitch {
  /** @throws JitsuinError `usage.arguments` when the endpoint has neither such a row nor such a fault */
  next(endpoint: SimulatedEndpoint, name: string, options?: FaultOptions): void;
  /** Forgets all waiting faults, or those of one endpoint. */
  clear(endpoint?: SimulatedEndpoint): void;
  /** How many requests are still to be spoiled. */
  pending(endpoint?: SimulatedEndpoint): number;
}
