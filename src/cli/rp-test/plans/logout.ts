import type { LogoutRequest } from '../../../simulator/options.ts';
import { asked, type Bench, type Flow, isLoggedIn } from '../bench.ts';
import { type Described, type Judged, type ModuleResult, result } from '../verdict.ts';

const plan = 'logout';
const STANDARD = 'OpenID Connect Back-Channel Logout 1.0';
const DAY_SECONDS = 86_400;

type Wrong = Pick<LogoutRequest, 'claims' | 'fault'>;
const WRONG_TOKENS: readonly (readonly [name: string, wrong: Wrong, what: string, step: string])[] = [
  ['logout-token-audience', { claims: { aud: 'another-client' } }, 'aud', 'step 3'],
  ['logout-token-issuer', { claims: { iss: 'https://issuer.invalid/' } }, 'iss', 'step 3'],
  ['logout-token-events', { claims: { events: {} } }, 'events', 'step 5'],
  ['logout-token-has-no-nonce', { claims: { nonce: 'n' } }, 'nonce', 'step 6'],
  ['logout-token-subject', { claims: { sub: null, sid: null } }, 'sub', 'step 4'],
  ['logout-token-alg-none', { fault: 'alg-none' }, 'alg (none)', 'step 2'],
  ['logout-token-alg-hs256', { fault: 'alg-hs256' }, 'alg (HS256)', 'step 2'],
  ['logout-token-signature', { fault: 'wrong-signature' }, 'signature', 'step 2'],
];

/** Back-channel logout, and what follows when the citizen unlinks the service (連携解除). */
export async function logoutPlan(bench: Bench, flow: Flow): Promise<ModuleResult[]> {
  const results: ModuleResult[] = [];
  for (const [name, wrong, what, step] of WRONG_TOKENS) {
    const described = {
      plan,
      name,
      title: {
        ja: `誤った ${what} のログアウトトークンを断る`,
        en: `refuses a logout token with a wrong ${what}`,
      },
      paragraph: `${STANDARD} section 2.6 ${step}`,
      remedy: 'Validate the logout token as section 2.6 says, and answer 400.',
    } as const;
    results.push(result(described, await loggedOut(bench, flow, wrong, false)));
  }
  results.push(result(EXPIRED, await loggedOut(bench, flow, { claims: longAgo() }, false)));
  results.push(result(ENDS, await loggedOut(bench, flow, {}, true)));
  results.push(result(OTHERS, await somebodyElse(bench, flow)));
  results.push(result(UNLINKED, await unlinked(bench, flow)));
  return results;
}

const EXPIRED: Described = {
  plan,
  name: 'logout-token-expiry',
  title: { ja: '期限切れのログアウトトークンを断る', en: 'refuses an expired logout token' },
  paragraph: 'guideline, logout トークンの検証 (exp)',
  remedy: 'exp must lie ahead.',
  advised: true,
};
const ENDS: Described = {
  plan,
  name: 'logout-ends-the-session',
  title: { ja: 'ログアウトでセッションが終わる', en: 'back-channel logout ends the session' },
  paragraph: `${STANDARD} section 2.7`,
  remedy: 'End the local sessions of sub or sid, and answer 200.',
};
const OTHERS: Described = {
  plan,
  name: 'logout-leaves-others',
  title: { ja: '別の人のセッションは残る', en: "leaves other people's sessions" },
  paragraph: `${STANDARD} section 2.7`,
  remedy: 'End the sessions of that sub or sid, and no others.',
};
const UNLINKED: Described = {
  plan,
  name: 'unlinking-is-final',
  title: { ja: '連携解除のあと更新を繰り返さない', en: 'does not go on refreshing after unlinking' },
  paragraph: 'guideline, 連携解除; error table of the token endpoint (Invalid refresh token)',
  remedy: 'With the logout token throw the tokens away too: they are refused from then on.',
};

function longAgo(): Readonly<Record<string, unknown>> {
  const now = Math.floor(Date.now() / 1000);
  return { iat: now - 2 * DAY_SECONDS, exp: now - DAY_SECONDS };
}

function unable({ party }: Bench, flow: Flow): string | undefined {
  if (!flow.works) return flow.why;
  return party.backchannelLogoutUri === undefined ? 'no back-channel logout URI' : undefined;
}

async function loggedOut(bench: Bench, flow: Flow, wrong: Wrong, ends: boolean): Promise<Judged> {
  const changed = [...Object.keys(wrong.claims ?? {}).map((claim) => `${claim} changed`), wrong.fault ?? ''];
  const sent = ['a logout token', ...changed.filter((word) => word !== '')].join(', ');
  const why = unable(bench, flow);
  if (why !== undefined) return { ok: undefined, sent, came: why };
  bench.simulator.faults.clear();
  const { visitor, accepted } = await flow.attempt();
  const { clientId } = bench.party;
  const deliveries = await bench.simulator.logout({ person: 'taro', clientId, ...wrong });
  const still = accepted && (await isLoggedIn(bench, visitor));
  const came = `answered ${deliveries.at(-1)?.status ?? '-'}, ${still ? 'still logged in' : 'logged out'}`;
  return { ok: still !== ends, sent, came };
}

async function somebodyElse(bench: Bench, flow: Flow): Promise<Judged> {
  const sent = 'two citizens logged in, a logout token of one';
  const why = unable(bench, flow);
  if (why !== undefined) return { ok: undefined, sent, came: why };
  bench.simulator.faults.clear();
  const { visitor } = await flow.attempt();
  const other = await flow.attempt({ person: 'hanako' });
  if (!other.accepted) return { ok: undefined, sent, came: 'the second citizen could not log in' };
  await bench.simulator.logout({ person: 'hanako', clientId: bench.party.clientId });
  const still = await isLoggedIn(bench, visitor);
  return { ok: still, sent, came: `the other is ${still ? 'still logged in' : 'logged out'}` };
}

async function unlinked(bench: Bench, flow: Flow): Promise<Judged> {
  const sent = 'a logout token, then a refresh';
  const { refresh, clientId } = bench.party;
  const why = unable(bench, flow) ?? (refresh === undefined ? 'the plan has no "refresh"' : undefined);
  if (why !== undefined || refresh === undefined) return { ok: undefined, sent, came: why ?? '' };
  bench.simulator.faults.clear();
  const { visitor } = await flow.attempt();
  await bench.simulator.logout({ person: 'taro', clientId });
  bench.observed.length = 0;
  const { status } = await visitor.visit(refresh, `${bench.simulator.issuer}/`);
  const count = asked({ requests: [...bench.observed] }, 'token', 'refresh_token').length;
  const on = status >= 200 && status < 300;
  return { ok: count <= 1 && !on, sent, came: `${count} refresh requests, answered ${status}` };
}
