import type { ApiRole } from '../../src/contracts/operations/operation.ts';
import { openApiDocument } from '../../src/http/openapi/document.ts';

/** A JSON Schema as it stands in the document. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly const?: unknown;
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: unknown;
}

interface Parameter {
  readonly name: string;
  readonly required: boolean;
  readonly schema: Schema;
}

/** One operation of a tenant, as the writers of clients need it. */
export interface OperationShape {
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly summary: string;
  readonly description: string;
  readonly inPath: readonly string[];
  readonly query: readonly Parameter[];
  readonly mediaTypes: readonly string[];
  /** Of the body; absent: octets, or no body at all. */
  readonly body?: Schema;
  readonly answer: 'json' | 'octets' | 'none';
  readonly answerSchema?: Schema;
  /** Another form of the answer that the query can ask for, as text. */
  readonly answerText: 'possible' | 'never';
  readonly idempotencyKey: 'made' | 'none';
  readonly again: 'repeatable' | 'once';
}

export interface ApiShape {
  readonly role: ApiRole;
  readonly operations: readonly OperationShape[];
  readonly schemas: Readonly<Record<string, Schema>>;
  readonly problems: Readonly<Record<string, { readonly status: number; readonly retry: boolean }>>;
}

interface RawContent {
  readonly [mediaType: string]: { readonly schema?: Schema };
}

interface RawOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly parameters: readonly (Parameter & { readonly in: 'path' | 'query' | 'header' })[];
  readonly requestBody?: { readonly content: RawContent };
  readonly responses: Readonly<Record<string, { readonly content?: RawContent }>>;
  readonly 'x-repeatable'?: true;
}

/** Tags of what is not for tenants: probes, this document itself, and what the service calls. */
const NOT_FOR_TENANTS = ['service', 'the service'];

/** What a tenant can call at a role, read from the role's OpenAPI document. */
export function apiShape(role: ApiRole): ApiShape {
  const document = openApiDocument(role);
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .map(([method, operation]) => ({ path, method, operation: operation as object as RawOperation }))
      .filter(({ operation }) => !operation.tags.some((tag) => NOT_FOR_TENANTS.includes(tag)))
      .map((found) => operationShape(found.path, found.method, found.operation)),
  );
  return {
    ...{ role, operations },
    schemas: document.components['schemas'] as Record<string, Schema>,
    problems: document['x-problem-codes'],
  };
}

function operationShape(path: string, method: string, operation: RawOperation): OperationShape {
  const { operationId: id, summary, description = '', parameters } = operation;
  const content = Object.entries(operation.requestBody?.content ?? {});
  const first = content[0]?.[1].schema;
  const body = first?.format === 'binary' ? undefined : first;
  const names = parameters.map(({ name }) => name);
  return {
    ...{ id, path, summary, description },
    method: method.toUpperCase() as OperationShape['method'],
    inPath: parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name),
    query: parameters.filter((parameter) => parameter.in === 'query'),
    mediaTypes: content.map(([mediaType]) => mediaType),
    ...(body === undefined ? {} : { body }),
    ...answerShape(operation),
    idempotencyKey: names.includes('Idempotency-Key') ? 'made' : 'none',
    again: operation['x-repeatable'] === true ? 'repeatable' : 'once',
  };
}

function answerShape({
  responses,
}: RawOperation): Pick<OperationShape, 'answer' | 'answerSchema' | 'answerText'> {
  const contents = Object.entries(responses)
    .filter(([status]) => status.startsWith('2'))
    .flatMap(([, { content }]) => Object.entries(content ?? {}));
  const json = contents.find(([mediaType]) => mediaType === 'application/json')?.[1].schema;
  const answerText = contents.some(([mediaType]) => mediaType === 'text/csv') ? 'possible' : 'never';
  if (json !== undefined) return { answer: 'json', answerSchema: json, answerText };
  return { answer: contents.length === 0 ? 'none' : 'octets', answerText };
}
