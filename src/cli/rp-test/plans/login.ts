import type { CitizenOutcome } from '../../../simulator/people.ts';
import { type Attempt, asked, type Bench, type Flow, outcome, showsFailure, spoiled } from '../bench.ts';
import { type ModuleResult, result } from '../verdict.ts';
import { HOSTILE_ANSWERS } from './cases.ts';

const plan = 'login';
/** Every answer is spoiled: a relying party that gets another token by refreshing gets the same. */
const ALWAYS = 20;

/** Logins, right once and wrong many times. Without a good login what needs one is not exercised. */
export async function loginPlan(bench: Bench, flow: Flow): Promise<readonly ModuleResult[]> {
  const [first, second] = flow.first;
  if (first === undefined || second === undefined) return [];
  const results = [
    ...requestModules(first, second),
    ...tokenModules([first, second]),
    loginModule(first, second),
  ];
  results.push(...(await refusedAnswers(bench, flow, plan)), await retryModule(bench, flow));
  results.push(
    await citizenModule(bench, flow, 'refuse'),
    await citizenModule(bench, flow, 'authentication-failed'),
  );
  return results;
}

/** Each answer that must be refused, in a login or in a signature. */
export async function refusedAnswers(
  bench: Bench,
  flow: Flow,
  named: 'login' | 'signature',
): Promise<ModuleResult[]> {
  const results: ModuleResult[] = [];
  for (const { fault, endpoint, name, ...described } of HOSTILE_ANSWERS) {
    const module = { ...described, plan: named, name: named === 'login' ? name : `signature-${name}` };
    const faults = [{ endpoint, name: fault, times: ALWAYS }];
    const judged = (attempt: Attempt) => ({
      ok: !attempt.accepted,
      came: outcome(flow, attempt),
      failure: showsFailure(attempt),
    });
    results.push(await spoiled(bench, flow, module, { faults }, judged));
  }
  return results;
}

function retryModule(bench: Bench, flow: Flow): Promise<ModuleResult> {
  const described = {
    plan,
    name: 'refusal-is-final',
    title: { ja: '400 のあと繰り返さない', en: 'does not repeat after 400' },
    paragraph: 'guideline, error table of the token endpoint (Code not valid)',
    remedy: 'A 400 answer is final: begin a new login, do not send the request again.',
  } as const;
  const faults = [{ endpoint: 'token', name: 'token-4', times: 5 }] as const;
  return spoiled(bench, flow, described, { faults }, (attempt) => {
    const count = asked(attempt, 'token').length;
    return { ok: count <= 1, came: `${count} token requests` };
  });
}

const OUTCOMES = {
  refuse: {
    name: 'refusal-logs-nobody-in',
    title: { ja: '拒否されたらログインさせない', en: 'logs nobody in after a refusal' },
    row: 'Consent rejected by user',
  },
  'authentication-failed': {
    name: 'failed-card-logs-nobody-in',
    title: { ja: 'カードの認証に失敗したらログインさせない', en: 'logs nobody in after a failed card' },
    row: 'Authentication failed',
  },
} as const satisfies Partial<Record<CitizenOutcome, unknown>>;

function citizenModule(bench: Bench, flow: Flow, choice: keyof typeof OUTCOMES): Promise<ModuleResult> {
  const { name, title, row } = OUTCOMES[choice];
  const described = {
    plan,
    name,
    title,
    paragraph: `guideline, error table of the authorization endpoint (${row})`,
    remedy: 'Read error before code, and say so to the citizen.',
  } as const;
  return spoiled(bench, flow, described, { faults: [], choice: { outcome: choice } }, (attempt) => ({
    ok: !attempt.accepted,
    came: outcome(flow, attempt),
    failure: showsFailure(attempt),
  }));
}

function requestModules(first: Attempt, second: Attempt): ModuleResult[] {
  const query = (login: Attempt, name: string) => login.authorization?.searchParams.get(name) ?? undefined;
  const fresh = (name: string, why: string, paragraph: string) => {
    const [one, two] = [query(first, name), query(second, name)];
    const came = one === undefined ? 'it is missing' : one === two ? 'the same twice' : 'another each time';
    const title = { ja: `${name} を毎回新しく作る`, en: `makes a new ${name} each time` };
    const judged = {
      ok: reached(first) ? one !== undefined && one !== two : undefined,
      sent: 'two logins begun',
      came,
    };
    return result(
      { plan, name: `${name.replaceAll('_', '-')}-is-fresh`, title, paragraph, remedy: why },
      judged,
    );
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
        plan,
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

const reached = ({ authorization }: Attempt) => authorization !== undefined;
const tokenRequests = (login: Attempt) => asked(login, 'token');
const text = (value: unknown) => (typeof value === 'string' ? value : '');

function tokenModules(logins: readonly Attempt[]): ModuleResult[] {
  const requests = logins.flatMap(tokenRequests);
  const exercised = requests.length > 0;
  const codes = requests.map(({ parameters }) => text(parameters['code'])).filter((code) => code !== '');
  const assertions = requests
    .map(({ parameters }) => text(parameters['client_assertion']))
    .filter((one) => one !== '');
  const ids = requests.filter(({ parameters }) => parameters['client_id'] === undefined).length;
  const secrets = requests.flatMap(({ secrets: given }) => given);
  const shown = logins.flatMap(({ page }) => secrets.filter((secret) => page.includes(secret)));
  const unwrapped = (ok: boolean) => (exercised ? ok : undefined);
  return [
    result(
      {
        plan,
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
        plan,
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
        plan,
        name: 'client-id-is-sent',
        title: { ja: 'トークン要求に client_id がある', en: 'sends client_id to the token endpoint' },
        paragraph: 'guideline, error table of the token endpoint',
        remedy: 'Send client_id beside the assertion, which RFC 7521 leaves open.',
      },
      { ok: unwrapped(ids === 0), sent: 'two logins', came: `${ids} token requests without client_id` },
    ),
    result(
      {
        plan,
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

function loginModule(first: Attempt, second: Attempt): ModuleResult {
  return result(
    {
      plan,
      name: 'good-login-works',
      title: { ja: '正しいログインが通る', en: 'a good login works' },
      paragraph: 'guideline, ログインの流れ',
      remedy: 'See the simulator: its page and log say what was wrong in each request.',
    },
    {
      ok: first.accepted && second.accepted,
      sent: 'two logins, everything right',
      came: words([first, second].map(({ accepted }) => accepted)),
    },
  );
}

const words = (logged: readonly boolean[]) =>
  logged.map((one) => (one ? 'logged in' : 'not logged in')).join(', ');
