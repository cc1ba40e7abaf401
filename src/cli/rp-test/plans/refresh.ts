import type { FaultOptions } from '../../../simulator/auth-and-sign/faults.ts';
import { asked, type Bench, type Flow, isLoggedIn } from '../bench.ts';
import { type Described, type Judged, type ModuleResult, result } from '../verdict.ts';

const plan = 'refresh';
const CORE = 'OpenID Connect Core 1.0 section 12.2';
const RFC = 'RFC 6749 section 6';

interface Refreshed {
  /** The relying party went on with it. */
  readonly ok: boolean;
  readonly status: number;
  readonly count: number;
  readonly tokens: readonly string[];
  readonly assertions: readonly unknown[];
  /** Refresh tokens that the answers gave, oldest first. */
  readonly given: readonly string[];
}

/** Refreshing: by the address that the plan names, of who is logged in. */
export async function refreshPlan(bench: Bench, flow: Flow): Promise<ModuleResult[]> {
  const results = [
    await module(bench, flow, GOOD, {}, ({ ok, count }) => ok && count === 1),
    await module(bench, flow, LAST, { rounds: 2 }, usesTheLast),
    await module(
      bench,
      flow,
      FRESH,
      { rounds: 2 },
      ({ assertions }) => new Set(assertions).size === assertions.length,
    ),
    await module(bench, flow, WITHOUT_ID_TOKEN, { fault: 'missing-id-token' }, ({ ok }) => ok),
  ];
  for (const [row, words] of REFUSALS) {
    const described = refusal(row, words);
    results.push(
      await module(bench, flow, described, { fault: row, times: 5 }, ({ ok, count }) => !ok && count <= 1),
    );
  }
  for (const [fault, claim] of WRONG) {
    const described = wrongToken(fault, claim);
    results.push(await module(bench, flow, described, { fault, times: 5 }, ({ ok }) => !ok));
  }
  return results;
}

const GOOD: Described = {
  plan,
  name: 'refresh-works',
  title: { ja: 'リフレッシュできる', en: 'refreshes' },
  paragraph: `guideline, トークンの更新; ${RFC}`,
  remedy: 'One request with grant_type=refresh_token, client_id and a new client assertion.',
};
const LAST: Described = {
  plan,
  name: 'refresh-uses-the-last-token',
  title: { ja: '最後に受け取ったリフレッシュトークンを使う', en: 'uses the refresh token that came last' },
  paragraph: RFC,
  remedy: 'Where the answer has a new refresh token, put it in the place of the old one.',
};
const FRESH: Described = {
  plan,
  name: 'refresh-assertion-is-fresh',
  title: { ja: '更新ごとに新しいアサーションを作る', en: 'makes a new assertion for each refresh' },
  paragraph: 'RFC 7523 section 3; OpenID Connect Core 1.0 section 9',
  remedy: 'Make a new assertion with a new jti for each request.',
};
const WITHOUT_ID_TOKEN: Described = {
  plan,
  name: 'refresh-without-id-token-is-taken',
  title: { ja: 'ID トークンのない更新を受け取る', en: 'takes an answer without ID token' },
  paragraph: CORE,
  remedy: 'An answer to a refresh may have no ID token: the one of the login stays.',
};
const REFUSALS = [
  ['token-6', 'Invalid refresh token'],
  ['token-8', 'Refresh token expired'],
  ['token-10', 'No refresh token'],
] as const;
const WRONG = [
  ['wrong-sub', 'sub'],
  ['wrong-iss', 'iss'],
  ['wrong-aud', 'aud'],
  ['wrong-signature', 'signature'],
] as const;

function refusal(row: string, words: string): Described {
  return {
    plan,
    name: `refresh-refusal-is-final-${row}`,
    title: { ja: `「${words}」のあと繰り返さない`, en: `does not repeat after "${words}"` },
    paragraph: `guideline, error table of the token endpoint (${words})`,
    remedy: 'A refresh token that was refused is refused for good: send the citizen to a new login.',
  };
}

function wrongToken(fault: string, claim: string): Described {
  return {
    plan,
    name: `refresh-${fault}-is-refused`,
    title: {
      ja: `更新の ID トークンの ${claim} を確かめる`,
      en: `compares ${claim} of a refreshed ID token`,
    },
    paragraph: CORE,
    remedy: 'The ID token of a refresh is judged as that of the login, and has its iss, sub and aud.',
  };
}

interface Spoiling extends FaultOptions {
  readonly fault?: string;
  /** How often it refreshes; once unless it says otherwise. */
  readonly rounds?: number;
}

/** One login, then the refreshes. */
async function module(
  bench: Bench,
  flow: Flow,
  described: Described,
  spoiling: Spoiling,
  good: (refreshed: Refreshed) => boolean,
): Promise<ModuleResult> {
  const { fault, rounds = 1 } = spoiling;
  const sent = `refresh, ${rounds === 1 ? 'once' : 'twice'}${fault === undefined ? '' : `, token: ${fault}`}`;
  return result(described, { ...(await refreshed(bench, flow, spoiling, good)), sent });
}

async function refreshed(
  bench: Bench,
  flow: Flow,
  { fault, rounds = 1, ...options }: Spoiling,
  good: (refreshed: Refreshed) => boolean,
): Promise<Omit<Judged, 'sent'>> {
  const { party, simulator, observed } = bench;
  const { refresh } = party;
  if (!flow.works) return { ok: undefined, came: flow.why };
  if (refresh === undefined) return { ok: undefined, came: 'the plan has no "refresh"' };
  simulator.faults.clear();
  const { visitor } = await flow.attempt();
  if (fault !== undefined) simulator.faults.next('token', fault, options);
  observed.length = 0;
  let status = 0;
  for (let round = 0; round < rounds; round += 1)
    ({ status } = await visitor.visit(refresh, `${simulator.issuer}/`));
  const requests = asked({ requests: [...observed] }, 'token', 'refresh_token');
  simulator.faults.clear();
  if (requests.length === 0) return { ok: undefined, came: 'no refresh was asked for' };
  const ok = status >= 200 && status < 300 && (await isLoggedIn(bench, visitor));
  const tokens = requests.map(({ parameters }) => String(parameters['refresh_token']));
  const assertions = requests.map(({ parameters }) => parameters['client_assertion']);
  const given = requests.flatMap(({ secrets }) => secrets);
  const count = requests.length;
  const came = `${count} refresh requests, answered ${status}, ${ok ? 'goes on' : 'ended'}`;
  return { ok: good({ ok, status, count, tokens, assertions, given }), came };
}

function usesTheLast({ tokens, given }: Refreshed): boolean {
  const [first, second] = tokens;
  return second !== undefined && second !== first && given.includes(second);
}
