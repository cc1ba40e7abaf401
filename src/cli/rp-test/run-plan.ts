import { defined } from '../../core/defined.ts';
import { driveCitizen } from '../../simulator/citizen.ts';
import type { ObservedRequest, Simulator } from '../../simulator/options.ts';
import { HOSTILE_ANSWERS, type HostileAnswer } from './cases.ts';
import type { ModuleResult, ModuleVerdict } from './verdict.ts';
import { newVisitor, type Visitor } from './visitor.ts';

/** The relying party under test, which its author runs. */
interface UnderTest {
  readonly clientId: string;
  /** Begins a login: it leads to the authorization endpoint. */
  readonly start: string;
  /** Answers 2xx to who is logged in, and to nobody else. */
  readonly home: string;
  readonly backchannelLogoutUri?: string;
}

export interface Bench {
  readonly simulator: Simulator;
  /** What came to the service since the list was emptied. */
  readonly observed: ObservedRequest[];
  readonly party: UnderTest;
}

interface Login {
  readonly visitor: Visitor;
  readonly authorization: URL | undefined;
  readonly loggedIn: boolean;
  readonly page: string;
  /** HTTP status of the page that the callback led to; 0 without one. */
  readonly answered: number;
  readonly requests: readonly ObservedRequest[];
}

/** One login from a fresh browser to the relying party's own page. */
async function login(bench: Bench): Promise<Login> {
  const { simulator, observed, party } = bench;
  observed.length = 0;
  const visitor = newVisitor();
  const begun = await visitor.visit(party.start, `${simulator.issuer}/protocol/openid-connect/auth`);
  const authorization = begun.stoppedAt === undefined ? undefined : new URL(begun.stoppedAt);
  const callback = authorization === undefined ? undefined : await back(authorization.href);
  const answered = callback === undefined ? 0 : (await visitor.visit(callback)).status;
  const home = await visitor.visit(party.home, `${simulator.issuer}/`);
  const loggedIn = home.status >= 200 && home.status < 300;
  const requests = [...observed];
  return { visitor, authorization, loggedIn, page: home.body, answered, requests };
}

async function back(url: string): Promise<string | undefined> {
  try {
    return await driveCitizen(url);
  } catch {
    return undefined;
  }
}

/** The login plan: each module by its name, in order. Without a good login what needs one is not exercised. */
export async function runLoginPlan(bench: Bench): Promise<readonly ModuleResult[]> {
  bench.simulator.faults.clear();
  const first = await login(bench);
  const second = await login(bench);
  const results = [
    ...requestModules(first, second),
    ...tokenModules([first, second]),
    loginModule(first, second),
  ];
  const works = first.loggedIn && second.loggedIn;
  for (const hostile of HOSTILE_ANSWERS) results.push(await hostileModule(bench, hostile, works));
  results.push(await retryModule(bench, works), await refusedModule(bench, works));
  results.push(...(await logoutModules(bench, works)));
  bench.simulator.faults.clear();
  return results;
}

interface Judged {
  readonly ok: boolean | undefined;
  readonly sent: string;
  readonly came: string;
  /** Refused, but the citizen was shown a failure of the server. */
  readonly failure?: boolean;
  readonly advised?: true;
}

type Described = Pick<ModuleResult, 'name' | 'title' | 'paragraph'> & { readonly remedy: string };

function result(described: Described, { ok, sent, came, failure = false, advised }: Judged): ModuleResult {
  const { name, title, paragraph, remedy } = described;
  const good: ModuleVerdict = failure ? 'warning' : 'passed';
  const bad: ModuleVerdict = advised === true ? 'warning' : 'failed';
  const verdict: ModuleVerdict = ok === undefined ? 'not-exercised' : ok ? good : bad;
  const shown = 'It is refused, as a failure of the server (5xx): tell the citizen.';
  const advice = ok === true && verdict === 'warning' ? shown : undefined;
  return defined({ name, title, paragraph, sent, came, verdict, remedy: ok === false ? remedy : advice });
}

function requestModules(first: Login, second: Login): ModuleResult[] {
  const query = (login: Login, name: string) => login.authorization?.searchParams.get(name) ?? undefined;
  const fresh = (name: string, why: string, paragraph: string) => {
    const [one, two] = [query(first, name), query(second, name)];
    const came = one === undefined ? 'it is missing' : one === two ? 'the same twice' : 'another each time';
    const title = { ja: `${name} を毎回新しく作る`, en: `makes a new ${name} each time` };
    const judged = {
      ok: reached(first) ? one !== undefined && one !== two : undefined,
      sent: 'two logins begun',
      came,
    };
    return result({ name: `${name.replaceAll('_', '-')}-is-fresh`, title, paragraph, remedy: why }, judged);
  };
  const method = query(first, 'code_challenge_method');
  return [
    fresh(
      'state',
      'Make it of 128 random bits for each login, and keep it with the browser session.',
      'RFC 6749 section 10.12',
    ),
    fresh('nonce', 'Make it of 128 random bits for each login.', 'OpenID Connect Core 1.0 section 15.5.2'),
    fresh('code_challenge', 'Make a new code_verifier for each login.', 'RFC 7636 section 4.1'),
    result(
      {
        name: 'pkce-is-s256',
        title: { ja: 'PKCE は S256', en: 'PKCE with S256' },
        paragraph: 'authserver reference, authorization endpoint; RFC 7636 section 4.2',
        remedy: 'Send code_challenge_method=S256 and base64url(SHA-256(code_verifier)).',
      },
      {
        ok: reached(first) ? method === 'S256' : undefined,
        sent: 'a login begun',
        came: `code_challenge_method ${method ?? 'missing'}`,
      },
    ),
  ];
}

const reached = ({ authorization }: Login) => authorization !== undefined;
const tokenRequests = (login: Login) => login.requests.filter(({ endpoint }) => endpoint === 'token');
const text = (value: unknown) => (typeof value === 'string' ? value : '');

function tokenModules(logins: readonly Login[]): ModuleResult[] {
  const asked = logins.flatMap(tokenRequests);
  const exercised = asked.length > 0;
  const codes = asked.map(({ parameters }) => text(parameters['code'])).filter((code) => code !== '');
  const assertions = asked
    .map(({ parameters }) => text(parameters['client_assertion']))
    .filter((one) => one !== '');
  const ids = asked.filter(({ parameters }) => parameters['client_id'] === undefined).length;
  const secrets = asked.flatMap(({ secrets: given }) => given);
  const shown = logins.flatMap(({ page }) => secrets.filter((secret) => page.includes(secret)));
  const unwrapped = (ok: boolean) => (exercised ? ok : undefined);
  return [
    result(
      {
        name: 'code-is-sent-once',
        title: { ja: '認可コードを1回だけ送る', en: 'sends a code once' },
        paragraph: 'RFC 6749 section 4.1.2',
        remedy: 'Send the code once; a second use ends the tokens of the first.',
      },
      {
        ok: unwrapped(new Set(codes).size === codes.length),
        sent: 'two logins',
        came: `${codes.length} codes, ${new Set(codes).size} different`,
      },
    ),
    result(
      {
        name: 'assertion-is-fresh',
        title: { ja: 'アサーションを毎回新しく作る', en: 'makes a new assertion each time' },
        paragraph: 'RFC 7523 section 3; OpenID Connect Core 1.0 section 9',
        remedy: 'Make a new assertion with a new jti for each request.',
      },
      {
        ok: unwrapped(assertions.length > 0 && new Set(assertions).size === assertions.length),
        sent: 'two logins',
        came: `${assertions.length} assertions, ${new Set(assertions).size} different`,
      },
    ),
    result(
      {
        name: 'client-id-is-sent',
        title: { ja: 'トークン要求に client_id がある', en: 'sends client_id to the token endpoint' },
        paragraph: 'guideline, error table of the token endpoint',
        remedy: 'Send client_id beside the assertion, which RFC 7521 leaves open.',
      },
      { ok: unwrapped(ids === 0), sent: 'two logins', came: `${ids} token requests without client_id` },
    ),
    result(
      {
        name: 'tokens-stay-on-the-server',
        title: { ja: 'トークンをページに出さない', en: 'keeps tokens out of pages' },
        paragraph: 'guideline, 保護すべき情報; RFC 9700 section 4.3',
        remedy: 'Keep tokens on the server; a page gets a session cookie.',
      },
      {
        ok: unwrapped(shown.length === 0),
        sent: 'the page after login',
        came: `${shown.length} tokens in the page`,
      },
    ),
  ];
}

function loginModule(first: Login, second: Login): ModuleResult {
  return result(
    {
      name: 'good-login-works',
      title: { ja: '正しいログインが通る', en: 'a good login works' },
      paragraph: 'guideline, ログインの流れ',
      remedy: 'See the simulator: its page and log say what was wrong in each request.',
    },
    {
      ok: first.loggedIn && second.loggedIn,
      sent: 'two logins, everything right',
      came: words([first, second].map(({ loggedIn }) => loggedIn)),
    },
  );
}

const words = (logged: readonly boolean[]) =>
  logged.map((one) => (one ? 'logged in' : 'not logged in')).join(', ');

async function hostileModule(bench: Bench, hostile: HostileAnswer, works: boolean): Promise<ModuleResult> {
  const sent = `${hostile.endpoint}: ${hostile.fault}`;
  if (!works) return result(hostile, { ok: undefined, sent, came: 'no good login to compare with' });
  bench.simulator.faults.clear();
  bench.simulator.faults.next(hostile.endpoint, hostile.fault);
  const { loggedIn, answered } = await login(bench);
  const used = bench.simulator.faults.pending(hostile.endpoint) === 0;
  if (!used)
    return result(hostile, { ok: undefined, sent, came: `it never asks the ${hostile.endpoint} endpoint` });
  const came = `${words([loggedIn])}, answered ${answered}`;
  const { advised } = hostile;
  return result(hostile, defined({ ok: !loggedIn, sent, came, failure: answered >= 500, advised }));
}

async function retryModule(bench: Bench, works: boolean): Promise<ModuleResult> {
  const described = {
    name: 'refusal-is-final',
    title: { ja: '400 のあと繰り返さない', en: 'does not repeat after 400' },
    paragraph: 'guideline, error table of the token endpoint (Code not valid)',
    remedy: 'A 400 answer is final: begin a new login, do not send the request again.',
  };
  const sent = 'token: token-4, five times';
  if (!works) return result(described, { ok: undefined, sent, came: 'no good login to compare with' });
  bench.simulator.faults.clear();
  bench.simulator.faults.next('token', 'token-4', { times: 5 });
  const asked = tokenRequests(await login(bench)).length;
  return result(described, { ok: asked <= 1, sent, came: `${asked} token requests` });
}

async function refusedModule(bench: Bench, works: boolean): Promise<ModuleResult> {
  const described = {
    name: 'refusal-logs-nobody-in',
    title: { ja: '拒否されたらログインさせない', en: 'logs nobody in after a refusal' },
    paragraph: 'guideline, error table of the authorization endpoint (access_denied)',
    remedy: 'Read error before code, and say so to the citizen.',
  };
  const sent = 'authorization: authorization-7 (Consent rejected by user)';
  if (!works) return result(described, { ok: undefined, sent, came: 'no good login to compare with' });
  bench.simulator.faults.clear();
  bench.simulator.faults.next('authorization', 'authorization-7');
  const { loggedIn } = await login(bench);
  return result(described, { ok: !loggedIn, sent, came: words([loggedIn]) });
}

const LOGOUT = 'OpenID Connect Back-Channel Logout 1.0';
const WRONG_TOKENS = [
  ['logout-token-audience', { aud: 'another-client' }, 'aud', 'step 3'],
  ['logout-token-issuer', { iss: 'https://issuer.invalid/' }, 'iss', 'step 3'],
  ['logout-token-events', { events: {} }, 'events', 'step 5'],
  ['logout-token-has-no-nonce', { nonce: 'n' }, 'nonce', 'step 6'],
] as const;

async function logoutModules(bench: Bench, works: boolean): Promise<ModuleResult[]> {
  const results: ModuleResult[] = [];
  const able = works && bench.party.backchannelLogoutUri !== undefined;
  for (const [name, claims, claim, step] of WRONG_TOKENS) {
    const described = {
      name,
      title: {
        ja: `誤った ${claim} のログアウトトークンを断る`,
        en: `refuses a logout token with a wrong ${claim}`,
      },
      paragraph: `${LOGOUT} section 2.6 ${step}`,
      remedy: 'Validate the logout token as section 2.6 says, and answer 400.',
    };
    results.push(result(described, await loggedOut(bench, able, claims, false)));
  }
  const described = {
    name: 'logout-ends-the-session',
    title: { ja: 'ログアウトでセッションが終わる', en: 'back-channel logout ends the session' },
    paragraph: `${LOGOUT} section 2.7`,
    remedy: 'End the local sessions of sub or sid, and answer 200.',
  };
  results.push(result(described, await loggedOut(bench, able, {}, true)));
  return results;
}

async function loggedOut(
  bench: Bench,
  able: boolean,
  claims: Record<string, unknown>,
  ends: boolean,
): Promise<Judged> {
  const changed = Object.keys(claims).map((claim) => `, ${claim} changed`);
  const sent = `a logout token${changed.join('')}`;
  if (!able) return { ok: undefined, sent, came: 'no back-channel logout URI, or no good login' };
  bench.simulator.faults.clear();
  const { visitor, loggedIn } = await login(bench);
  const { clientId, home } = bench.party;
  const deliveries = await bench.simulator.logout({ person: 'taro', clientId, claims });
  const { status } = await visitor.visit(home, `${bench.simulator.issuer}/`);
  const still = loggedIn && status >= 200 && status < 300;
  const came = `answered ${deliveries.at(-1)?.status ?? '-'}, ${still ? 'still logged in' : 'logged out'}`;
  return { ok: still !== ends, sent, came };
}
