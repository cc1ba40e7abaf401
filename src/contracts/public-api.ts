import { z } from 'zod';
import type { SignedElementSelector } from '../core/xmldsig/prepared-signature.ts';
import { cursorQuery, idText, instantText, sha256Text, urlText, waitQuery } from './formats.ts';
import { indicationSchema, verificationReportSchema } from './verification.ts';

/** The relying party's API (sp and gov). XML comes in as the request body of `POST /v1/applications`. */

export const applicationStateSchema = z.enum([
  'received',
  'opened',
  'authorizing',
  'exchanging',
  'authorized',
  'fetched',
  'submitted',
  'decided',
  'refused',
  'failed',
  'restart-needed',
  'expired',
  'cancelled',
]);

/** Query of `POST /v1/applications`; the body is the document. */
export const newApplicationQuerySchema = z.strictObject({
  profile: z.enum(['enveloped', 'by-id', 'guideline', 'detached']).optional(),
  /** A receiver's form by its name, instead of a profile: the body may then bring files beside the document. */
  form: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,63}$/)
    .optional(),
  mode: z.enum(['digest-info', 'digest']).optional(),
  /** 署名対象データ名; default: the local name of the signed element. */
  name: z.string().min(1).max(100).optional(),
  external_id: z
    .string()
    .min(1)
    .max(64)
    .refine((text) => !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(text))
    .optional(),
  /** Where the citizen's browser is led at the end: one of the URLs registered for the tenant, or a path below one. */
  return_to: z.string().max(255).optional(),
  /** Which element is signed, where the profile's default is not meant: a name, `{namespace}name`, or `#id`. */
  element: z
    .string()
    .max(512)
    .regex(/^(?:#[^#]+|(?:\{[^{}]+\})?[^#{}]+)$/)
    .optional(),
  /** 連署 at an sp: the application, in the same form, whose document this one signs as the next signer. */
  joins: z.uuid().optional(),
});
export type NewApplicationQuery = z.infer<typeof newApplicationQuerySchema>;

/** `name`, `{namespace}name` or `#id` as a selector of the signed element. */
export function signedElementSelector(text: string): SignedElementSelector {
  return text.startsWith('#') ? { id: text.slice(1) } : { name: text };
}

/** Query of `GET /v1/applications/{id}`. */
export const applicationStatusQuerySchema = z.strictObject({
  /** Until the application has ended or, with If-None-Match, has changed; or so many seconds have passed. */
  wait: waitQuery(),
});

/** Query of `GET /v1/applications`; newest first. */
export const applicationListQuerySchema = z.strictObject({
  state: applicationStateSchema.optional(),
  /** `next_cursor` of the page before. */
  cursor: cursorQuery(),
  limit: z.number().int().min(1).max(100).default(20),
});
export type ApplicationListQuery = z.infer<typeof applicationListQuerySchema>;

export const verdictSchema = z.strictObject({
  indication: indicationSchema,
  sub_indication: z.string().optional(),
  signed_octets_sha256: sha256Text(),
  decided_at: instantText(),
  reference: idText(),
});

/** Why an application did not come to its end. */
export const applicationFailureSchema = z.strictObject({
  code: z.string(),
  /** For the citizen. */
  message_ja: z.string(),
  /** Row of the guideline's error table, where the service refused. */
  row: z.string().optional(),
});

export const applicationSchema = z.strictObject({
  id: idText(),
  state: applicationStateSchema,
  profile: z.string(),
  mode: z.string(),
  /** 署名対象データ名 */
  name: z.string(),
  /** 署名対象識別コード: must be the same on our page and in the app. */
  identification_code: z.string(),
  external_id: z.string().optional(),
  /**
   * Where to send the citizen's browser: the first one that opens it takes the application. Absent once that is
   * done, and in lists.
   */
  sign_url: urlText().optional(),
  data: z.string(),
  verdict: verdictSchema.optional(),
  failure: applicationFailureSchema.optional(),
  created_at: instantText(),
  updated_at: instantText(),
  expires_at: instantText(),
});
export type ApplicationView = z.infer<typeof applicationSchema>;

export const applicationListSchema = z.strictObject({
  items: z.array(applicationSchema),
  next_cursor: idText().optional(),
});

/** `GET /v1/applications/{id}/receipt` (sp): the platform operator's receipt, a compact JWS. */
export const applicationReceiptSchema = z.strictObject({
  id: idText(),
  verification_id: idText(),
  receipt: z.string(),
});
export type ApplicationReceiptView = z.infer<typeof applicationReceiptSchema>;

/** `GET /v1/applications/{id}/report` (gov): every check in its order. */
export const applicationReportSchema = verificationReportSchema.extend({});

/** `GET /v1/applications/{id}/evidence` (gov): to be kept as it is; its inside is for `jitsuin evidence verify`. */
export const evidenceRecordSchema = z.looseObject({ format: z.string(), version: z.number().int() });

/** RFC 9457; `title` and `detail` are Japanese for who prefers it (`Accept-Language`); `code` is the same for all. */
export const problemSchema = z.object({
  type: urlText(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().optional(),
  instance: urlText().optional(),
  code: z.string(),
  at: z.string().optional(),
});
