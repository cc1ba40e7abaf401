/**
 * What kind of failure a code names. Three tables read the kind, one place each: `RETRYABLE_KINDS` here,
 * kind → HTTP problem in `src/http/problem.ts`, kind → queue instruction in `src/adapters/queue/retry-policy.ts`.
 */
export type ErrorKind =
  | 'bad-input' // the caller's input is wrong: 400; never retried
  | 'too-large' // a documented limit was exceeded: 413
  | 'unsupported-media' // 415
  | 'unauthenticated' // 401
  | 'forbidden' // 403
  | 'not-found' // 404
  | 'wrong-method' // 405
  | 'conflict' // the state does not allow it: 409
  | 'unprocessable' // well-formed but refused by a rule: 422
  | 'gone' // its clock ran out: 410
  | 'rate-limited' // 429
  | 'invalid-signature' // a signature, certificate or token proved wrong: 422
  | 'citizen' // only the citizen can go on (locked card, refusal)
  | 'restart' // the flow must begin anew
  | 'operator' // configuration, keys or registration: an operator must act
  | 'temporary' // try again later: 503
  | 'undecided' // could not be decided now (revocation data missing): 503
  | 'internal'; // our own fault: 500

const CODES = {
  // usage and configuration
  'usage.arguments': 'bad-input',
  'config.invalid': 'operator',
  'config.environment-mixed': 'operator',
  'config.key-mode': 'operator',
  'config.role-key': 'operator',
  // XML input (core/xml)
  'xml.size': 'too-large',
  'xml.encoding': 'bad-input',
  'xml.version': 'bad-input',
  'xml.dtd': 'bad-input',
  'xml.not-well-formed': 'bad-input',
  'xml.namespace': 'bad-input',
  'xml.limit': 'too-large',
  // canonicalization (core/c14n)
  'c14n.algorithm': 'bad-input',
  'c14n.relative-namespace': 'unprocessable',
  'c14n.disputed-construct': 'unprocessable',
  'c14n.target': 'bad-input',
  'c14n.empty': 'unprocessable',
  // digests and data (core/digest)
  'digest.length': 'bad-input',
  'digest.data': 'bad-input',
  'base64.invalid': 'bad-input',
  // XML Signature (core/xmldsig, verifier/xmldsig)
  'xmldsig.profile': 'bad-input',
  'xmldsig.mode': 'bad-input',
  'xmldsig.signed-element': 'bad-input',
  'xmldsig.already-signed': 'bad-input',
  'xmldsig.state': 'bad-input',
  'xmldsig.unsigned': 'invalid-signature',
  'xmldsig.shape': 'invalid-signature',
  'xmldsig.policy': 'invalid-signature',
  'xmldsig.digest': 'invalid-signature',
  'xmldsig.signature': 'invalid-signature',
  'xmldsig.other-form': 'unprocessable', // a Signature that can be read, in a form that is not the agreed one
  'xmldsig.key-info': 'unprocessable', // no certificate is in KeyInfo
  'xmldsig.file': 'unprocessable', // a Reference names a file that is not at hand
  'xmldsig.weak-algorithm': 'unprocessable', // verified, by an algorithm that is no longer sound
  'judgement.too-costly': 'too-large', // took more time or memory than one document may
  // certificates and revocation (verifier/x509, verifier/revocation)
  'der.invalid': 'bad-input',
  'der.limit': 'too-large',
  'certificate.syntax': 'invalid-signature',
  'certificate.key-policy': 'invalid-signature',
  'certificate.path': 'invalid-signature',
  'certificate.limit': 'invalid-signature',
  'certificate.expired': 'invalid-signature',
  'certificate.not-yet-valid': 'invalid-signature',
  'certificate.usage': 'invalid-signature',
  'certificate.policy': 'invalid-signature',
  'certificate.revoked': 'invalid-signature',
  'certificate.suspended': 'invalid-signature', // on hold, by a CA that never takes it back
  'certificate.on-hold': 'undecided', // on hold, and may be taken back
  'certificate.ca-revoked': 'operator',
  'certificate.anchor-missing': 'operator', // its issuer has the name of one of our anchors, and none of them made it
  'certificate.not-ca': 'invalid-signature',
  'certificate.path-length': 'invalid-signature',
  'certificate.name-constraints': 'invalid-signature',
  'certificate.critical-extension': 'invalid-signature',
  'certificate.profile': 'invalid-signature',
  'revocation.unavailable': 'undecided',
  'revocation.stale': 'undecided',
  'revocation.invalid': 'undecided',
  'revocation.scope': 'undecided',
  'revocation.unknown': 'undecided',
  'revocation.future': 'undecided',
  'revocation.issuer': 'undecided',
  'revocation.serial': 'undecided',
  'revocation.signature': 'undecided',
  'revocation.nonce': 'undecided',
  'revocation.responder': 'undecided',
  'revocation.refused': 'undecided',
  'revocation.number': 'undecided',
  'revocation.limit': 'undecided',
  'revocation.issuer-ended': 'undecided', // who signed the data was outside its validity
  'revocation.ageing': 'operator', // the newest data is close to its end and nothing newer came
  'clock.off': 'operator', // our clock and a source's differ too much to judge by
  // the bundle (verifier/jwe)
  'jwe.form': 'bad-input',
  'jwe.header': 'bad-input',
  'jwe.key': 'bad-input',
  'jwe.decrypt': 'bad-input',
  'jwe.content': 'bad-input',
  'binding.replay': 'conflict',
  'binding.transaction': 'conflict',
  'receipt.invalid': 'operator', // not signed by the platform operator's receipt key as it is known here
  'key.state': 'operator',
  'key.not-found': 'operator',
  'key.seal-missing': 'operator', // the command or process has no seal key at all
  'key.unavailable': 'temporary', // kept in an HSM or KMS that does not answer
  'seal.integrity': 'operator',
  // evidence
  'evidence.invalid': 'bad-input',
  'verification.running': 'conflict', // another request or worker has it now
  'verification.deleted': 'gone',
  'verification.content-taken': 'gone', // the content of a certificate is handed out once
  'consent.time': 'bad-input', // given later than now
  // rights and records (pf, operators, verification)
  'right.missing': 'forbidden', // the contract or the role does not have it
  'record.not-found': 'not-found',
  // time-stamps (verifier/timestamp)
  'timestamp.form': 'invalid-signature',
  'timestamp.imprint': 'invalid-signature',
  'timestamp.nonce': 'invalid-signature',
  'timestamp.policy': 'invalid-signature',
  'timestamp.signature': 'invalid-signature',
  'timestamp.certificate': 'invalid-signature',
  'timestamp.renewal': 'invalid-signature', // a token was renewed only after its certificate had ended
  'timestamp.order': 'invalid-signature', // a time-stamp is older than one that it covers
  'timestamp.refused': 'temporary', // by the time-stamp authority
  'timestamp.unavailable': 'temporary',
  'audit.broken': 'internal',
  'tlog.invalid': 'bad-input', // a proof, note or key of a public log that does not hold
  'tlog.broken': 'internal', // the log, or the store behind it, is not what was published
  // OpenID Connect (core/oidc)
  'oidc.metadata': 'operator',
  'oidc.issuer': 'invalid-signature',
  'oidc.request': 'internal', // an authorization request that must not be sent
  'oidc.state': 'bad-input',
  'oidc.nonce': 'invalid-signature',
  'oidc.token-type': 'invalid-signature',
  'oidc.token-signature': 'invalid-signature',
  'oidc.token-key': 'invalid-signature',
  'oidc.audience': 'invalid-signature',
  'oidc.time': 'invalid-signature',
  'oidc.at-hash': 'invalid-signature',
  'oidc.subject': 'invalid-signature',
  'oidc.proof': 'invalid-signature', // the login stands on something else than was agreed, or is not fresh
  'oidc.user-info': 'operator', // UserInfo as a JWT; only JSON is read
  'oidc.logout-token': 'bad-input',
  'oidc.callback-error': 'restart',
  // the service (adapters/auth-and-sign); the guideline's rows are in core/sign-transaction/upstream-errors.ts
  'upstream.citizen': 'citizen',
  'upstream.restart': 'restart',
  'upstream.operator': 'operator',
  'upstream.temporary': 'temporary',
  'upstream.final': 'restart',
  'upstream.refresh': 'temporary',
  'upstream.response': 'temporary',
  'upstream.unreachable': 'temporary',
  'upstream.timeout': 'temporary',
  'upstream.tls': 'operator',
  // the pipeline
  'transaction.state': 'conflict',
  'transaction.display-name': 'bad-input',
  'transaction.expired': 'gone',
  'transaction.cancelled': 'gone',
  'transaction.restored': 'restart', // the store was put back from a backup: what was open begins anew
  // who signs (rp/signer)
  'transaction.hand-over': 'forbidden', // no browser has taken it, and this one brings no link that does
  'transaction.other-browser': 'forbidden', // another browser has taken it
  'signer.other-person': 'citizen', // the login's sub and the signature's are not one person's
  'signer.name': 'citizen', // the name in the certificate is not the one that was expected
  'signer.name-element': 'bad-input', // the application has not the element whose text is the signer's name
  'signer.login-ended': 'restart',
  // logins (rp)
  'login.none': 'restart', // nobody is logged in in this browser
  'login.tokens-gone': 'restart', // no token is left to go on with
  'store.conflict': 'conflict',
  'store.unavailable': 'temporary',
  'store.full': 'temporary',
  'store.value': 'bad-input', // text with NUL or a lone surrogate: the engines would cut or change it
  'store.migration': 'operator',
  'store.put-back': 'operator', // a backup that nobody declared restored
  'store.went-back': 'operator', // what was committed is gone: a failover or a recovery lost it
  'store.not-empty': 'conflict', // data are moved to an empty place only
  'queue.unavailable': 'temporary',
  'queue.unknown-version': 'temporary',
  'queue.time-limit': 'temporary',
  'queue.abandoned': 'internal', // its workers died on it, again and again
  // HTTP edge
  'http.authentication': 'unauthenticated',
  'http.forbidden': 'forbidden',
  'http.not-found': 'not-found',
  'http.method': 'wrong-method',
  'http.syntax': 'bad-input',
  'http.body': 'bad-input',
  'http.body-size': 'too-large',
  'http.media-type': 'unsupported-media',
  'http.origin': 'forbidden',
  'http.cookie': 'forbidden', // the browser sent back no cookie of ours
  'http.rate': 'rate-limited',
  'http.shutting-down': 'temporary',
  'webhook.url': 'bad-input',
  'webhook.address': 'bad-input', // not a public address
  'webhook.exists': 'conflict',
  'webhook.limit': 'conflict',
  'webhook.disabled': 'conflict',
  'webhook.rotation': 'conflict', // a third secret within 24 hours
  // passkeys (adapters/passkey)
  'passkey.form': 'bad-input',
  'passkey.refused': 'unauthenticated',
  'passkey.counter': 'unauthenticated', // did not rise: the passkey may have been copied
  'passkey.challenge': 'bad-input', // not given to this browser for this, used already, or too old
  'passkey.unknown': 'unauthenticated',
  'passkey.suspended': 'forbidden', // its counter did not rise once
  'passkey.card-needed': 'forbidden', // first a login by card
  'passkey.limit': 'conflict',
  'passkey.name': 'bad-input',
  // the console (src/staff)
  'operator.invitation': 'gone',
  'operator.session': 'unauthenticated',
  'approval.own': 'forbidden', // who asks for a change does not approve it
  'approval.expired': 'gone',
  'approval.state': 'conflict',
  'idempotency.key': 'bad-input',
  'idempotency.mismatch': 'unprocessable',
  'idempotency.running': 'conflict',
  'idempotency.restored': 'conflict', // the store was put back: whether the key was used cannot be known
  'internal.unexpected': 'internal',
} as const satisfies Record<string, ErrorKind>;

/** Every stable code, one cause each. The catalogue of codes in the documentation is generated from this table. */
export type ErrorCode = keyof typeof CODES;

export const ERROR_CODES: Readonly<Record<ErrorCode, ErrorKind>> = CODES;

/** Whether a text is one of the stable codes. */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(CODES, text);
}

/**
 * Somebody else is at it now: the same request may be made again in a moment. `idempotency.running` is what
 * operators before 0.2 said too.
 */
export const IN_WORK: ReadonlySet<ErrorCode> = new Set(['verification.running', 'idempotency.running']);

const RETRYABLE_KINDS: ReadonlySet<ErrorKind> = new Set(['temporary', 'undecided']);

/** What the service or a peer said, kept whole so that nothing upstream said is lost. Never holds protected data. */
export interface UpstreamError {
  readonly status: number;
  /** Octets of the body that was sent, where something between here and the peer answered. */
  readonly octets?: number;
  readonly error?: string;
  readonly errorDescription?: string;
  readonly item?: readonly string[];
  /** Id of the row in core/sign-transaction/upstream-errors.ts that this answer matched. */
  readonly row?: string;
}

interface ErrorDetails {
  /** Where: a JSON pointer, a file name, an octet offset, a parameter name. Never a protected value. */
  readonly at?: string;
  readonly upstream?: UpstreamError;
  /** Seconds after which the same request may be made again, where that is known. */
  readonly retryAfter?: number;
  readonly cause?: unknown;
}

/** The one error of this software. `message` is for people, `code` is for programs; neither holds protected data. */
export class JitsuinError extends Error {
  override readonly name = 'JitsuinError';
  readonly code: ErrorCode;
  readonly at: string | undefined;
  readonly upstream: UpstreamError | undefined;
  readonly retryAfter: number | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.at = details.at;
    this.upstream = details.upstream;
    this.retryAfter = details.retryAfter;
  }

  get kind(): ErrorKind {
    return ERROR_CODES[this.code];
  }

  get retryable(): boolean {
    return RETRYABLE_KINDS.has(this.kind);
  }
}

/**
 * Any thrown value as a JitsuinError; what is not ours becomes `internal.unexpected` with the original as its
 * cause.
 */
export function asJitsuinError(thrown: unknown): JitsuinError {
  if (thrown instanceof JitsuinError) return thrown;
  return new JitsuinError('internal.unexpected', 'An unexpected error occurred.', { cause: thrown });
}
