import type { z } from 'zod';
import { defined } from '../../core/defined.ts';
import { ERROR_CODES, type ErrorCode } from '../../core/errors.ts';

export type ApiRole = 'sp' | 'gov' | 'pf';

/** Chapters of the document, in the order in which they are read. */
export const TAGS = {
  applications: 'Documents that citizens are to sign, and what became of them.',
  verifications: 'Signed results that the platform operator opens and verifies, with receipts and fees.',
  webhooks: 'Where a tenant is told of state changes, and what became of each telling.',
  'the service': 'Called by デジタル認証アプリ, not by tenants.',
  service: 'Probes, and this document.',
} as const;
export type Tag = keyof typeof TAGS;

/**
 * What an API key may be limited to: `read` records, `write` (hand in, cancel), change `webhooks`, read `evidence`
 * (the signed document and the certificate with its personal data).
 */
export const API_SCOPES = ['read', 'write', 'webhooks', 'evidence'] as const;
export type ApiScope = (typeof API_SCOPES)[number];

/** A body as the document shows it: by schema, or octets. */
export interface BodyShape {
  readonly mediaType: string;
  readonly schema: z.ZodType | 'octets' | 'text';
}

export interface AnswerShape {
  readonly description: string;
  /** Absent: no body. */
  readonly body?: BodyShape;
  /** Other forms of the body that the request can ask for. */
  readonly otherBodies?: readonly BodyShape[];
  /** Name → what it says. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** One operation of the HTTP API, as the OpenAPI document, the reading page and the contract tests have it. */
export interface Operation {
  readonly id: string;
  readonly method: 'get' | 'post' | 'delete';
  /** With `{name}` for what stands in the path; every such value is an opaque id. */
  readonly path: string;
  readonly tag: Tag;
  readonly summary: string;
  /** What a caller must know beside the summary. */
  readonly description: string;
  readonly authentication: 'tenant' | 'none';
  /** Default: `read` for GET, else `write`. */
  readonly scope?: ApiScope;
  /** Object schema of the query. */
  readonly query?: z.ZodType;
  readonly bodies?: readonly BodyShape[];
  /** `endpoint`: a URL of the caller's own, to which webhooks are sent from then on. */
  readonly registers?: 'endpoint';
  readonly idempotencyKey?: 'required';
  /**
   * The same request again does no more than the first did, so that it may be sent again when its answer was lost.
   * Always so for GET and DELETE, and under an Idempotency-Key.
   */
  readonly repeatable?: true;
  readonly answers: Readonly<Record<number, AnswerShape>>;
  /** Every stable code that it can answer, beside those of `EVERY_OPERATION`. */
  readonly problems: readonly ErrorCode[];
  /** Codes that a standard wants answered with one status of its own. */
  readonly refusals?: { readonly status: number; readonly codes: readonly ErrorCode[] };
}

export function scopeOf({ method, scope }: Pick<Operation, 'method' | 'scope'>): ApiScope {
  return scope ?? (method === 'get' ? 'read' : 'write');
}

/** What any request can be answered. */
export const EVERY_OPERATION: readonly ErrorCode[] = ['http.body', 'internal.unexpected'];
/** What any request of a tenant can be answered beside. */
export const EVERY_TENANT_OPERATION: readonly ErrorCode[] = [
  'http.authentication',
  'http.forbidden',
  'http.rate',
  'store.unavailable',
  'store.full',
];

/** All codes under these prefixes (`xml.`, `c14n.` …). */
export function codesUnder(...prefixes: readonly string[]): readonly ErrorCode[] {
  return (Object.keys(ERROR_CODES) as ErrorCode[]).filter((code) =>
    prefixes.some((prefix) => code.startsWith(prefix)),
  );
}

/** `GET` that answers 200 with JSON. */
export function json(
  description: string,
  schema: z.ZodType,
  headers?: Readonly<Record<string, string>>,
): AnswerShape {
  return defined({
    description,
    body: { mediaType: 'application/json', schema },
    headers,
  });
}
