import { defined } from '../../core/defined.ts';
import { judgeAuthorizationRequest } from './authorization-request.ts';
import { errorRow } from './error-rows.ts';
import type { Fault, FaultOptions } from './faults.ts';
import { consentPage, errorPage, leadBack } from './page.ts';
import { formOf, type Parameters } from './parameters.ts';
import { type Answer, fill, knownRow, type Reply } from './reply.ts';
import { REALM_PATH, type World } from './world.ts';

const COOKIE = 'AUTH_SESSION_ID';
export const FORM_PATH = `${REALM_PATH}/login-actions/authenticate`;

/** How long a citizen may look at the page, in seconds. */
const INTERACTION_SECONDS = 1800;

/** 認可エンドポイント: a page for the citizen, a redirect with an error, or an error page. */
export function authorization(world: World): Answer {
  return (request, fault) => {
    const asked = request.method === 'POST' ? formOf(request) : request.query;
    const reply = answered(world, asked, request.headers.cookie, fault);
    const location = reply.headers?.['location'];
    // Asked by a form (OpenID Connect Core 3.1.2.1): no redirect leads off-site from it.
    if (location === undefined || request.method !== 'POST') return reply;
    return defined({ ...leadBack(location), because: reply.because });
  };
}

function answered(
  world: World,
  asked: Parameters,
  cookies: string | undefined,
  fault: Fault | undefined,
): Reply {
  const judged = judgeAuthorizationRequest(world, asked);
  if (judged.kind === 'shown') {
    return { ...errorPage(400, `Invalid parameter: ${judged.parameter}`), because: judged.because };
  }
  const row = fault === undefined ? undefined : errorRow(fault.name);
  if (judged.kind === 'redirected') {
    const { redirectUri, state, because } = judged;
    if (judged.row === 'login_required')
      return { ...redirect(redirectUri, defined({ error: judged.row, state })), because };
    const options = judged.parameter === undefined ? {} : { parameter: judged.parameter };
    return { ...errorRedirect(redirectUri, state, judged.row, options), because };
  }
  // A browser with several tabs has one cookie for all of them.
  const cookie = cookieOf(cookies) ?? judged.interaction.cookie;
  const interaction = { ...judged.interaction, cookie, fault };
  if (row !== undefined) return errorRedirect(interaction.redirectUri, interaction.state, row.id, fault);
  world.interactions.set(interaction.id, interaction, INTERACTION_SECONDS);
  const page = consentPage(world, interaction, { action: world.url + FORM_PATH });
  const setCookie = `${COOKIE}=${cookie}; Path=${REALM_PATH}/; HttpOnly; SameSite=Lax`;
  return { ...page, headers: { ...page.headers, 'set-cookie': setCookie } };
}

/** The value of our cookie, when it has the form that we give out. */
export function cookieOf(header: string | undefined): string | undefined {
  const pairs = (header ?? '').split(';').map((pair) => pair.trim());
  const value = pairs.find((pair) => pair.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1);
  return value !== undefined && /^[0-9a-f-]{36}$/.test(value) ? value : undefined;
}

/** 302 with `error`, `error_description` where the row has one, and `state`. */
export function errorRedirect(
  redirectUri: string,
  state: string | undefined,
  id: string,
  options: FaultOptions = {},
): Reply {
  const row = knownRow(id);
  const described = row.description !== undefined && !options.omitDescription;
  return redirect(
    redirectUri,
    defined({
      error: row.error,
      error_description: described ? fill(row.description ?? '', options) : undefined,
      state,
    }),
  );
}

export function redirect(redirectUri: string, parameters: Readonly<Record<string, string>>): Reply {
  const target = new URL(redirectUri);
  for (const [name, value] of Object.entries(parameters)) target.searchParams.append(name, value);
  return { status: 302, headers: { location: target.href, 'cache-control': 'no-store' } };
}
