import type { z } from 'zod';
import { livenessSchema, openApiSchema, readinessSchema } from '../../contracts/operations/service.ts';
import {
  applicationListSchema,
  applicationReceiptSchema,
  applicationReportSchema,
  applicationSchema,
  evidenceRecordSchema,
} from '../../contracts/public-api.ts';
import {
  certificateContentSchema,
  certificateFactsSchema,
  consentSchema,
  contentRequestSchema,
  logProofSchema,
  receiptJwksSchema,
  statementSchema,
  statusCheckBatchAnswerSchema,
  statusCheckBatchSchema,
  statusCheckListSchema,
  statusCheckSchema,
  verificationBatchAnswerSchema,
  verificationBatchSchema,
  verificationListSchema,
  verificationReceiptSchema,
  verificationReportSchema,
  verificationStatusSchema,
  verificationSubmissionSchema,
} from '../../contracts/verification.ts';
import {
  newWebhookEndpointSchema,
  webhookDeliveryListSchema,
  webhookDeliverySchema,
  webhookEndpointListSchema,
  webhookEndpointSchema,
  webhookEndpointWithSecretSchema,
  webhookPayloadSchema,
} from '../../contracts/webhooks.ts';

/** A document as a caller hands it in. */
export const DOCUMENT_EXAMPLE = '<届出><氏名>模擬 太郎</氏名></届出>';

const ID = '01890a5d-ac96-774b-bcce-b302099a8057';
const VERIFICATION_ID = '01890a5e-0f11-7c1e-9d2a-6f0d8c5b4a39';
const ENDPOINT_ID = '01890a5b-77aa-7b02-8f4e-52d1c09e3b66';
const CREATED = '2026-11-30T03:14:15.000Z';
const DECIDED = '2026-11-30T03:16:02.000Z';
const LATER = '2026-11-30T03:44:15.000Z';
const SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
/** DigestInfo of that SHA-256, as `data` has it in the mode `digest-info`. */
const DATA = 'MDEwDQYJYIZIAWUDBAIBBQAEIOOwxEKY/BwUmvv0yJlvuSQnrkHkZJuTTKSVmRt4UrhV';
const RECEIPT = 'eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiLigKYifQ.c2lnbmF0dXJl';

const application: z.input<typeof applicationSchema> = {
  id: ID,
  state: 'decided',
  profile: 'enveloped',
  mode: 'digest-info',
  name: '届出',
  identification_code: '4821',
  external_id: 'order-2026-0001',
  data: DATA,
  verdict: {
    indication: 'TOTAL-PASSED',
    signed_octets_sha256: SHA256,
    decided_at: DECIDED,
    reference: VERIFICATION_ID,
  },
  created_at: CREATED,
  updated_at: DECIDED,
  expires_at: LATER,
};
const endpoint: z.input<typeof webhookEndpointSchema> = {
  id: ENDPOINT_ID,
  url: 'https://rp.example/webhooks',
  events: ['application.decided', 'application.failed'],
  state: 'enabled',
  created_at: CREATED,
  updated_at: CREATED,
};
const delivery: z.input<typeof webhookDeliverySchema> = {
  id: '01890a5f-3c21-7f5d-a1b0-0c9d8e7f6a5b',
  endpoint_id: ENDPOINT_ID,
  type: 'application.decided',
  subject: ID,
  state: 'delivered',
  created_at: DECIDED,
  updated_at: DECIDED,
};
const submission: z.input<typeof verificationSubmissionSchema> = {
  submission_id: ID,
  service: 'portal',
  environment: 'test',
  profile: 'enveloped',
  mode: 'digest-info',
  skeleton: 'POWxiuWHuj4uLi48L+WxiuWHuj4=',
  jwe: 'eyJhbGciOiJFQ0RILUVTIn0..aXY.Y2lwaGVydGV4dA.dGFn',
  data: DATA,
  check_method: 'CRL',
};
const verification: z.input<typeof verificationStatusSchema> = {
  id: VERIFICATION_ID,
  submission_id: ID,
  state: 'decided',
  result: 'OK',
  indication: 'TOTAL-PASSED',
  signed_octets_sha256: SHA256,
  checks: [{ name: 'signature-value', result: 'passed' }],
  policy: { name: 'jpki-signing-production', sha256: SHA256 },
  check_method: 'CRL',
  created_at: CREATED,
  decided_at: DECIDED,
};
const report: z.input<typeof verificationReportSchema> = {
  id: ID,
  result: 'OK',
  indication: 'TOTAL-PASSED',
  signed_octets_sha256: SHA256,
  validation_time: DECIDED,
  policy: { name: 'jpki-signing-production', sha256: SHA256 },
  checks: [{ name: 'signature-value', result: 'passed' }],
};
const consent: z.input<typeof contentRequestSchema>['consent'] = {
  items: ['name', 'address'],
  purpose: '口座の開設',
  wording_sha256: SHA256,
  agreed_at: CREATED,
};

const statusCheck = {
  id: '01890a60-5d4c-7b3a-9281-70f6e5d4c3b2',
  verification_id: VERIFICATION_ID,
  status: 'GOOD',
  check_method: 'CRL',
  check_purpose: 'STATUS_CHECK',
  source_updated_at: CREATED,
  checked_at: DECIDED,
} as const;

/** Schema → a value that it accepts; `test/contract/openapi` judges each by the document. */
const EXAMPLES: ReadonlyMap<z.ZodType, unknown> = new Map<z.ZodType, unknown>([
  pair(applicationSchema, application),
  pair(applicationListSchema, { items: [application], next_cursor: ID }),
  pair(applicationReceiptSchema, { id: ID, verification_id: VERIFICATION_ID, receipt: RECEIPT }),
  pair(applicationReportSchema, report),
  pair(verificationReportSchema, report),
  pair(evidenceRecordSchema, { format: 'jitsuin-evidence', version: 3 }),
  pair(livenessSchema, { status: 'ok' }),
  pair(openApiSchema, { openapi: '3.1.1' }),
  pair(readinessSchema, { status: 'ok', checks: [{ name: 'store', ok: true }] }),
  pair(newWebhookEndpointSchema, { url: endpoint.url, events: endpoint.events }),
  pair(webhookEndpointSchema, endpoint),
  pair(webhookEndpointListSchema, { items: [endpoint] }),
  pair(webhookEndpointWithSecretSchema, { ...endpoint, secret: `whsec_${'A'.repeat(43)}=` }),
  pair(webhookDeliverySchema, delivery),
  pair(webhookDeliveryListSchema, { items: [delivery] }),
  pair(webhookPayloadSchema, {
    type: 'application.decided',
    timestamp: DECIDED,
    data: { id: ID, state: 'decided' },
  }),
  pair(verificationSubmissionSchema, submission),
  pair(verificationStatusSchema, verification),
  pair(verificationListSchema, { items: [verification], next_cursor: VERIFICATION_ID }),
  pair(verificationReceiptSchema, { id: VERIFICATION_ID, receipt: RECEIPT }),
  pair(logProofSchema, {
    format: 'jitsuin-log-proof/1',
    kind: 'receipt',
    nonce: `${'A'.repeat(43)}=`,
    batch: { index: 0, size: 256, path: [] },
    entry: 'aml0c3VpbiBsb2cgZW50cnkgMQo=',
    index: 0,
    path: [],
    checkpoint: 'log.example.jp/jitsuin\n1\n…',
  }),
  pair(verificationBatchSchema, { items: [submission] }),
  pair(verificationBatchAnswerSchema, { items: [{ submission_id: ID, verification }] }),
  pair(statusCheckSchema, statusCheck),
  pair(statusCheckListSchema, { items: [statusCheck] }),
  pair(statusCheckBatchSchema, { verification_ids: [VERIFICATION_ID], check_method: 'CRL' }),
  pair(statusCheckBatchAnswerSchema, {
    items: [{ verification_id: VERIFICATION_ID, status_check: statusCheck }],
  }),
  pair(certificateFactsSchema, {
    verification_id: VERIFICATION_ID,
    kind: 'JPKI_CARD_DIGITAL_SIGNATURE',
    valid_until: '2031-04-01',
  }),
  pair(contentRequestSchema, { consent }),
  pair(consentSchema, {
    ...consent,
    verification_id: VERIFICATION_ID,
    handed_out_at: DECIDED,
    keep_until: '2033-11-30T03:16:02.000Z',
  }),
  pair(certificateContentSchema, {
    verification_id: VERIFICATION_ID,
    name: { text: '模擬 太郎', substituted: [] },
    address: { text: '東京都千代田区模擬町一丁目1番1号', substituted: [] },
  }),
  pair(statementSchema, {
    tenant: 'tenant-alpha',
    month: '2026-11',
    currency: 'JPY',
    count: 0,
    list_total: 0,
    charged_total: 0,
    entries: [],
  }),
  pair(receiptJwksSchema, {
    keys: [
      {
        kty: 'EC',
        crv: 'P-256',
        // the example of RFC 7515, appendix A.3
        x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
        y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
        kid: 'receipts-2026',
        alg: 'ES256',
        use: 'sig',
      },
    ],
  }),
]);

function pair<Schema extends z.ZodType>(schema: Schema, example: z.input<Schema>): [z.ZodType, unknown] {
  return [schema, example];
}

/** A value of a body's schema; undefined where the schema says everything. */
export function exampleOf(schema: z.ZodType): unknown {
  return EXAMPLES.get(schema);
}
