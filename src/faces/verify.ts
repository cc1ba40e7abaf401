/**
 * `jitsuin/verify`: a signed document, a file with its signature beside it, a document in a receiver's form, or an
 * evidence record in; a report out. Trust, revocation data and the instant are arguments. Reads no file, asks no
 * network, reads no clock.
 */
import type { EpochMillis, SignatureValue, SigningMode } from '../core/brand.ts';
import { defined } from '../core/defined.ts';
import type { Form } from '../core/forms/form.ts';
import type { SignedElementSelector, XmlSignatureProfileName } from '../core/xmldsig/prepared-signature.ts';
import { DEFAULT_PROFILE } from '../core/xmldsig/profile-table.ts';
import { type ExportVerification, verifyExportedEvidence } from '../verifier/evidence/verify-exported.ts';
import type { GivenFile } from '../verifier/forms/form-validation.ts';
import { type FormJudgement, judgeFormOffline } from '../verifier/forms/judge-form.ts';
import type { OfflineRules } from '../verifier/judge-offline.ts';
import { judgeStamped, type StampedJudgement } from '../verifier/judge-stamped.ts';
import type { PolicyFile } from '../verifier/policy/policy-file.ts';
import { shippedOf } from '../verifier/policy/shipped.ts';
import { policyOf } from '../verifier/policy/validation-policy.ts';
import type { Certificate } from '../verifier/x509/certificate-types.ts';

export type { EpochMillis, SignatureValue, SigningMode } from '../core/brand.ts';
export { type ErrorCode, JitsuinError } from '../core/errors.ts';
export { formCatalogue } from '../core/forms/catalogue.ts';
export type { Form } from '../core/forms/form.ts';
export { readForm } from '../core/forms/read-form.ts';
export {
  type Check,
  decisiveCheck,
  type Indication,
  isRetryable,
  type Report,
  type SubIndication,
} from '../core/report.ts';
export type { SignedElementSelector, XmlSignatureProfileName } from '../core/xmldsig/prepared-signature.ts';
export type { EvidenceOutcome, ExportVerification } from '../verifier/evidence/verify-exported.ts';
export type { GivenFile } from '../verifier/forms/form-validation.ts';
export type { FormJudgement } from '../verifier/forms/judge-form.ts';
export type { StampedJudgement } from '../verifier/judge-stamped.ts';
export { type PolicyFile, readPolicyFile } from '../verifier/policy/policy-file.ts';
export { type ShippedPolicy, shippedPolicies } from '../verifier/policy/shipped.ts';
export { parseCertificate } from '../verifier/x509/certificate.ts';
export type { Certificate } from '../verifier/x509/certificate-types.ts';
export { certificatesFromPem } from '../verifier/x509/pem.ts';

/** Whom the caller believes, and what lies beside the document. Nothing of it is ever taken from the document. */
export interface Trust {
  /** At least one trust anchor; with none, nothing passes. */
  readonly trustAnchors: readonly Certificate[];
  readonly intermediates?: readonly Certificate[];
  /** DER. */
  readonly crls?: readonly Uint8Array[];
  /** DER OCSPResponses. */
  readonly ocsp?: readonly Uint8Array[];
  /** `switched-off`: nobody asks about revocation, and the report says so. Default `asked`. */
  readonly revocation?: 'asked' | 'switched-off';
  /** The instant for which is judged. */
  readonly at: Date;
  /** Default: the shipped one whose table has the signer's certificate policy. */
  readonly policy?: PolicyFile;
  /** DER of RFC 3161 tokens beside the signature. */
  readonly timeStamps?: readonly Uint8Array[];
  /** Roots of their authorities. */
  readonly tsaTrustAnchors?: readonly Certificate[];
}

export interface DocumentToVerify {
  /** UTF-8 XML with its Signature in it. */
  readonly document: Uint8Array;
  /** Default `enveloped`; chosen by the caller, never by the document. */
  readonly profile?: XmlSignatureProfileName;
  /** The element that must be signed. */
  readonly signedElement?: SignedElementSelector;
}

/** Judges a signed XML document. Whatever is wrong with it is in the report; only wrong arguments throw. */
export function verifyDocument(asked: DocumentToVerify, trust: Trust): StampedJudgement {
  const { document, profile = DEFAULT_PROFILE, signedElement } = asked;
  const subject = defined({ kind: 'document' as const, document, profile, signedElement });
  return judgeStamped(subject, 'digest-info', rulesOf(trust), stampsOf(trust));
}

export interface FileToVerify {
  /** The file, its octets as they are. */
  readonly octets: Uint8Array;
  /** DER of the signer's certificate. */
  readonly certificate: Uint8Array;
  readonly signatureValue: Uint8Array;
  /** As the sign transaction was started. */
  readonly mode: SigningMode;
}

/** Judges a signature beside a file (profile `detached`). */
export function verifyFile(
  { octets, certificate, signatureValue, mode }: FileToVerify,
  trust: Trust,
): StampedJudgement {
  const value = signatureValue as SignatureValue;
  const subject = { kind: 'file' as const, octets, certificate, signatureValue: value };
  return judgeStamped(subject, mode, rulesOf(trust), stampsOf(trust));
}

export interface FormToVerify {
  /** One of `formCatalogue()`, or of `readForm`. */
  readonly form: Form;
  readonly document: Uint8Array;
  /** Name of the document's own file, where the form names a file after it. */
  readonly documentName?: string;
  /** The files beside it, with their digests. */
  readonly files?: readonly GivenFile[];
  /** How many must have signed, where the caller knows it. */
  readonly signers?: number;
}

/** Judges a document in a receiver's form: one report for each signer and one over all. */
export function verifyForm(asked: FormToVerify, trust: Trust): FormJudgement {
  const { form, document, documentName, files = [], signers } = asked;
  return judgeFormOffline(defined({ form, document, documentName, files, signers }), rulesOf(trust));
}

/** For an evidence file; the instant, the lists and the policy's name stand in it. */
export interface EvidenceTrust {
  readonly trustAnchors: readonly Certificate[];
  /** Roots of the time-stamp authorities; without them no time is proved. */
  readonly tsaTrustAnchors?: readonly Certificate[];
  readonly policies?: readonly PolicyFile[];
  /** The caller believes the instant that the record says. */
  readonly believeInstant?: boolean;
  /** For when it is asked whether the proof still stands; default: the day of the newest token. */
  readonly asked?: Date;
}

/** Judges a file of `jitsuin evidence export` again, from its own parts. */
export function verifyEvidence(octets: Uint8Array, trust: EvidenceTrust): ExportVerification {
  const { trustAnchors, tsaTrustAnchors, policies, believeInstant, asked } = trust;
  const day = asked === undefined ? undefined : (asked.getTime() as EpochMillis);
  return verifyExportedEvidence(
    octets,
    defined({ trustAnchors, tsaTrustAnchors, policies, believeInstant, asked: day }),
  );
}

function rulesOf(trust: Trust): OfflineRules {
  const { trustAnchors, intermediates = [], crls = [], ocsp = [], revocation = 'asked', at, policy } = trust;
  return {
    trustAnchors,
    intermediates,
    data: { crls, ocsp },
    revocation,
    policy: (signer) => policyOf(policy ?? shippedOf(signer), 'EITHER'),
    at: at.getTime() as EpochMillis,
  };
}

function stampsOf({ timeStamps = [], tsaTrustAnchors = [] }: Trust) {
  return { tokens: timeStamps, trustAnchors: tsaTrustAnchors };
}
