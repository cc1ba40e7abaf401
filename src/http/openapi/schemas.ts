import { z } from 'zod';
import {
  livenessSchema,
  openApiSchema,
  readinessCheckSchema,
  readinessSchema,
} from '../../contracts/operations/service.ts';
import {
  applicationFailureSchema,
  applicationListSchema,
  applicationReceiptSchema,
  applicationReportSchema,
  applicationSchema,
  evidenceRecordSchema,
  problemSchema,
  verdictSchema,
} from '../../contracts/public-api.ts';
import {
  certificateContentSchema,
  certificateFactsSchema,
  consentSchema,
  contentRequestSchema,
  logProofSchema,
  receiptJwksSchema,
  reportCheckSchema,
  statementEntrySchema,
  statementSchema,
  statusCheckBatchAnswerSchema,
  statusCheckBatchItemSchema,
  statusCheckBatchSchema,
  statusCheckListSchema,
  statusCheckSchema,
  verificationBatchAnswerSchema,
  verificationBatchItemSchema,
  verificationBatchSchema,
  verificationListSchema,
  verificationReceiptSchema,
  verificationReportSchema,
  verificationStatusSchema,
  verificationSubmissionSchema,
} from '../../contracts/verification.ts';
import {
  newWebhookEndpointSchema,
  webhookAttemptSchema,
  webhookDeliveryListSchema,
  webhookDeliverySchema,
  webhookEndpointListSchema,
  webhookEndpointSchema,
  webhookEndpointWithSecretSchema,
  webhookPayloadSchema,
} from '../../contracts/webhooks.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Schemas that have a name in the document; all others stand where they are used. */
const NAMED: Readonly<Record<string, z.ZodType>> = {
  Problem: problemSchema,
  Application: applicationSchema,
  ApplicationList: applicationListSchema,
  ApplicationReceipt: applicationReceiptSchema,
  ApplicationReport: applicationReportSchema,
  EvidenceRecord: evidenceRecordSchema,
  ApplicationFailure: applicationFailureSchema,
  Verdict: verdictSchema,
  ReportCheck: reportCheckSchema,
  VerificationSubmission: verificationSubmissionSchema,
  VerificationStatus: verificationStatusSchema,
  VerificationList: verificationListSchema,
  VerificationReceipt: verificationReceiptSchema,
  VerificationReport: verificationReportSchema,
  LogProof: logProofSchema,
  VerificationBatch: verificationBatchSchema,
  VerificationBatchAnswer: verificationBatchAnswerSchema,
  VerificationBatchItem: verificationBatchItemSchema,
  StatusCheck: statusCheckSchema,
  StatusCheckList: statusCheckListSchema,
  StatusCheckBatch: statusCheckBatchSchema,
  StatusCheckBatchItem: statusCheckBatchItemSchema,
  StatusCheckBatchAnswer: statusCheckBatchAnswerSchema,
  CertificateFacts: certificateFactsSchema,
  ContentRequest: contentRequestSchema,
  CertificateContent: certificateContentSchema,
  Consent: consentSchema,
  Statement: statementSchema,
  StatementEntry: statementEntrySchema,
  ReceiptKeys: receiptJwksSchema,
  Readiness: readinessSchema,
  ReadinessCheck: readinessCheckSchema,
  Liveness: livenessSchema,
  OpenApi: openApiSchema,
  WebhookEndpointRequest: newWebhookEndpointSchema,
  WebhookEndpoint: webhookEndpointSchema,
  WebhookEndpointWithSecret: webhookEndpointWithSecretSchema,
  WebhookEndpointList: webhookEndpointListSchema,
  WebhookAttempt: webhookAttemptSchema,
  WebhookDeliveryList: webhookDeliveryListSchema,
  WebhookDelivery: webhookDeliverySchema,
  WebhookPayload: webhookPayloadSchema,
};

const NAMES = new Map(Object.entries(NAMED).map(([name, schema]) => [schema, name]));

/** The schema by its name, or in full where it has none. `input`: as a caller sends it. */
export function schemaOf(schema: z.ZodType, side: 'input' | 'output'): JsonSchema {
  const name = NAMES.get(schema);
  return name === undefined
    ? bare(z.toJSONSchema(schema, { io: side }))
    : { $ref: `#/components/schemas/${name}` };
}

/** `components.schemas`: those that are used, and those that they use. */
export function namedSchemas(used: ReadonlySet<string>): Readonly<Record<string, JsonSchema>> {
  const registry = z.registry<{ id: string }>();
  for (const [name, schema] of Object.entries(NAMED)) registry.add(schema, { id: name });
  const { schemas } = z.toJSONSchema(registry, { uri: (id) => `#/components/schemas/${id}` });
  const wanted = new Set<string>();
  const want = (name: string) => {
    if (wanted.has(name) || schemas[name] === undefined) return;
    wanted.add(name);
    for (const inner of referencesIn(schemas[name])) want(inner);
  };
  for (const name of used) want(name);
  return Object.fromEntries(
    Object.entries(schemas)
      .filter(([name]) => wanted.has(name))
      .map(([name, schema]) => [name, bare(schema)]),
  );
}

/** Names that a part of the document refers to. */
export function referencesIn(part: unknown): readonly string[] {
  return [...JSON.stringify(part).matchAll(/"#\/components\/schemas\/([A-Za-z]+)"/g)].map(
    ([, name]) => name ?? '',
  );
}

function bare(schema: object): JsonSchema {
  const { $schema: _dialect, $id: _id, ...rest } = { ...schema } as Record<string, unknown>;
  return rest;
}
