import type { IRouter, Request, RequestHandler, Response } from 'express';
import { JitsuinError } from '../../core/errors.ts';
import { formBody } from '../../http/body.ts';
import { SIMULATED_ENDPOINTS } from '../auth-and-sign/faults.ts';
import { sendLogout } from '../auth-and-sign/logout.ts';
import { formOf, parameter } from '../auth-and-sign/parameters.ts';
import type { World } from '../auth-and-sign/world.ts';
import { readClient } from '../register-client.ts';
import { consolePage, type Said } from './page.ts';

const FORM_LIMIT = 64 * 1024;

/** The forms of the page; each answers with the page. No other site's page may send them. */
export function consoleRoutes(router: IRouter, world: World): void {
  router.get('/simulator/console', (_request, response) => show(response, world));
  const form = [sameOrigin, formBody(FORM_LIMIT)];
  const act = (path: string, done: (request: Request) => Said | Promise<Said>) =>
    router.post(`/simulator/console/${path}`, ...form, async (request, response) =>
      show(response, world, await done(request)),
    );
  act('clients', (request) => register(world, request));
  act('forget', (request) => forget(world, request));
  act('faults', (request) => fault(world, request));
  act('logout', (request) => logout(world, request));
}

export function show(response: Response, world: World, said: Said = {}): void {
  const { status, headers, body } = consolePage(world, said);
  response
    .status(status)
    .set(headers ?? {})
    .end(body);
}

/** A browser says where a form comes from; another site's page must not register clients on this machine. */
const sameOrigin: RequestHandler = (request, response, next) => {
  const { origin, host } = request.headers;
  if (origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)) next();
  else response.status(403).json({ error: 'foreign_origin' });
};

const TEXTS = [
  'clientId',
  'name',
  'variant',
  'redirectUris',
  'jwks',
  'backchannelLogoutUri',
  'pfPublicKey',
] as const;

function register(world: World, request: Request): Said {
  const form = formOf(request);
  const typed = Object.fromEntries(TEXTS.map((name) => [name, (parameter(form, name) ?? '').trim()]));
  const text = (name: (typeof TEXTS)[number]) => typed[name] ?? '';
  const broken = (['jwks', 'pfPublicKey'] as const).find(
    (name) => text(name) !== '' && jsonOf(text(name)) === undefined,
  );
  if (broken !== undefined) {
    const message = { en: 'it is no JSON', ja: 'JSON として読めません' };
    return { refusal: { at: broken, message }, typed };
  }
  const given = {
    clientId: text('clientId'),
    variant: text('variant'),
    redirectUris: text('redirectUris')
      .split(/\s+/)
      .filter((uri) => uri !== ''),
    jwks: jsonOf(text('jwks')),
    name: text('name') || undefined,
    backchannelLogoutUri: text('backchannelLogoutUri') || undefined,
    pfPublicKey: jsonOf(text('pfPublicKey')),
  };
  const read = readClient(
    Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  );
  if ('refusal' in read) return { refusal: read.refusal, typed };
  world.register(read.client);
  const { clientId } = read.client;
  return { done: { ja: `${clientId} を登録しました。`, en: `${clientId} is registered.` } };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function forget(world: World, request: Request): Said {
  const clientId = parameter(formOf(request), 'clientId') ?? '';
  return world.unregister(clientId)
    ? { done: { ja: `${clientId} の登録を取り消しました。`, en: `${clientId} is registered no more.` } }
    : {};
}

function fault(world: World, request: Request): Said {
  const form = formOf(request);
  if (parameter(form, 'act') === 'clear') {
    world.faults.clear();
    return { done: { ja: '障害をすべて取り消しました。', en: 'All faults are forgotten.' } };
  }
  const [named = '', name = ''] = (parameter(form, 'fault') ?? '').split(' ');
  const endpoint = SIMULATED_ENDPOINTS.find((one) => one === named);
  const times = Number(parameter(form, 'times') ?? '1');
  const usable = endpoint !== undefined && Number.isInteger(times) && times >= 1 && times <= 1000;
  if (!usable) return { refusal: { at: 'times', message: { en: '1 to 1000', ja: '1〜1000' } } };
  try {
    world.faults.next(endpoint, name, { times });
  } catch (thrown) {
    if (!(thrown instanceof JitsuinError)) throw thrown;
    return { refusal: { at: 'fault', message: { en: thrown.message, ja: 'その障害はありません' } } };
  }
  return {
    done: {
      ja: `次の ${times} 回、${endpoint} を ${name} で壊します。`,
      en: `${endpoint} answers ${name}, ${times} times.`,
    },
  };
}

async function logout(world: World, request: Request): Promise<Said> {
  const person = parameter(formOf(request), 'person') ?? '';
  const deliveries = await sendLogout(world, { person });
  const told = deliveries.map(({ clientId, status }) => `${clientId}: ${status}`).join(', ') || '-';
  return { done: { ja: `ログアウトを送りました(${told})。`, en: `Logout was sent (${told}).` } };
}
