import type { FaultOptions, SimulatedEndpoint } from '../../../simulator/auth-and-sign/faults.ts';
import {
  type Attempt,
  asked,
  type Bench,
  type Flow,
  mostTries,
  outcome,
  showsFailure,
  spoiled,
} from '../bench.ts';
import type { Described, Judged, ModuleResult, PlanName } from '../verdict.ts';

/** More than may be tried: nobody gets through by patience. */
const MANY = 100;

interface Case extends FaultOptions {
  readonly endpoint: SimulatedEndpoint;
  readonly fault: string;
  readonly module: Omit<Described, 'plan'>;
  /** Whose requests are counted, where it is not the endpoint itself. */
  readonly counted?: SimulatedEndpoint;
  /** What may come of it; otherwise nobody is logged in and nothing taken. */
  readonly may?: 'go-on' | 'must-go-on';
}

/** Key rotation: a new key is fetched, an unknown one is not hunted for. */
export function keysPlan(bench: Bench, flow: Flow): Promise<ModuleResult[]> {
  return each(bench, flow, 'keys', KEYS);
}

/** 503 at each endpoint: nobody gets in, the service is left in peace, and afterwards all is well. */
export async function maintenancePlan(bench: Bench, login: Flow, signature: Flow): Promise<ModuleResult[]> {
  const [flow, cases] = login.works || !signature.works ? [login, MAINTAINED] : [signature, MAINTAINED];
  return [
    ...(await each(bench, flow, 'maintenance', cases)),
    ...(await each(bench, signature, 'maintenance', MAINTAINED_SIGNING)),
    await afterwards(bench, flow, 'maintenance'),
  ];
}

/** Answers that are none, and answers that the standard forbids to take. */
export async function hostilePlan(bench: Bench, login: Flow, signature: Flow): Promise<ModuleResult[]> {
  const flow = login.works || !signature.works ? login : signature;
  return [
    ...(await each(bench, flow, 'hostile', [...BROKEN, ...FORBIDDEN])),
    ...(await each(bench, signature, 'hostile', BROKEN_SIGNING)),
    await afterwards(bench, flow, 'hostile'),
  ];
}

async function each(
  bench: Bench,
  flow: Flow,
  plan: PlanName,
  cases: readonly Case[],
): Promise<ModuleResult[]> {
  const results: ModuleResult[] = [];
  for (const one of cases) {
    const { module, endpoint, fault, counted: _counted, may: _may, ...options } = one;
    const faults = [{ times: MANY, ...options, endpoint, name: fault }];
    const described = { plan, ...module };
    results.push(await spoiled(bench, flow, described, { faults }, (attempt) => judge(flow, one, attempt)));
  }
  return results;
}

function judge(flow: Flow, { endpoint, counted, may }: Case, attempt: Attempt): Omit<Judged, 'sent'> {
  const count = asked(attempt, counted ?? endpoint).length;
  const came = `asked ${count} times, ${outcome(flow, attempt)}`;
  const expected = may === 'must-go-on' ? attempt.accepted : may === 'go-on' || !attempt.accepted;
  return { ok: expected && count <= mostTries(attempt), came, failure: showsFailure(attempt) };
}

function afterwards(bench: Bench, flow: Flow, plan: PlanName): Promise<ModuleResult> {
  const described = {
    plan,
    name: `${plan}-is-recovered-from`,
    title: { ja: 'そのあと正しく動く', en: 'works again afterwards' },
    paragraph: 'guideline, error tables (503 and others are of one request)',
    remedy: 'What one answer did wrong must not stay: keep no failed discovery, key set or token.',
  };
  return spoiled(bench, flow, described, { faults: [] }, (attempt) => ({
    ok: attempt.accepted,
    came: outcome(flow, attempt),
  }));
}

const JWKS = 'guideline, IDトークンの検証 (JWK Set)';
const KEYS: readonly Case[] = [
  {
    endpoint: 'token',
    fault: 'rotate',
    times: 1,
    may: 'must-go-on',
    module: {
      name: 'new-key-is-fetched',
      title: { ja: '新しい鍵を取りに行く', en: 'fetches a new key' },
      paragraph: `${JWKS}; OpenID Connect Core 1.0 section 10.1.1`,
      remedy:
        'Fetch the JWK Set for each ID token, or at the latest when kid is unknown: keys change without notice.',
    },
  },
  {
    endpoint: 'token',
    fault: 'wrong-kid',
    counted: 'jwks',
    module: {
      name: 'unknown-key-is-not-hunted',
      title: { ja: '知らない kid を探し回らない', en: 'does not hunt for an unknown key' },
      paragraph: `${JWKS}; OpenID Connect Core 1.0 section 10.1.1`,
      remedy: 'Where kid is not in the set that was fetched now, refuse.',
    },
  },
  {
    endpoint: 'jwks',
    fault: 'empty-set',
    // a key that was fetched before may still be good
    may: 'go-on',
    module: {
      name: 'empty-key-set-is-survived',
      title: { ja: '空の鍵セットで暴走しない', en: 'survives an empty key set' },
      paragraph: JWKS,
      remedy: 'Fetch it once more at most, then refuse.',
    },
  },
];

function maintained(endpoint: SimulatedEndpoint, may?: 'go-on'): Case {
  const module = {
    name: `maintenance-of-${endpoint}`,
    title: { ja: `${endpoint} のメンテナンス中は待つ`, en: `leaves ${endpoint} in peace during maintenance` },
    paragraph: `guideline, error table of ${endpoint} (503 service_temporarily_unavailable)`,
    remedy: 'Try a few times with growing pauses, then tell the citizen to come back later.',
  };
  const one: Case = { endpoint, fault: 'maintenance', module };
  return may === undefined ? one : { ...one, may };
}

const MAINTAINED = [maintained('token'), maintained('userinfo', 'go-on'), maintained('jwks', 'go-on')];
const MAINTAINED_SIGNING = [maintained('start'), maintained('result')];

const BROKEN_KINDS = {
  html: 'an HTML page',
  'html-error': 'an HTML page of a gateway (502)',
  empty: 'an empty body',
  'not-json': 'half a JSON text',
  cut: 'a connection that ends',
} as const;

function broken(endpoint: SimulatedEndpoint, may?: 'go-on'): Case[] {
  return Object.entries(BROKEN_KINDS).map(([fault, what]) => {
    const module = {
      name: `${endpoint}-answers-${fault}`,
      title: { ja: `${endpoint} が ${fault} でも壊れない`, en: `survives ${what} from ${endpoint}` },
      paragraph: 'RFC 6749 section 5; RFC 9110 section 15',
      remedy: 'Look at status and content type, read JSON with a schema, and end as with an error.',
    };
    const one: Case = { endpoint, fault, module };
    return may === undefined ? one : { ...one, may };
  });
}

const BROKEN = [...broken('token'), ...broken('userinfo', 'go-on')];
const BROKEN_SIGNING = [...broken('start'), ...broken('result')];

const CORE = 'OpenID Connect Core 1.0 section 3.1.3.7';
const GUIDELINE = 'guideline, IDトークンの検証';
type Row = readonly [
  endpoint: SimulatedEndpoint,
  fault: string,
  name: string,
  title: readonly [ja: string, en: string],
  paragraph: string,
  remedy: string,
  advised?: boolean,
];
const ROWS: readonly Row[] = [
  [
    'authorization',
    'missing-code',
    'code-is-demanded',
    ['code のない応答を断る', 'refuses an answer without code'],
    'RFC 6749 section 4.1.2',
    'An answer has code or error; one without both is none.',
  ],
  [
    'token',
    'missing-access-token',
    'access-token-is-demanded',
    ['アクセストークンのない応答を断る', 'refuses an answer without access token'],
    'RFC 6749 section 5.1; OpenID Connect Core 1.0 section 3.1.3.3',
    'access_token is required beside the ID token.',
  ],
  [
    'token',
    'wrong-token-type',
    'token-type-is-read',
    ['知らない token_type を断る', 'refuses an unknown token_type'],
    'RFC 6749 section 7.1',
    'A client must not use an access token whose type it does not know: take Bearer alone.',
    true,
  ],
  [
    'token',
    'crit-header',
    'crit-is-understood',
    ['知らない crit を断る', 'refuses an unknown crit'],
    'RFC 7515 section 4.1.11',
    'Use a library that reads crit, or refuse every token that has it.',
  ],
  [
    'token',
    'alg-rs256',
    'alg-is-es256',
    ['ES256 以外を断る', 'refuses what is not ES256'],
    `${GUIDELINE} (alg)`,
    'Allow ES256 alone, by name: the other key of the set signs access tokens.',
    true,
  ],
  [
    'token',
    'extra-aud',
    'other-audiences-are-refused',
    ['余分な aud を断る', 'refuses an audience too many'],
    `${CORE} step 3`,
    'aud is your client id and nothing else.',
    true,
  ],
  [
    'token',
    'old-iat',
    'issue-time-is-judged',
    ['古い iat を断る', 'refuses an old iat'],
    `${GUIDELINE} (iat); ${CORE} step 10`,
    'iat must lie within a window of yours, for example ten minutes.',
    true,
  ],
  [
    'token',
    'missing-at-hash',
    'at-hash-is-demanded',
    ['at_hash のない ID トークンを断る', 'refuses an ID token without at_hash'],
    `${GUIDELINE} (at_hash)`,
    'The service always sends at_hash: one without it is not its own.',
    true,
  ],
  [
    'userinfo',
    'missing-sub',
    'userinfo-sub-is-demanded',
    ['sub のない UserInfo を断る', 'refuses UserInfo without sub'],
    'OpenID Connect Core 1.0 section 5.3.2',
    'UserInfo always has sub. If you go on without, use nothing of that answer.',
    true,
  ],
];
const FORBIDDEN: readonly Case[] = ROWS.map(
  ([endpoint, fault, name, [ja, en], paragraph, remedy, advised]) => ({
    endpoint,
    fault,
    module: { name, title: { ja, en }, paragraph, remedy, advised: advised === true },
  }),
);
