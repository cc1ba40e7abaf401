import { defined } from '../../core/defined.ts';
import { VERSION } from '../../core/version.ts';
import { STAFF_ROLES } from '../../ports/staff-store.ts';
import { may } from '../../staff/permissions.ts';
import type { Console, ConsoleRoute } from './console.ts';
import { CONSOLE_COOKIE } from './cookies.ts';

type Json = Readonly<Record<string, unknown>>;

const TEXT: Json = { type: 'string' };
const PAGE: Json = { 'text/html': { schema: TEXT } };
const REFUSALS: Json = {
  303: { description: 'Nobody is logged in: to the login page.' },
  403: { description: 'The role has not this right, or the form is not of this session.', content: PAGE },
  404: { description: 'Nothing is under this address.', content: PAGE },
};

/**
 * OpenAPI 3.1 of a console, made from its table of routes: which page or action there is, which right it needs, and
 * which roles have that. For who examines a console or lets a program look at it; people use its pages.
 */
export function consoleDocument(console: Pick<Console, 'role'>, routes: readonly ConsoleRoute[]): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method]: operationOf(route) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: `jitsuin ${console.role} console`,
      version: VERSION,
      description: 'Pages for staff. A login is a passkey; every form carries the token of its session.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [{ name: 'console', description: 'Pages and actions of the staff.' }],
    paths,
    components: {
      securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: CONSOLE_COOKIE } },
    },
  };
}

function operationOf({ method, path, act, upload }: ConsoleRoute): Json {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name);
  const roles = STAFF_ROLES.filter((role) => may({ role }, act));
  return defined({
    operationId: operationId(method, path),
    tags: ['console'],
    summary: `${method === 'get' ? 'Shows' : 'Does'} ${path}`,
    description: `Needs the right "${act}", which ${roles.join(', ')} have.`,
    'x-right': act,
    'x-roles': roles,
    security: [{ session: [] }],
    parameters:
      names.length === 0
        ? undefined
        : names.map((name) => ({ name, in: 'path', required: true, description: 'An id.', schema: TEXT })),
    requestBody: method === 'get' ? undefined : bodyOf(upload !== undefined),
    responses: { 200: { description: 'The page, or a file of it.', content: contentOf(path) }, ...REFUSALS },
  });
}

function operationId(method: string, path: string): string {
  const words = path.split(/[^A-Za-z]+/).filter((word) => word !== '' && word !== 'id' && word !== 'tenant');
  const [first = '', ...rest] = [method === 'get' ? 'show' : 'do', ...words];
  const one = path.includes(':id') ? 'One' : '';
  return `${first}${rest.map((word) => `${word[0]?.toUpperCase()}${word.slice(1)}`).join('')}${one}`;
}

function bodyOf(file: boolean): Json {
  const properties = file ? { csrf: TEXT, file: { type: 'string', format: 'binary' } } : { csrf: TEXT };
  const schema = {
    type: 'object',
    properties,
    required: Object.keys(properties),
    additionalProperties: TEXT,
  };
  const mediaType = file ? 'multipart/form-data' : 'application/x-www-form-urlencoded';
  return { required: true, content: { [mediaType]: { schema } } };
}

function contentOf(path: string): Json {
  const [, ending] = /\.(csv|xml|json)$/.exec(path) ?? [];
  if (ending === 'csv') return { 'text/csv': { schema: TEXT } };
  if (ending === 'xml') return { 'application/xml': { schema: TEXT } };
  return ending === 'json' ? { 'application/json': { schema: {} } } : PAGE;
}
