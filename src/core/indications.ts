import { type ErrorCode, isErrorCode } from './errors.ts';

/** The words of ETSI EN 319 102-1 section 5.1.3 for the overall result of a validation. */
export type Indication = 'TOTAL-PASSED' | 'TOTAL-FAILED' | 'INDETERMINATE';

/**
 * The sub-indications that prove a signature wrong, for ever. TOTAL-FAILED goes with one of these, and none of them
 * with INDETERMINATE.
 */
export const PROOFS_OF_FAILURE = [
  'FORMAT_FAILURE',
  'HASH_FAILURE',
  'SIG_CRYPTO_FAILURE',
  'REVOKED',
  'EXPIRED',
  'NOT_YET_VALID',
] as const;

/** The sub-indications that go with INDETERMINATE: what is at hand decides neither. */
export const OPEN_QUESTIONS = [
  'SIG_CONSTRAINTS_FAILURE',
  'CHAIN_CONSTRAINTS_FAILURE',
  'CERTIFICATE_CHAIN_GENERAL_FAILURE',
  'CRYPTO_CONSTRAINTS_FAILURE',
  'CRYPTO_CONSTRAINTS_FAILURE_NO_POE',
  'POLICY_PROCESSING_ERROR',
  'SIGNATURE_POLICY_NOT_AVAILABLE',
  'TIMESTAMP_ORDER_FAILURE',
  'NO_SIGNING_CERTIFICATE_FOUND',
  'NO_CERTIFICATE_CHAIN_FOUND',
  'NO_CERTIFICATE_CHAIN_FOUND_NO_POE',
  'REVOKED_NO_POE',
  'REVOKED_CA_NO_POE',
  'OUT_OF_BOUNDS_NOT_REVOKED',
  'OUT_OF_BOUNDS_NO_POE',
  'REVOCATION_OUT_OF_BOUNDS_NO_POE',
  'NO_POE',
  'TRY_LATER',
  'SIGNED_DATA_NOT_FOUND',
] as const;

/** Sub-indications of ETSI EN 319 102-1 table 6. */
export type SubIndication = (typeof PROOFS_OF_FAILURE)[number] | (typeof OPEN_QUESTIONS)[number];

/**
 * What should follow. `final`: wrong for ever. `retry`: asked again by itself until the deadline. `hold`: an
 * operator must act; it stays open until its deadline and is never told as a fault of the citizen's certificate.
 * `not-for-this-input`: not decided, and no other try helps this input. `refused`: turned away before any
 * validation.
 */
export type VerdictClass = 'final' | 'retry' | 'hold' | 'not-for-this-input' | 'refused';

/**
 * The blocks of EN 319 102-1 section 5.3 in the order in which a validation returns them: the first that has a
 * problem decides.
 */
export const VALIDATION_BLOCKS = [
  'format', // 5.2.2
  'signer', // 5.2.3: which certificate it is
  'context', // 5.2.4
  'cryptography', // 5.2.7: wins over every status of a certificate
  'x509', // 5.2.6, put aside until cryptography has spoken
  'acceptance', // 5.2.8
  'time', // 5.5 and 5.6
] as const;
type ValidationBlock = (typeof VALIDATION_BLOCKS)[number];

/** A code that stands in reports. */
export interface ReportRow {
  readonly block: ValidationBlock;
  /** What it says where the finder knows no more. */
  readonly sub: SubIndication;
  /** What else it may say, where the finder knows more: a proof of time, for example. */
  readonly also?: readonly SubIndication[];
  /** Unless what it says is a proof of failure: then `final`. */
  readonly class: VerdictClass;
  /** The class where it is about a certificate above the signer's, for which the operator's files answer. */
  readonly ofIssuer?: VerdictClass;
}

const FORMAT: ReportRow = { block: 'format', sub: 'FORMAT_FAILURE', class: 'final' };
/** Our limits and the agreed form: no fault of the signature. */
const OTHER_FORM: ReportRow = {
  block: 'acceptance',
  sub: 'SIG_CONSTRAINTS_FAILURE',
  class: 'not-for-this-input',
};
const NO_SIGNER: ReportRow = {
  block: 'signer',
  sub: 'NO_SIGNING_CERTIFICATE_FOUND',
  class: 'not-for-this-input',
  ofIssuer: 'hold',
};
const CHAIN: ReportRow = {
  block: 'x509',
  sub: 'CERTIFICATE_CHAIN_GENERAL_FAILURE',
  class: 'not-for-this-input',
  ofIssuer: 'hold',
};
const CHAIN_WISH: ReportRow = {
  block: 'x509',
  sub: 'CHAIN_CONSTRAINTS_FAILURE',
  class: 'not-for-this-input',
  ofIssuer: 'hold',
};
const TRY_LATER: ReportRow = { block: 'x509', sub: 'TRY_LATER', class: 'retry' };
const NO_TIME_YET: ReportRow = { block: 'time', sub: 'NO_POE', class: 'retry' };

/**
 * Every stable code → what it says of a signature and what should follow (facts/indications.md section 4; the
 * choices that the facts leave open are in src/decisions/verdicts.md). A word alone is a code that stands in no
 * report.
 */
export const VERDICTS: Readonly<Record<ErrorCode, ReportRow | VerdictClass>> = {
  'usage.arguments': 'refused',
  'config.invalid': 'hold',
  'config.environment-mixed': 'hold',
  'config.key-mode': 'hold',
  'config.role-key': 'hold',
  'xml.size': OTHER_FORM,
  'xml.encoding': OTHER_FORM,
  'xml.version': OTHER_FORM,
  'xml.dtd': OTHER_FORM,
  'xml.not-well-formed': FORMAT,
  'xml.namespace': FORMAT,
  'xml.limit': OTHER_FORM,
  'c14n.algorithm': 'refused',
  'c14n.relative-namespace': OTHER_FORM,
  'c14n.disputed-construct': 'refused',
  'c14n.target': 'refused',
  'c14n.empty': 'refused',
  'digest.length': 'refused',
  'digest.data': 'refused',
  'base64.invalid': FORMAT,
  'xmldsig.profile': 'refused',
  'xmldsig.mode': OTHER_FORM,
  'xmldsig.signed-element': OTHER_FORM,
  'xmldsig.already-signed': 'refused',
  'xmldsig.state': 'refused',
  'xmldsig.unsigned': FORMAT,
  'xmldsig.shape': FORMAT,
  'xmldsig.policy': OTHER_FORM,
  'xmldsig.digest': { block: 'cryptography', sub: 'HASH_FAILURE', class: 'final' },
  'xmldsig.signature': { block: 'cryptography', sub: 'SIG_CRYPTO_FAILURE', class: 'final' },
  'xmldsig.other-form': OTHER_FORM,
  'xmldsig.key-info': { block: 'signer', sub: 'NO_SIGNING_CERTIFICATE_FOUND', class: 'not-for-this-input' },
  'xmldsig.file': { block: 'cryptography', sub: 'SIGNED_DATA_NOT_FOUND', class: 'not-for-this-input' },
  'xmldsig.weak-algorithm': {
    block: 'acceptance',
    sub: 'CRYPTO_CONSTRAINTS_FAILURE_NO_POE',
    class: 'not-for-this-input',
    also: ['CRYPTO_CONSTRAINTS_FAILURE'],
  },
  'judgement.too-costly': OTHER_FORM,
  'der.invalid': NO_SIGNER,
  'der.limit': OTHER_FORM,
  'certificate.syntax': NO_SIGNER,
  'certificate.key-policy': {
    block: 'x509',
    sub: 'CRYPTO_CONSTRAINTS_FAILURE_NO_POE',
    class: 'not-for-this-input',
    also: ['CRYPTO_CONSTRAINTS_FAILURE'],
    ofIssuer: 'hold',
  },
  'certificate.path': {
    block: 'x509',
    sub: 'NO_CERTIFICATE_CHAIN_FOUND',
    class: 'not-for-this-input',
    also: ['CERTIFICATE_CHAIN_GENERAL_FAILURE', 'NO_CERTIFICATE_CHAIN_FOUND_NO_POE'],
    ofIssuer: 'hold',
  },
  'certificate.limit': CHAIN,
  'certificate.expired': {
    block: 'x509',
    sub: 'OUT_OF_BOUNDS_NO_POE',
    class: 'not-for-this-input',
    also: ['OUT_OF_BOUNDS_NOT_REVOKED', 'EXPIRED'],
    ofIssuer: 'hold',
  },
  'certificate.not-yet-valid': {
    block: 'x509',
    sub: 'OUT_OF_BOUNDS_NO_POE',
    class: 'hold',
    also: ['OUT_OF_BOUNDS_NOT_REVOKED', 'NOT_YET_VALID'],
    ofIssuer: 'hold',
  },
  'certificate.usage': {
    block: 'x509',
    sub: 'CHAIN_CONSTRAINTS_FAILURE',
    class: 'not-for-this-input',
    also: ['CERTIFICATE_CHAIN_GENERAL_FAILURE'],
    ofIssuer: 'hold',
  },
  'certificate.policy': CHAIN_WISH,
  'certificate.revoked': {
    block: 'x509',
    sub: 'REVOKED_NO_POE',
    class: 'not-for-this-input',
    also: ['REVOKED'],
  },
  'certificate.suspended': { block: 'x509', sub: 'TRY_LATER', class: 'not-for-this-input' },
  'certificate.on-hold': TRY_LATER,
  'certificate.ca-revoked': { block: 'x509', sub: 'REVOKED_CA_NO_POE', class: 'hold' },
  'certificate.anchor-missing': { block: 'x509', sub: 'NO_CERTIFICATE_CHAIN_FOUND', class: 'hold' },
  'certificate.not-ca': CHAIN,
  'certificate.path-length': CHAIN,
  'certificate.name-constraints': CHAIN,
  'certificate.critical-extension': CHAIN,
  'certificate.profile': CHAIN_WISH,
  'revocation.unavailable': TRY_LATER,
  'revocation.stale': TRY_LATER,
  'revocation.invalid': TRY_LATER,
  'revocation.scope': TRY_LATER,
  'revocation.unknown': TRY_LATER,
  'revocation.future': TRY_LATER,
  'revocation.issuer': TRY_LATER,
  'revocation.serial': TRY_LATER,
  'revocation.signature': TRY_LATER,
  'revocation.nonce': TRY_LATER,
  'revocation.responder': TRY_LATER,
  'revocation.refused': TRY_LATER,
  'revocation.number': TRY_LATER,
  'revocation.limit': TRY_LATER,
  'revocation.issuer-ended': { block: 'x509', sub: 'REVOCATION_OUT_OF_BOUNDS_NO_POE', class: 'retry' },
  'revocation.ageing': 'hold',
  'clock.off': 'hold',
  'jwe.form': 'refused',
  'jwe.header': 'refused',
  'jwe.key': 'refused',
  'jwe.decrypt': 'refused',
  'jwe.content': 'refused',
  'binding.replay': 'refused',
  'binding.transaction': OTHER_FORM,
  'receipt.invalid': 'hold',
  'key.state': 'hold',
  'key.not-found': 'hold',
  'key.seal-missing': 'hold',
  'key.unavailable': 'retry',
  'seal.integrity': 'hold',
  'evidence.invalid': {
    block: 'time',
    sub: 'NO_POE',
    class: 'not-for-this-input',
    also: ['FORMAT_FAILURE', 'HASH_FAILURE', 'SIG_CONSTRAINTS_FAILURE'],
  },
  'verification.deleted': 'refused',
  'verification.content-taken': 'refused',
  'timestamp.form': FORMAT,
  'timestamp.imprint': {
    block: 'cryptography',
    sub: 'HASH_FAILURE',
    class: 'final',
    also: ['CRYPTO_CONSTRAINTS_FAILURE_NO_POE'],
  },
  'timestamp.nonce': OTHER_FORM,
  'timestamp.policy': OTHER_FORM,
  'timestamp.signature': {
    block: 'cryptography',
    sub: 'SIG_CRYPTO_FAILURE',
    class: 'final',
    also: ['HASH_FAILURE', 'CRYPTO_CONSTRAINTS_FAILURE_NO_POE'],
  },
  'timestamp.certificate': {
    block: 'x509',
    sub: 'CHAIN_CONSTRAINTS_FAILURE',
    class: 'not-for-this-input',
    also: ['NO_SIGNING_CERTIFICATE_FOUND'],
  },
  'timestamp.renewal': { block: 'time', sub: 'NO_POE', class: 'not-for-this-input' },
  'timestamp.order': { block: 'time', sub: 'TIMESTAMP_ORDER_FAILURE', class: 'not-for-this-input' },
  'timestamp.refused': NO_TIME_YET,
  'timestamp.unavailable': NO_TIME_YET,
  'audit.broken': 'hold',
  'tlog.invalid': 'refused',
  'tlog.broken': 'hold',
  'oidc.metadata': 'hold',
  'oidc.issuer': 'refused',
  'oidc.request': 'hold',
  'oidc.state': 'refused',
  'oidc.nonce': 'refused',
  'oidc.token-type': 'refused',
  'oidc.token-signature': 'refused',
  'oidc.token-key': 'refused',
  'oidc.audience': 'refused',
  'oidc.time': 'refused',
  'oidc.at-hash': 'refused',
  'oidc.proof': 'refused',
  'oidc.subject': 'refused',
  'oidc.user-info': 'hold',
  'oidc.logout-token': 'refused',
  'oidc.callback-error': 'refused',
  'upstream.citizen': 'refused',
  'upstream.restart': 'refused',
  'upstream.operator': 'hold',
  'upstream.temporary': 'retry',
  'upstream.final': 'refused',
  'upstream.refresh': 'retry',
  'upstream.response': 'retry',
  'upstream.unreachable': 'retry',
  'upstream.timeout': 'retry',
  'upstream.tls': 'hold',
  'transaction.state': 'refused',
  'transaction.display-name': 'refused',
  'transaction.expired': 'refused',
  'transaction.cancelled': 'refused',
  'transaction.restored': 'refused',
  'transaction.hand-over': 'refused',
  'transaction.other-browser': 'refused',
  'signer.other-person': 'refused',
  'signer.name': 'refused',
  'signer.name-element': 'refused',
  'signer.login-ended': 'refused',
  'login.none': 'refused',
  'login.tokens-gone': 'refused',
  'consent.time': 'refused',
  'right.missing': 'refused',
  'record.not-found': 'refused',
  'verification.running': 'refused',
  'store.conflict': 'refused',
  'store.unavailable': 'retry',
  'store.full': 'retry',
  'store.value': 'refused',
  'store.migration': 'hold',
  'store.put-back': 'hold',
  'store.went-back': 'hold',
  'store.not-empty': 'refused',
  'queue.unavailable': 'retry',
  'queue.unknown-version': 'retry',
  'queue.time-limit': 'retry',
  'queue.abandoned': 'hold',
  'http.authentication': 'refused',
  'http.forbidden': 'refused',
  'http.not-found': 'refused',
  'http.method': 'refused',
  'http.syntax': 'refused',
  'http.body': 'refused',
  'http.body-size': 'refused',
  'http.media-type': 'refused',
  'http.origin': 'refused',
  'http.cookie': 'refused',
  'http.rate': 'refused',
  'http.shutting-down': 'retry',
  'webhook.url': 'refused',
  'webhook.address': 'refused',
  'webhook.exists': 'refused',
  'webhook.limit': 'refused',
  'webhook.disabled': 'refused',
  'webhook.rotation': 'refused',
  'passkey.form': 'refused',
  'passkey.refused': 'refused',
  'passkey.counter': 'refused',
  'passkey.challenge': 'refused',
  'passkey.unknown': 'refused',
  'passkey.suspended': 'refused',
  'passkey.card-needed': 'refused',
  'passkey.limit': 'refused',
  'passkey.name': 'refused',
  'operator.invitation': 'refused',
  'operator.session': 'refused',
  'approval.own': 'refused',
  'approval.expired': 'refused',
  'approval.state': 'refused',
  'idempotency.key': 'refused',
  'idempotency.mismatch': 'refused',
  'idempotency.running': 'refused',
  'idempotency.restored': 'refused',
  'internal.unexpected': 'hold',
};

/** What a code that stands in reports says; undefined for any other text. */
export function reportRow(code: string | undefined): ReportRow | undefined {
  if (code === undefined || !isErrorCode(code)) return undefined;
  const row = VERDICTS[code];
  return typeof row === 'string' ? undefined : row;
}

/** Whether it proves the signature wrong. */
export function isProofOfFailure(sub: SubIndication | undefined): boolean {
  return PROOFS_OF_FAILURE.some((proof) => proof === sub);
}

/** The main indication that goes with a sub-indication, in every report. */
export function indicationOf(sub: SubIndication | undefined): 'TOTAL-FAILED' | 'INDETERMINATE' {
  return isProofOfFailure(sub) ? 'TOTAL-FAILED' : 'INDETERMINATE';
}
