import { readFileSync } from 'node:fs';
import type { Exchange } from '../../../src/cli/demo/wire-tap.ts';
import type { CanaryWorld } from './canary-world.ts';
import { certificateMarks, type Mark, type MarkKind, mark } from './marks.ts';

type Json = Readonly<Record<string, unknown>>;

const TOKEN_REQUEST: readonly (readonly [string, MarkKind])[] = [
  ['code', 'code'],
  ['code_verifier', 'verifier'],
  ['client_assertion', 'assertion'],
  ['refresh_token', 'token'],
];
const TOKEN_ANSWER = ['access_token', 'refresh_token', 'id_token'] as const;
const ATTRIBUTES = ['name', 'address', 'birthdate'] as const;
const AUTHORIZATION: readonly (readonly [string, MarkKind])[] = [
  ['state', 'state'],
  ['nonce', 'nonce'],
];

/** Every protected value that was really used: read from the wires, from the key files, and from the certificate. */
export function gatherMarks(
  canary: CanaryWorld,
  certificate: Uint8Array,
  documentMark: string,
): readonly Mark[] {
  return [
    ...canary.exchanges.simulator.flatMap(marksOfService),
    ...[...canary.exchanges.sp, ...canary.exchanges.gov].flatMap(marksOfBrowser),
    ...keyMarks(canary),
    ...certificateMarks(certificate),
    mark('document', 'application', documentMark),
  ];
}

function marksOfService({ path, requestBody, responseBody }: Exchange): readonly Mark[] {
  const url = new URL(path, 'http://service');
  const answer = jsonOf(responseBody);
  if (url.pathname.endsWith('/auth')) return textsOf(AUTHORIZATION, (name) => url.searchParams.get(name));
  if (url.pathname.endsWith('/token')) {
    const form = new URLSearchParams(requestBody);
    return [
      ...textsOf(TOKEN_REQUEST, (name) => form.get(name)),
      ...textsOf(
        TOKEN_ANSWER.map((name) => [name, 'token']),
        (name) => answer[name],
      ),
      ...subjectOf(answer['id_token']),
    ];
  }
  if (url.pathname.endsWith('/userinfo')) {
    return textsOf(
      ATTRIBUTES.map((name) => [name, 'attribute']),
      (name) => answer[name],
    );
  }
  if (url.pathname.endsWith('/result')) {
    return Object.entries(answer).flatMap(([name, value]) =>
      typeof value === 'string' && value.length > 60 ? [mark('result', `result ${name}`, value)] : [],
    );
  }
  return [];
}

/** Cookies that were set, and logout tokens that were posted. */
function marksOfBrowser(exchange: Exchange): readonly Mark[] {
  const cookies = String(exchange.requestHeaders['cookie'] ?? '').split('; ');
  const values = cookies.map((cookie) => cookie.split('=')[1] ?? '').filter((value) => value.length > 20);
  const logout = new URLSearchParams(exchange.requestBody).get('logout_token');
  return [
    ...values.map((value) => mark('cookie', 'cookie', value)),
    ...(logout === null ? [] : [mark('token', 'logout token', logout)]),
  ];
}

function keyMarks({ world, env }: CanaryWorld): readonly Mark[] {
  const file = (role: 'sp' | 'gov' | 'pf', name: string) => readFileSync(env(role)[name] ?? '', 'utf8');
  const clientKeys = (['sp', 'gov'] as const).map((role) => file(role, 'JITSUIN_CLIENT_KEY_FILE'));
  const privates = [
    ...clientKeys,
    file('sp', 'JITSUIN_PF_CLIENT_KEY_FILE'),
    file('pf', 'JITSUIN_PF_RECEIPT_KEY_FILE'),
  ];
  const seals = (['sp', 'gov', 'pf'] as const).map((role) => file(role, 'JITSUIN_SEAL_KEY_FILE'));
  return [
    ...privates.flatMap((text) => membersOf(text, 'd')).map((d) => mark('key', 'private key', d)),
    ...seals.flatMap((text) => membersOf(text, 'secret')).map((secret) => mark('key', 'seal key', secret)),
    mark('key', 'passphrase of the keystore', file('pf', 'JITSUIN_PF_KEYSTORE_PASSPHRASE_FILE').trim()),
    mark('key', 'API key of the sp', world.spApiKey),
    mark('key', 'API key of the agency', world.govApiKey),
  ];
}

function membersOf(json: string, name: string): readonly string[] {
  return [...json.matchAll(new RegExp(`"${name}":\\s*"([^"]+)"`, 'g'))].map(([, value = '']) => value);
}

function subjectOf(idToken: unknown): readonly Mark[] {
  if (typeof idToken !== 'string') return [];
  const { sub } = jsonOf(Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString('utf8'));
  return typeof sub === 'string' ? [mark('subject', 'sub', sub)] : [];
}

function textsOf(
  names: readonly (readonly [string, MarkKind])[],
  value: (name: string) => unknown,
): readonly Mark[] {
  return names.flatMap(([name, kind]) => {
    const text = value(name);
    if (typeof text !== 'string' || text === '') return [];
    // in front of its last part a code names the session, as Keycloak's do; that is no secret
    return [mark(kind, name, kind === 'code' ? text.slice(-32) : text)];
  });
}

function jsonOf(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return {};
  }
}
