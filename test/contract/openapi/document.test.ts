import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Express } from 'express';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { OPERATIONS } from '../../../src/contracts/operations/of-role.ts';
import { type ApiRole, type Operation, scopeOf } from '../../../src/contracts/operations/operation.ts';
import { ERROR_CODES } from '../../../src/core/errors.ts';
import { type OpenApiDocument, openApiDocument, problemCodes } from '../../../src/http/openapi/document.ts';
import type { WebhookApi } from '../../../src/http/webhooks/endpoints.ts';
import type { PlatformOperator } from '../../../src/pf/platform-operator.ts';
import { createGovApp } from '../../../src/roles/gov/app.ts';
import { createPfApp } from '../../../src/roles/pf/app.ts';
import type { RelyingPartyParts } from '../../../src/roles/relying-party/app.ts';
import { createSpApp } from '../../../src/roles/sp/app.ts';
import { docsPage } from '../../../src/web/api-docs/page.ts';
import { fakeWorld } from '../../support/fakes.ts';

const ROLES: readonly ApiRole[] = ['sp', 'gov', 'pf'];
/** For a citizen's browser or an operator's: pages, not an API. */
const PAGES = /^\/(?:applications|callback|verify|login|logout|account|assets|$)/;

/** Method and path of every route that an application has, paths as OpenAPI writes them. */
function routesOf(app: Express): string[] {
  return app.router.stack.flatMap((layer) => {
    const { route } = layer;
    if (route === undefined) return [];
    const methods = [...new Set(route.stack.map(({ method }) => method))].filter(Boolean);
    const path = String(route.path).replaceAll(/:(\w+)/g, '{$1}');
    // `app.all` only says which methods are not allowed
    return methods.length > 10 ? [] : methods.map((method) => `${method} ${path}`);
  });
}

/** Names of the caller's own choosing. */
const FREE_IDS: ReadonlySet<string> = new Set(['external_id', 'submission_id']);

function walk(
  part: unknown,
  place: string,
  see: (place: string, part: Record<string, Record<string, unknown>>) => void,
): void {
  if (typeof part !== 'object' || part === null) return;
  see(place, part as Record<string, Record<string, unknown>>);
  for (const [name, inner] of Object.entries(part)) walk(inner, `${place}/${pointer(name)}`, see);
}

/** What is sent to the endpoint that `createWebhookEndpoint` registers, by name. */
function sentOf({ paths }: OpenApiDocument): Readonly<Record<string, Record<string, unknown>>> {
  const callbacks = paths['/v1/webhook-endpoints']?.['post']?.['callbacks'] as Record<string, Sent>;
  return Object.fromEntries(Object.entries(callbacks).map(([name, sent]) => [name, sent[REGISTERED].post]));
}
type Sent = Readonly<Record<'{$request.body#/url}', { readonly post: Record<string, unknown> }>>;
const REGISTERED = '{$request.body#/url}';

/** A member's name in a JSON pointer (RFC 6901). */
function pointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

const isTenants = ({ authentication }: Operation) => authentication === 'tenant';

/** The applications with just enough behind them to have their routes. */
function appOf(role: ApiRole): Express {
  const world = fakeWorld();
  const shared = {
    ...{ rp: world, log: world.log, probes: {}, publicUrl: 'https://rp.example', bodyLimit: 1, ...FILES },
    serviceOrigin: 'https://op.example',
    tenants: async () => undefined,
    returnUrls: () => [],
  } as object as RelyingPartyParts;
  switch (role) {
    case 'sp':
      return createSpApp(shared);
    case 'gov':
      return createGovApp({
        ...shared,
        evidence: {
          put: async () => undefined,
          get: async () => undefined,
          sealOf: async () => undefined,
          delete: async () => undefined,
          collectFiles: async () => 0,
        },
      });
    case 'pf':
      return createPfApp(
        {
          ...world,
          tenants: { assertions: [] },
          publicUrl: 'https://pf.example',
          receipts: {},
          revocation: {},
          trustAnchors: [],
          intermediates: [],
        } as object as PlatformOperator,
        {
          bodyLimit: 1,
          ...FILES,
          environment: 'test',
          probes: {},
          webhooks: {} as WebhookApi,
          rateLimit: { take: async () => undefined, close: async () => undefined },
          judge: async () => {
            throw new Error('not asked');
          },
        },
      );
  }
}

describe.each(ROLES)('the OpenAPI document of %s', (role) => {
  const document = openApiDocument(role, 'https://api.example');
  const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );

  it('has every route of the role that is not a page, and no other', () => {
    const routes = routesOf(appOf(role)).filter((route) => !PAGES.test(route.split(' ')[1] ?? ''));
    expect(new Set(documented)).toEqual(new Set(routes));
    expect(documented.length).toBeGreaterThan(5);
  });

  it('every operation tells its problems by code, each once, under the status that is answered', () => {
    for (const operation of OPERATIONS[role]) {
      const codes = problemCodes(operation);
      expect(codes.length).toBeGreaterThan(1);
      const text = JSON.stringify(document.paths[operation.path]?.[operation.method]);
      for (const code of codes) {
        expect(Object.keys(ERROR_CODES)).toContain(code);
        expect(text).toContain(`"${code}"`);
      }
    }
    const list = document.paths[role === 'pf' ? '/v1/verifications' : '/v1/applications']?.['get'];
    expect(list?.['responses']).toMatchObject({ 401: {}, 429: {}, 503: {}, 500: {}, 400: {}, 200: {} });
  });

  it('has what stock generators need: a schema for each body, named records, forms of ids and times', () => {
    const contents: [string, Record<string, unknown>][] = [];
    const records: [string, unknown][] = [];
    walk(document, '', (place, part) => {
      if (/\/(requestBody|responses\/\d+)\/content$/.test(place))
        contents.push(
          ...Object.entries(part).map(
            ([type, content]) => [`${place}/${type}`, content] as [string, Record<string, unknown>],
          ),
        );
      if (
        place.startsWith('/components/schemas/') &&
        !place.includes('signed_element') &&
        'properties' in part
      )
        records.push([place, part]);
    });
    expect(contents.length).toBeGreaterThan(20);
    expect(contents.filter(([, content]) => content['schema'] === undefined)).toEqual([]);
    expect(records.length).toBeGreaterThan(10);
    for (const [place, part] of records) {
      for (const [name, schema] of Object.entries(
        Object(part).properties as Record<string, { format?: string }>,
      )) {
        if (/(^|_)id$/.test(name) && !FREE_IDS.has(name))
          expect(`${place} ${name} ${schema.format}`).toBe(`${place} ${name} uuid`);
        if (/_at$/.test(name)) expect(`${place} ${name} ${schema.format}`).toBe(`${place} ${name} date-time`);
      }
    }
  });

  it('shows an example of every body in JSON, each as its schema wants it', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema({ ...document, $id: 'https://api.example/openapi.json' });
    const without: string[] = [];
    let judged = 0;
    walk(document, '', (place, part) => {
      if (!/\/content\/application~1json$/.test(place)) return;
      const { example } = part as { example?: object };
      if (example === undefined) without.push(place);
      const validate = ajv.compile({ $ref: `https://api.example/openapi.json#${place}/schema` });
      expect(`${place} ${validate(example)} ${ajv.errorsText(validate.errors)}`).toBe(
        `${place} true No errors`,
      );
      judged += 1;
    });
    expect(without).toEqual([]);
    expect(judged).toBeGreaterThan(10);
  });

  it('has no two schemas that a language with constructors takes for one: X and NewX', () => {
    const schemas = Object.keys(document.components['schemas'] as object);
    expect(schemas.filter((name) => schemas.includes(`New${name}`))).toEqual([]);
  });

  it('names its chapters, and says of each operation what a caller must know', () => {
    const chapters = document.tags.map(({ name }) => name);
    for (const operation of OPERATIONS[role]) {
      expect(chapters).toContain(operation.tag);
      expect(operation.description.length).toBeGreaterThan(10);
    }
    expect(new Set(OPERATIONS[role].map(({ tag }) => tag)).size).toBe(chapters.length);
  });

  it('answers carry the headers that are sent: the request id always, Retry-After and WWW-Authenticate where due', () => {
    for (const methods of Object.values(document.paths)) {
      for (const operation of Object.values(methods)) {
        for (const [status, answer] of Object.entries(
          operation['responses'] as Record<string, { headers?: object }>,
        )) {
          const headers = Object.keys(answer.headers ?? {});
          expect(headers).toContain('X-Request-Id');
          const problem = 'x-codes' in answer;
          expect(headers.includes('Retry-After')).toBe(problem && (status === '429' || status === '503'));
          expect(headers.includes('WWW-Authenticate')).toBe(status === '401');
        }
      }
    }
    const webhook = sentOf(document)['stateChanged'];
    expect(webhook?.['operationId']).toBe('stateChanged');
    expect(((webhook?.['parameters'] ?? []) as { name: string }[]).map(({ name }) => name)).toEqual([
      'webhook-id',
      'webhook-timestamp',
      'webhook-signature',
    ]);
  });

  it('refers to nothing that is not there, and names each operation once', () => {
    const schemas = Object.keys(document.components['schemas'] as object);
    const used = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name,
    );
    expect(used.length).toBeGreaterThan(0);
    for (const name of used) expect(schemas).toContain(name);
    const ids = OPERATIONS[role].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('as a page: every operation with a call in four languages, one script of ours, nothing from elsewhere', () => {
    const page = docsPage(document);
    for (const { id } of OPERATIONS[role]) expect(page).toContain(`<section id="${id}">`);
    for (const name of Object.keys(sentOf(document))) {
      expect(page).toContain(`<a href="#webhook-${name}">`);
      expect(page).toContain(`<section id="webhook-${name}">`);
    }
    const scopes = new Set(OPERATIONS[role].filter(isTenants).map(scopeOf));
    for (const scope of scopes)
      expect(page.includes(`Authorization: Bearer (tenant, scope ${scope})`)).toBe(role !== 'pf');
    expect(page.includes('Authorization: Bearer (tenant)')).toBe(role === 'pf');
    expect(page).toContain('webhook-signature');
    expect(page).toContain('verification.decided');
    expect(page.match(/<script[^>]*>/g)).toEqual(['<script type="module" src="/assets/docs.js">']);
    expect(page).not.toMatch(/<style|style=|(?:src|href|action)="https?:\/\/(?!api\.example)/);
    expect(page).not.toContain('class="try');
    for (const language of ['curl', 'TypeScript', 'Python', 'Java'])
      expect(page.split(`<summary>${language}</summary>`).length - 1).toBe(OPERATIONS[role].length);
    const tried = docsPage(document, 'offered');
    expect(tried.split('<form class="try"').length - 1).toBe(OPERATIONS[role].length);
  });

  it('is printed by "jitsuin openapi"', async () => {
    const command = await COMMANDS.find(({ name }) => name === 'openapi')?.load();
    const printed: string[] = [];
    const io = { stdout: (text: string) => void printed.push(text), stderr: () => undefined };
    const signal = new AbortController().signal;
    const status = await command?.run(['--role', role, '--server', 'https://api.example'], {
      ...io,
      ...{ isTty: false, env: {}, signal },
    });
    expect(status).toBe(0);
    expect(JSON.parse(printed.join(''))).toEqual(JSON.parse(JSON.stringify(document)));
  });
});

const FILES = { files: { most: 1, file: 1, total: 1 }, unpack: () => [] };

describe('what only one role has', () => {
  it('an sp has no way to a certificate, an agency none to a receipt', () => {
    const paths = (role: ApiRole) => Object.keys(openApiDocument(role).paths);
    expect(paths('sp').filter((path) => /evidence|document|report/.test(path))).toEqual([]);
    expect(paths('gov')).not.toContain('/v1/applications/{id}/receipt');
    expect(JSON.stringify(openApiDocument('sp'))).not.toMatch(/certificate_?(der|pem)|serial|x5c/i);
  });
});
