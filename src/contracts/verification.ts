import { z } from 'zod';
import { cursorQuery, idText, instantText, sha256Text, waitQuery } from './formats.ts';

/**
 * sp ↔ pf. What an sp sends and what it may get back. Nothing here can carry a certificate, a serial number (発行番号),
 * a subject, a key or anything derived from them.
 */

export const indicationSchema = z.enum(['TOTAL-PASSED', 'TOTAL-FAILED', 'INDETERMINATE']);

export const verificationSubmissionSchema = z.strictObject({
  /** The sp's own id of this submission (its application id). */
  submission_id: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[0-9a-zA-Z_-]+$/),
  service: z.string().min(1).max(64),
  environment: z.enum(['test', 'production']),
  /** Absent where `form` is there. */
  profile: z.enum(['enveloped', 'by-id', 'guideline', 'detached']).optional(),
  /** A receiver's form, and the SHA-256 of its data file: both sides have the same. */
  form: z
    .strictObject({
      name: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/),
      version: z.number().int().min(1),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    })
    .optional(),
  /** Files that lie beside the document in such a form, under the names by which they are signed. */
  files: z
    .array(z.strictObject({ name: z.string().min(1).max(255), octets: z.base64() }))
    .max(500)
    .optional(),
  /** 連署: the verification, of the same form, whose assembled document takes this signature as one more. */
  joins: z.uuid().optional(),
  mode: z.enum(['digest-info', 'digest']),
  /** base64 of the skeleton: the XML with an empty SignatureValue and X509Certificate, or the file for `detached`. */
  skeleton: z.base64().min(4),
  /** JWE in compact serialization, exactly as the service returned it. */
  jwe: z.string().min(1).max(65_536),
  /** The `data` that was sent to the start call. */
  data: z.string().min(44).max(92),
  check_method: z.enum(['CRL', 'OCSP']),
  /**
   * Which element was agreed to be signed, where it is not the default of the profile: `{namespace}local`, or its
   * Id.
   */
  signed_element: z
    .xor([
      z.strictObject({ name: z.string().min(1).max(512) }),
      z.strictObject({ id: z.string().min(1).max(255) }),
    ])
    .optional(),
});
export type VerificationSubmission = z.infer<typeof verificationSubmissionSchema>;

const verificationResultSchema = z.enum([
  'OK',
  'SIGNATURE_MISMATCH',
  'CERTIFICATE_REVOKED',
  'CERTIFICATE_EXPIRED',
  'CERTIFICATE_INVALID',
  'INDETERMINATE',
]);

export const reportCheckSchema = z.strictObject({
  name: z.string(),
  result: z.enum(['passed', 'failed', 'indeterminate', 'not-reached']),
  code: z.string().optional(),
  sub_indication: z.string().optional(),
});

export const verificationStatusSchema = z.strictObject({
  id: idText(),
  submission_id: z.string(),
  state: z.enum(['received', 'decided', 'refused', 'expired']),
  result: verificationResultSchema.optional(),
  indication: indicationSchema.optional(),
  sub_indication: z.string().optional(),
  /** Hex SHA-256 of the octets that the signature covers. */
  signed_octets_sha256: sha256Text().optional(),
  checks: z.array(reportCheckSchema).optional(),
  /** The rules by which it was judged, and their SHA-256; absent for verdicts of before. */
  policy: z.strictObject({ name: z.string(), sha256: sha256Text() }).optional(),
  /**
   * A random id of the citizen for this tenant alone, where its contract has one; stable across renewals once
   * linked.
   */
  subject_id: z.uuid().optional(),
  /** Stable error code when refused or expired. */
  failure: z.string().optional(),
  check_method: z.enum(['CRL', 'OCSP']),
  created_at: instantText(),
  decided_at: instantText().optional(),
  /** With `?with=receipt`, once decided: the compact JWS. */
  receipt: z.string().optional(),
});
/** Query of `GET /v1/verifications/{id}`. */
export const verificationStatusQuerySchema = z.strictObject({
  with: z.enum(['receipt']).optional(),
  /** Until the state is no longer `received`, or so many seconds have passed. */
  wait: waitQuery(),
});
export type VerificationStatus = z.infer<typeof verificationStatusSchema>;

/** Query of a report: `xml` is ETSI TS 119 102-2, `html` a page to be printed (検証結果報告書) with that XML inside. */
export const reportQuerySchema = z.strictObject({ format: z.enum(['json', 'xml', 'html']).default('json') });

/** Every check in its order. Nothing by which two reports could be told to be of one person. */
export const verificationReportSchema = z.strictObject({
  id: idText(),
  result: verificationResultSchema,
  indication: indicationSchema,
  sub_indication: z.string().optional(),
  signed_octets_sha256: sha256Text().optional(),
  validation_time: instantText(),
  /** The rules by which it was judged, and their SHA-256; absent where the record of it is not kept. */
  policy: z.strictObject({ name: z.string(), sha256: sha256Text() }).optional(),
  checks: z.array(reportCheckSchema),
});
export type VerificationReportView = z.infer<typeof verificationReportSchema>;

/** Several submissions at once, each judged on its own. */
export const verificationBatchSchema = z.strictObject({
  items: z.array(verificationSubmissionSchema).min(1).max(50),
});

export const verificationBatchItemSchema = z.xor([
  z.strictObject({ submission_id: z.string(), verification: verificationStatusSchema }),
  z.strictObject({ submission_id: z.string(), problem: z.string() }),
]);

export const verificationBatchAnswerSchema = z.strictObject({
  /** In the order of the batch: the verification, or the code of the refusal. */
  items: z.array(verificationBatchItemSchema),
});
export type VerificationBatchAnswer = z.infer<typeof verificationBatchAnswerSchema>;

/** Query of a later status check (現況確認); the method of the verification when absent. */
export const statusCheckQuerySchema = z.strictObject({ check_method: z.enum(['CRL', 'OCSP']).optional() });

/** What is known of the certificate of a verification now. UNKNOWN: it could not be found out, ask again. */
export const statusCheckSchema = z.strictObject({
  id: idText(),
  verification_id: idText(),
  status: z.enum(['GOOD', 'REVOKED', 'EXPIRED', 'UNKNOWN']),
  check_method: z.enum(['CRL', 'OCSP']),
  /** The tenant asked; or the operator looked by the contract (失効通知). */
  check_purpose: z.enum(['STATUS_CHECK', 'STATUS_NOTICE']),
  /** thisUpdate of the revocation data that decided. */
  source_updated_at: instantText().optional(),
  /** When the certificate was revoked, and why (CRLReason of RFC 5280 by name): contract item `revocation-detail`. */
  revoked_at: instantText().optional(),
  revocation_reason: z.string().optional(),
  checked_at: instantText(),
});
export type StatusCheck = z.infer<typeof statusCheckSchema>;

/** The newest first, at most 100. */
export const statusCheckListSchema = z.strictObject({ items: z.array(statusCheckSchema) });
export type StatusCheckList = z.infer<typeof statusCheckListSchema>;

export const statusCheckBatchSchema = z.strictObject({
  verification_ids: z.array(z.uuid()).min(1).max(50),
  /** Of each verification its own when absent. */
  check_method: z.enum(['CRL', 'OCSP']).optional(),
});

export const statusCheckBatchItemSchema = z.xor([
  z.strictObject({ verification_id: idText(), status_check: statusCheckSchema }),
  z.strictObject({ verification_id: idText(), problem: z.string() }),
]);

/** In the order of the batch: what is known, or the code of the refusal. */
export const statusCheckBatchAnswerSchema = z.strictObject({ items: z.array(statusCheckBatchItemSchema) });
export type StatusCheckBatchAnswer = z.infer<typeof statusCheckBatchAnswerSchema>;

/** What a tenant may know of the certificate of a verification, each by its contract. Never the certificate. */
export const certificateFactsSchema = z.strictObject({
  verification_id: idText(),
  /** Contract item `certificate-kind`. */
  kind: z.enum(['JPKI_CARD_DIGITAL_SIGNATURE', 'JPKI_MOBILE_DIGITAL_SIGNATURE']).optional(),
  /** The last day (of Japan) on which it is valid: contract item `validity-end`. */
  valid_until: z.iso.date().optional(),
});
export type CertificateFacts = z.infer<typeof certificateFactsSchema>;

const substitutableSchema = z.strictObject({
  text: z.string(),
  /** Places of substitute characters in the text, as code points from 0. */
  substituted: z.array(z.number().int()),
});

const CONSENT_ITEMS = ['name', 'sex', 'date_of_birth', 'address'] as const;

const consentMembers = {
  /** Which attributes the citizen agreed to have handed out; no other is. */
  items: z
    .array(z.enum(CONSENT_ITEMS))
    .min(1)
    .max(CONSENT_ITEMS.length)
    .refine((items) => new Set(items).size === items.length, { message: 'names an item twice' }),
  /** What for, as the citizen was told. No personal data. */
  purpose: z.string().min(1).max(200),
  /** SHA-256 (lower-case hexadecimal) of the text that the citizen agreed to; keep the text. */
  wording_sha256: z.string().regex(/^[0-9a-f]{64}$/),
  agreed_at: z.iso.datetime(),
};

/** To what the citizen agreed, by the tenant's word; kept by the operator with the hand-out. */
export const contentRequestSchema = z.strictObject({ consent: z.strictObject(consentMembers) });
export type ContentRequest = z.infer<typeof contentRequestSchema>;

/** A consent as it is kept: it outlives the verification. */
export const consentSchema = z.strictObject({
  verification_id: idText(),
  ...consentMembers,
  handed_out_at: instantText(),
  keep_until: instantText(),
});
export type ConsentView = z.infer<typeof consentSchema>;

/**
 * 基本4情報 as the certificate has them, code point by code point. Handed out once, and only where the contract lets the
 * tenant have them; nothing else of the certificate is in here.
 */
export const certificateContentSchema = z.strictObject({
  verification_id: idText(),
  name: substitutableSchema.optional(),
  sex: z.enum(['male', 'female', 'unknown']).optional(),
  /** Parts that the register does not know are zeros, so this is text. */
  date_of_birth: z
    .strictObject({ era: z.string(), year: z.string(), month: z.string(), day: z.string() })
    .optional(),
  address: substitutableSchema.optional(),
});
export type CertificateContent = z.infer<typeof certificateContentSchema>;

/** Query of the monthly statement. */
export const statementQuerySchema = z.strictObject({
  /** YYYY-MM in Japan's calendar. */
  month: z.string().regex(/^20[0-9]{2}-(?:0[1-9]|1[0-2])$/),
  format: z.enum(['json', 'csv']).default('json'),
});

/** One charged check. */
export const statementEntrySchema = z.strictObject({
  id: idText(),
  at: instantText(),
  verification_id: idText(),
  certificate: z.enum(['signing', 'user-authentication']),
  check_method: z.enum(['CRL', 'OCSP']),
  check_purpose: z.enum(['SIGNATURE_VERIFICATION', 'STATUS_CHECK']),
  result: z.enum(['OK', 'REVOKED']),
  list_price: z.number().int(),
  charged_price: z.number().int(),
  rule: z.string().optional(),
});

/** Charged checks of one month, in yen. */
export const statementSchema = z.strictObject({
  tenant: z.string(),
  month: z.string(),
  currency: z.literal('JPY'),
  count: z.number().int(),
  list_total: z.number().int(),
  charged_total: z.number().int(),
  entries: z.array(statementEntrySchema),
});
export type Statement = z.infer<typeof statementSchema>;

/** The receipt that an sp can keep and show: a compact JWS of the platform operator over the claims below. */
export const verificationReceiptSchema = z.strictObject({
  id: idText(),
  receipt: z.string(),
});
const hash = z.string().regex(/^[A-Za-z0-9+/]{43}=$/);

/** Shows that a receipt is in the operator's public log: blinded in a batch, whose root is an entry (RFC 6962). */
export const logProofSchema = z.strictObject({
  format: z.literal('jitsuin-log-proof/1'),
  kind: z.enum(['receipt', 'audit-seal', 'evidence-head', 'evidence']),
  nonce: hash,
  batch: z.strictObject({ index: z.number().int(), size: z.number().int(), path: z.array(hash).max(64) }),
  /** base64. */
  entry: z.base64(),
  index: z.number().int(),
  path: z.array(hash).max(64),
  /** The log's head as a signed note (C2SP tlog-checkpoint), with what witnesses signed. */
  checkpoint: z.string(),
});

export type VerificationReceipt = z.infer<typeof verificationReceiptSchema>;

export const verificationListSchema = z.strictObject({
  items: z.array(verificationStatusSchema),
  /** Give as `?cursor=` for the next page; absent at the end. */
  next_cursor: idText().optional(),
});
export type VerificationList = z.infer<typeof verificationListSchema>;

/** Query of `GET /v1/verifications`, newest first. */
export const verificationListQuerySchema = z.strictObject({
  cursor: cursorQuery(),
  limit: z.number().int().min(1).max(100).default(20),
  state: z.enum(['received', 'decided', 'refused', 'expired']).optional(),
  /** The sp's own id of a submission. */
  submission_id: z.string().min(1).max(64).optional(),
  /** Those of one citizen: contract item `subject-id`. */
  subject_id: z.uuid().optional(),
  /** Received at or after, and before, these instants (RFC 3339). */
  from: z.iso.datetime({ offset: true }).optional(),
  until: z.iso.datetime({ offset: true }).optional(),
});

const coordinate = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

/** The platform operator's `/.well-known/jwks.json`: public keys of its receipts, two while rotating (RFC 7517). */
export const receiptJwksSchema = z.strictObject({
  keys: z
    .array(
      z.strictObject({
        kty: z.literal('EC'),
        crv: z.literal('P-256'),
        x: coordinate,
        y: coordinate,
        kid: z.string().min(1).max(255),
        alg: z.literal('ES256').optional(),
        use: z.literal('sig').optional(),
      }),
    )
    .min(1)
    .max(8),
});

export const receiptClaimsSchema = z.strictObject({
  iss: z.string(),
  aud: z.string(),
  iat: z.number(),
  jti: z.string(),
  verification: z.strictObject({
    id: idText(),
    submission_id: z.string(),
    result: verificationResultSchema,
    indication: indicationSchema,
    sub_indication: z.string().optional(),
    /** Absent unless the signature was right. */
    signed_octets_sha256: sha256Text().optional(),
    data: z.string(),
    profile: z.string(),
    mode: z.string(),
    check_method: z.enum(['CRL', 'OCSP']),
    decided_at: instantText(),
  }),
});
export type ReceiptClaims = z.infer<typeof receiptClaimsSchema>;
