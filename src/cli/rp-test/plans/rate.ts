import type { SimulatedEndpoint } from '../../../simulator/auth-and-sign/faults.ts';
import { asked, type Bench, type Flow, mostTries, outcome, showsFailure, spoiled } from '../bench.ts';
import { type Described, type Judged, type ModuleResult, result } from '../verdict.ts';

const plan = 'rate';
const RULE = 'guideline, 大量アクセス (no bulk requests without agreement)';
const PEACE_MILLIS = 1500;

/** How much the relying party asks of the service. */
export async function ratePlan(bench: Bench, login: Flow, signature: Flow): Promise<ModuleResult[]> {
  const flow = login.works || !signature.works ? login : signature;
  const results = [result(FEW, fewRequests(flow)), result(PEACE, await peace(bench, flow))];
  for (const endpoint of ['token', 'userinfo'] as const) results.push(await limited(bench, flow, endpoint));
  for (const endpoint of ['start', 'result'] as const)
    results.push(await limited(bench, signature, endpoint));
  results.push(result(SHARED, sharedToken(signature)));
  return results;
}

const FEW: Described = {
  plan,
  name: 'requests-are-few',
  title: { ja: '1回の手続に必要なだけ尋ねる', en: 'asks no more than a procedure needs' },
  paragraph: RULE,
  remedy: 'One code, one exchange; UserInfo and the result once. Keep the discovery document.',
};
/** Of each endpoint for one login or signature; what is not named is one. */
const MOST: Partial<Readonly<Record<SimulatedEndpoint, number>>> = {
  token: 2,
  userinfo: 2,
  jwks: 3,
  discovery: 2,
};

function fewRequests(flow: Flow): Judged {
  const sent = `two ${flow.name}s`;
  if (!flow.works) return { ok: undefined, sent, came: flow.why };
  const counts = new Map<SimulatedEndpoint, number>();
  for (const { endpoint } of flow.first.flatMap(({ requests }) => requests))
    counts.set(endpoint, (counts.get(endpoint) ?? 0) + 1);
  const attempts = flow.first.length;
  const ok = [...counts].every(([endpoint, count]) => count <= (MOST[endpoint] ?? 1) * attempts);
  return { ok, sent, came: [...counts].map(([endpoint, count]) => `${endpoint} ${count}`).join(', ') };
}

const PEACE: Described = {
  plan,
  name: 'nothing-is-asked-unasked',
  title: { ja: '用がなければ尋ねない', en: 'asks nothing when nobody does anything' },
  paragraph: RULE,
  remedy: 'Do not poll: logout comes by back channel, and a result once the citizen is back.',
};

async function peace(bench: Bench, flow: Flow): Promise<Judged> {
  const sent = `a ${flow.name}, then ${PEACE_MILLIS} ms of nothing`;
  if (!flow.works) return { ok: undefined, sent, came: flow.why };
  await flow.attempt();
  bench.observed.length = 0;
  await new Promise((done) => setTimeout(done, PEACE_MILLIS));
  const count = bench.observed.length;
  return { ok: count <= 2, sent, came: `${count} requests` };
}

function limited(bench: Bench, flow: Flow, endpoint: SimulatedEndpoint): Promise<ModuleResult> {
  const described: Described = {
    plan,
    name: `rate-limit-of-${endpoint}-is-heeded`,
    title: { ja: `${endpoint} の 429 のあと待つ`, en: `waits after 429 of ${endpoint}` },
    paragraph: 'RFC 6585 section 4; RFC 9110 section 10.2.3 (Retry-After)',
    remedy: 'Wait as long as Retry-After says, and give up after a few times.',
  };
  const faults = [{ endpoint, name: 'rate-limit', times: 100 }];
  return spoiled(bench, flow, described, { faults }, (attempt) => {
    const count = asked(attempt, endpoint).length;
    const through = attempt.accepted && endpoint !== 'userinfo';
    const came = `asked ${count} times, ${outcome(flow, attempt)}`;
    return { ok: count <= mostTries(attempt) && !through, came, failure: showsFailure(attempt) };
  });
}

const SHARED: Described = {
  plan,
  name: 'client-token-is-kept',
  title: { ja: 'クライアントのトークンを使い回す', en: 'keeps its client token until it ends' },
  paragraph: 'guideline, 署名トランザクションの開始 (the token may be used for all until it expires)',
  remedy: 'Keep the access token of the client credentials grant until shortly before expires_in.',
  advised: true,
};

function sharedToken(flow: Flow): Judged {
  const sent = 'two signatures';
  if (!flow.works) return { ok: undefined, sent, came: flow.why };
  const requests = flow.first.flatMap((attempt) => asked(attempt, 'token', 'client_credentials'));
  return { ok: requests.length <= 1, sent, came: `${requests.length} tokens asked for` };
}
