import type { ErrorCode } from '../core/errors.ts';

/**
 * One check of a judgement and the codes it may end with, besides those of `core/indications.ts` that are our own
 * faults.
 */
interface JudgementCheck {
  readonly name: string;
  readonly codes: readonly ErrorCode[];
}

const ANY_CERTIFICATE: readonly ErrorCode[] = ['der.invalid', 'der.limit', 'certificate.syntax'];
const REVOCATION_DATA: readonly ErrorCode[] = [
  'revocation.unavailable',
  'revocation.stale',
  'revocation.invalid',
  'revocation.scope',
  'revocation.unknown',
  'revocation.future',
  'revocation.issuer',
  'revocation.serial',
  'revocation.signature',
  'revocation.nonce',
  'revocation.responder',
  'revocation.refused',
  'revocation.number',
  'revocation.limit',
  'revocation.issuer-ended',
];

/**
 * What is checked of a signature, in which order, with which code. A report of `startValidation` has these names in
 * this order, each at most once; which ones are there depends on the subject (a document, a file) and the policy.
 * What decides is not the first of them that is wrong: see `conclude` and the blocks of core/indications.ts.
 */
export const JUDGEMENT_CHECKS: readonly JudgementCheck[] = [
  { name: 'signing-mode', codes: ['xmldsig.mode'] },
  { name: 'size', codes: ['xml.size'] },
  { name: 'encoding', codes: ['xml.encoding'] },
  {
    name: 'well-formed',
    codes: ['xml.not-well-formed', 'xml.namespace', 'xml.version', 'xml.dtd', 'xml.limit'],
  },
  {
    name: 'shape',
    codes: ['xmldsig.unsigned', 'xmldsig.shape', 'xmldsig.other-form', 'xmldsig.key-info', 'base64.invalid'],
  },
  { name: 'algorithm-policy', codes: ['xmldsig.policy', 'xmldsig.weak-algorithm'] },
  {
    name: 'certificate-syntax',
    // The last three in receivers' forms: KeyInfo may hold several certificates, of which one must be the signer's.
    codes: [...ANY_CERTIFICATE, 'xmldsig.key-info', 'xmldsig.other-form', 'base64.invalid'],
  },
  { name: 'key-policy', codes: ['certificate.key-policy'] },
  { name: 'signature-value', codes: ['xmldsig.signature', 'certificate.key-policy'] },
  {
    name: 'reference-digest',
    codes: ['xmldsig.digest', 'xmldsig.file', 'xmldsig.other-form', 'c14n.relative-namespace'],
  },
  {
    name: 'certification-path',
    codes: ['certificate.path', 'certificate.anchor-missing', 'certificate.limit'],
  },
  { name: 'certificate-key-policy', codes: ['certificate.key-policy'] },
  { name: 'certificate-signature', codes: ['certificate.path'] },
  { name: 'validity-period', codes: ['certificate.expired', 'certificate.not-yet-valid'] },
  { name: 'critical-extensions', codes: ['certificate.critical-extension'] },
  {
    name: 'basic-constraints',
    codes: ['certificate.not-ca', 'certificate.path-length', 'certificate.usage'],
  },
  { name: 'name-constraints', codes: ['certificate.name-constraints'] },
  { name: 'certificate-policies', codes: ['certificate.policy'] },
  { name: 'key-usage', codes: ['certificate.usage'] },
  { name: 'extended-key-usage', codes: ['certificate.usage'] },
  { name: 'policy-algorithms', codes: ['certificate.key-policy', 'xmldsig.weak-algorithm'] },
  { name: 'jpki-version', codes: ['certificate.profile'] },
  { name: 'jpki-subject-name', codes: ['certificate.profile'] },
  { name: 'jpki-end-entity', codes: ['certificate.usage'] },
  { name: 'jpki-key-identifiers', codes: ['certificate.profile'] },
  { name: 'jpki-certificate-kind', codes: ['certificate.policy', 'certificate.profile'] },
  { name: 'jpki-key-usage', codes: ['certificate.usage'] },
  { name: 'jpki-distribution-point', codes: ['certificate.profile'] },
  { name: 'jpki-four-attributes', codes: ['certificate.profile'] },
  {
    name: 'revocation-status',
    codes: ['certificate.revoked', 'certificate.suspended', 'certificate.on-hold', ...REVOCATION_DATA],
  },
  { name: 'ca-revocation-status', codes: ['certificate.ca-revoked', ...REVOCATION_DATA] },
  { name: 'signer-validity-period', codes: ['certificate.expired', 'certificate.not-yet-valid'] },
  { name: 'transaction-binding', codes: ['binding.transaction'] },
  { name: 'proof-of-time', codes: ['timestamp.unavailable', 'timestamp.order'] },
];
