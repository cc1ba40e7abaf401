import { context as otel, propagation } from '@opentelemetry/api';
import type { z } from 'zod';
import {
  verificationListSchema,
  verificationReceiptSchema,
  verificationStatusSchema,
} from '../../contracts/verification.ts';
import { defined } from '../../core/defined.ts';
import { toBase64Url, toUtf8 } from '../../core/encoding.ts';
import { JitsuinError } from '../../core/errors.ts';
import type { ClientKeys } from '../../ports/client-keys.ts';
import type { Clock } from '../../ports/clock.ts';
import type { HttpClient, HttpResponse } from '../../ports/http-client.ts';
import type { Random } from '../../ports/random.ts';
import type { VerificationContext, VerificationService } from '../../ports/verification-service.ts';
import { jsonOf, processProblem } from './problem.ts';

interface PfVerificationOptions {
  readonly http: HttpClient;
  /** Base URL of the platform operator, as it is configured there as its public URL: the `aud` of every assertion. */
  readonly url: string;
  /** Our name at the platform operator: `iss` and `sub`. */
  readonly clientId: string;
  readonly clientKeys: ClientKeys;
  readonly clock: Clock;
  readonly random: Random;
}

const LIFETIME_SECONDS = 60;
const ID = /^[0-9a-f-]{36}$/;
const MAX_ANSWER = 65_536;

/**
 * The platform operator over its HTTP API, authenticated by a fresh private_key_jwt assertion with every request.
 * Answers are judged by the contract: one with an unknown member is refused whole, so nothing of a certificate can
 * arrive here. Errors: what the operator says about the submission by its own code (`jwe.*`, `binding.*`,
 * `xmldsig.*` …); `upstream.operator` (our registration or configuration there), `upstream.final` (the verification
 * is gone), `upstream.temporary`, `upstream.response`, and those of the HTTP client.
 */
export function createPfVerificationService(options: PfVerificationOptions): VerificationService {
  const base = options.url.replace(/\/+$/, '');
  return {
    submit: async (submission, context) => {
      const body = toUtf8(JSON.stringify(submission));
      const response = await options.http.send({
        method: 'POST',
        url: `${base}/v1/verifications`,
        headers: { ...(await headersOf(options, base, context)), 'content-type': 'application/json' },
        body,
        maxResponseOctets: MAX_ANSWER,
      });
      return processAnswer(response, verificationStatusSchema, 'submit', body.byteLength);
    },
    status: async (id, context) => {
      const response = await get(options, base, `/v1/verifications/${known(id)}?with=receipt`, context);
      return processAnswer(response, verificationStatusSchema, 'read');
    },
    find: async (submissionId, context) => {
      const query = new URLSearchParams({ submission_id: submissionId });
      const response = await get(options, base, `/v1/verifications?${query}`, context);
      const { items } = processAnswer(response, verificationListSchema, 'read');
      return items.find(({ submission_id }) => submission_id === submissionId);
    },
    receipt: async (id, context) => {
      const response = await get(options, base, `/v1/verifications/${known(id)}/receipt`, context);
      if (response.status === 409) return undefined;
      return processAnswer(response, verificationReceiptSchema, 'read');
    },
  };
}

async function get(
  options: PfVerificationOptions,
  base: string,
  path: string,
  context: VerificationContext | undefined,
): Promise<HttpResponse> {
  const headers = await headersOf(options, base, context);
  return options.http.send({ method: 'GET', url: `${base}${path}`, headers, maxResponseOctets: MAX_ANSWER });
}

/** An id goes into a URL only in the form that the operator gives. */
function known(id: string): string {
  if (ID.test(id)) return id;
  throw new JitsuinError('upstream.response', 'The verification id does not have the documented form.');
}

async function headersOf(
  options: PfVerificationOptions,
  audience: string,
  context: VerificationContext = {},
): Promise<Record<string, string>> {
  const now = Math.floor(options.clock.now() / 1000);
  const assertion = await options.clientKeys.signAssertion({
    iss: options.clientId,
    sub: options.clientId,
    aud: audience,
    jti: toBase64Url(options.random.octets(16)),
    iat: now,
    exp: now + LIFETIME_SECONDS,
  });
  const { correlationId } = context;
  const carrier: Record<string, string> = {};
  propagation.inject(otel.active(), carrier);
  return defined({
    ...carrier,
    authorization: `Bearer ${assertion}`,
    'x-request-id': correlationId,
  });
}

function processAnswer<Schema extends z.ZodType>(
  response: HttpResponse,
  schema: Schema,
  asked: 'submit' | 'read',
  sent = 0,
): z.infer<Schema> {
  if (response.status !== 200 && response.status !== 202) throw processProblem(response, asked, sent);
  const parsed = schema.safeParse(jsonOf(response));
  if (parsed.success) return parsed.data;
  throw new JitsuinError(
    'upstream.response',
    'The answer of the platform operator does not match its schema (contracts/verification.ts).',
  );
}
