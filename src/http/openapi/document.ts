import { OPERATIONS } from '../../contracts/operations/of-role.ts';
import {
  type AnswerShape,
  type ApiRole,
  type BodyShape,
  EVERY_OPERATION,
  EVERY_TENANT_OPERATION,
  type Operation,
  scopeOf,
  TAGS,
  type Tag,
} from '../../contracts/operations/operation.ts';
import { problemSchema } from '../../contracts/public-api.ts';
import { defined } from '../../core/defined.ts';
import { ERROR_CODES, type ErrorCode, IN_WORK, JitsuinError } from '../../core/errors.ts';
import { VERSION } from '../../core/version.ts';
import { PROBLEMS } from '../problem.ts';
import { DOCUMENT_EXAMPLE, exampleOf } from './examples.ts';
import { type JsonSchema, namedSchemas, referencesIn, schemaOf } from './schemas.ts';
import { SENT_TO_ENDPOINTS } from './sent-webhooks.ts';

/** An OpenAPI 3.1 document; `paths` is path → method → operation. */
export interface OpenApiDocument {
  readonly openapi: '3.1.1';
  readonly info: {
    readonly title: string;
    readonly version: string;
    readonly description: string;
    readonly license: { readonly name: string; readonly identifier: string };
  };
  readonly servers: readonly { readonly url: string }[];
  /** Chapters, in the order in which they are read. */
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, JsonSchema>>>>;
  readonly components: Readonly<Record<string, unknown>>;
  /** Every stable code of the API → what a program needs to know of it. */
  readonly 'x-problem-codes': Readonly<Record<string, { readonly status: number; readonly retry: boolean }>>;
}

const TITLES: Readonly<Record<ApiRole, string>> = {
  sp: 'jitsuin sp (サービス提供事業者)',
  gov: 'jitsuin gov (行政機関)',
  pf: 'jitsuin pf (プラットフォーム事業者)',
};
const BEARERS: Readonly<Record<ApiRole, string>> = {
  sp: 'An API key of the tenant.',
  gov: 'An API key of the tenant.',
  pf:
    'A JWT that the tenant signs for each request: iss = sub = its client id, aud = this URL, ' +
    'jti once, exp at most 300 s ahead.',
};

/** The document of a role's API, made from the contracts. */
export function openApiDocument(role: ApiRole, serverUrl = '/'): OpenApiDocument {
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const operation of OPERATIONS[role]) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: operationOf(role, operation) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: TITLES[role],
      version: VERSION,
      description: 'Every failure is a problem document (RFC 9457); its "code" is stable and has one cause.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: serverUrl }],
    tags: tagsOf(role),
    paths,
    components: {
      schemas: namedSchemas(new Set(['Problem', ...referencesIn(paths)])),
      headers: HEADERS,
      securitySchemes: { tenant: { type: 'http', scheme: 'bearer', description: BEARERS[role] } },
    },
    'x-problem-codes': problemTable(role),
  };
}

/** The chapters that the role has something in. */
function tagsOf(role: ApiRole): OpenApiDocument['tags'] {
  const used = new Set(OPERATIONS[role].map(({ tag }) => tag));
  return Object.entries(TAGS)
    .filter(([name]) => used.has(name as Tag))
    .map(([name, description]) => ({ name, description }));
}

/** Which codes a role can answer, and whether the same request may succeed later. */
function problemTable(role: ApiRole): OpenApiDocument['x-problem-codes'] {
  const codes = [...new Set(OPERATIONS[role].flatMap(problemCodes))].sort();
  return Object.fromEntries(
    codes.map((code) => {
      const { kind, retryable } = new JitsuinError(code, '');
      const retry = retryable || kind === 'rate-limited' || IN_WORK.has(code);
      return [code, { status: PROBLEMS[kind].status, retry }];
    }),
  );
}

/** Every stable code that an operation can answer. */
export function problemCodes(operation: Operation): readonly ErrorCode[] {
  const tenant = operation.authentication === 'tenant' ? EVERY_TENANT_OPERATION : [];
  const own = [...operation.problems, ...(operation.refusals?.codes ?? [])];
  return [...new Set([...own, ...tenant, ...EVERY_OPERATION])].sort();
}

function operationOf(role: ApiRole, operation: Operation): JsonSchema {
  const { id, tag, summary, description, bodies } = operation;
  return defined({
    operationId: id,
    tags: [tag],
    summary,
    description,
    'x-repeatable': repeatable(operation) ? true : undefined,
    security: securityOf(role, operation),
    parameters: parametersOf(operation),
    requestBody: bodies === undefined ? undefined : { required: true, content: contentOf(bodies, 'input') },
    responses: responsesOf(operation),
    callbacks: operation.registers === 'endpoint' ? SENT_TO_ENDPOINTS : undefined,
  });
}

/** Scopes limit API keys; what a tenant signs for each request at pf has none. */
function securityOf(role: ApiRole, operation: Operation): readonly JsonSchema[] {
  if (operation.authentication === 'none') return [];
  return [{ tenant: role === 'pf' ? [] : [scopeOf(operation)] }];
}

function repeatable({ method, idempotencyKey, repeatable: stated }: Operation): boolean {
  return method !== 'post' || idempotencyKey !== undefined || stated === true;
}

function parametersOf(operation: Operation): readonly JsonSchema[] {
  const inPath = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', format: 'uuid' },
  }));
  const header =
    operation.idempotencyKey === undefined
      ? []
      : [
          {
            name: 'Idempotency-Key',
            in: 'header',
            required: true,
            description:
              'A new one for each new request, the same one when it is sent again; kept for 24 hours.',
            schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,255}$' },
          },
        ];
  return [...inPath, ...queryParameters(operation), ...header, REQUEST_ID];
}

const REQUEST_ID: JsonSchema = {
  name: 'X-Request-Id',
  in: 'header',
  required: false,
  description:
    'A UUID of your own, found again in logs, answers and at the platform operator. Anything else is replaced ' +
    'by one of ours.',
  schema: { type: 'string' },
};

function queryParameters({ query }: Operation): readonly JsonSchema[] {
  if (query === undefined) return [];
  const { properties, required } = schemaOf(query, 'input');
  const needed = Array.isArray(required) ? required : [];
  return Object.entries(Object(properties)).map(([name, schema]) => ({
    name,
    in: 'query',
    required: needed.includes(name),
    schema,
  }));
}

function contentOf(bodies: readonly BodyShape[], side: 'input' | 'output'): JsonSchema {
  return Object.fromEntries(
    bodies.map(({ mediaType, schema }) => {
      // Generators make a body only where a schema says so; OpenAPI 3.1 alone would need none for octets.
      if (schema === 'octets') return [mediaType, octets(mediaType)];
      if (schema === 'text') return [mediaType, { schema: { type: 'string' } }];
      return [mediaType, defined({ schema: schemaOf(schema, side), example: exampleOf(schema) })];
    }),
  );
}

function octets(mediaType: string): JsonSchema {
  const example = mediaType.endsWith('xml') ? DOCUMENT_EXAMPLE : undefined;
  return defined({ schema: { type: 'string', format: 'binary' }, example });
}

function responsesOf(operation: Operation): JsonSchema {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of problemCodes(operation)) {
    const status = statusOf(operation, code);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return {
    ...Object.fromEntries([...byStatus].map(([status, codes]) => [status, problemOf(status, codes)])),
    ...Object.fromEntries(
      Object.entries(operation.answers).map(([status, answer]) => [status, answerOf(answer)]),
    ),
  };
}

function statusOf({ refusals }: Operation, code: ErrorCode): number {
  return refusals?.codes.includes(code) === true ? refusals.status : PROBLEMS[ERROR_CODES[code]].status;
}

function answerOf({ description, body, otherBodies = [], headers = {} }: AnswerShape): JsonSchema {
  return defined({
    description,
    headers: { ...headersOf(headers), ...sharedHeaders(EVERY_ANSWER) },
    content: body === undefined ? undefined : contentOf([body, ...otherBodies], 'output'),
  });
}

function headersOf(headers: Readonly<Record<string, string>>): JsonSchema {
  return Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
  );
}

function problemOf(status: number, codes: readonly ErrorCode[]): JsonSchema {
  const title = Object.values(PROBLEMS).find((problem) => problem.status === status)?.title ?? '';
  const own = status === 401 ? ['WWW-Authenticate'] : RETRY_STATUSES.includes(status) ? ['Retry-After'] : [];
  return {
    description: `${title}: ${codes.join(', ')}`,
    'x-codes': codes,
    headers: sharedHeaders([...own, ...EVERY_ANSWER]),
    content: {
      'application/problem+json': {
        schema: schemaOf(problemSchema, 'output'),
        example: exampleProblem(status, title, codes),
      },
    },
  };
}

const RETRY_STATUSES: readonly number[] = [429, 503];
const EVERY_ANSWER: readonly string[] = ['X-Request-Id'];

/** `components.headers`: those that many answers carry. */
const HEADERS: Readonly<Record<string, JsonSchema>> = {
  'Retry-After': {
    description: 'Seconds after which the same request may succeed (RFC 9110 section 10.2.3).',
    schema: { type: 'integer', minimum: 0 },
  },
  'WWW-Authenticate': {
    description: 'The scheme that is expected (RFC 9110 section 11.6.1).',
    schema: { type: 'string' },
  },
  'X-Request-Id': {
    description: 'The UUID under which this request stands in our log: yours, or one of ours.',
    schema: { type: 'string', format: 'uuid' },
  },
};

function sharedHeaders(names: readonly string[]): JsonSchema {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

function exampleProblem(status: number, title: string, codes: readonly ErrorCode[]): JsonSchema {
  const [code = 'internal.unexpected'] = codes;
  return {
    type: `urn:jitsuin:problem:${code.replace('.', ':')}`,
    title,
    status,
    detail: 'One sentence for the developer: what was found, and what was expected.',
    code,
    instance: 'urn:uuid:01890a5d-ac96-774b-bcce-b302099a8057',
  };
}
