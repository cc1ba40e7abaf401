import {
  UPSTREAM_ERROR_ROWS,
  type UpstreamDisposition,
  type UpstreamErrorRow,
} from '../../../core/sign-transaction/upstream-errors.ts';
import type { Bilingual } from '../../../simulator/explanation.ts';
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
import type { Described, Judged, ModuleResult } from '../verdict.ts';

interface Consequence {
  /** How often the request may be sent at most, where not some times, and how often with one access token. */
  readonly most?: number;
  readonly mostOfOne?: number;
  readonly means: Bilingual;
  readonly remedy: string;
}

const CONSEQUENCES: Readonly<Record<UpstreamDisposition, Consequence>> = {
  final: {
    most: 1,
    means: { ja: '繰り返さずに終える', en: 'ends with it' },
    remedy: 'Nothing sent again can succeed: end, and tell the citizen or your operator what it is.',
  },
  restart: {
    most: 1,
    means: { ja: '最初からやり直す', en: 'begins anew' },
    remedy: 'Do not send it again: what was done is void, so offer the citizen a new beginning.',
  },
  refresh: {
    mostOfOne: 2,
    means: { ja: 'トークンを取り直して尋ねる', en: 'asks again with a new token alone' },
    remedy: 'Get a new access token once and ask once more; refused again, it is refused for good.',
  },
  retry: {
    means: { ja: '間を置いて数回だけ試す', en: 'tries a few times at most' },
    remedy: 'Try again a few times with growing pauses, then tell the citizen to come back later.',
  },
};

/** More than may be tried: nobody gets through by patience. */
const TIMES = 100;

/** Each of the guideline's 61 rows, once. */
export async function errorRowsPlan(bench: Bench, login: Flow, signature: Flow): Promise<ModuleResult[]> {
  const results: ModuleResult[] = [];
  for (const row of UPSTREAM_ERROR_ROWS) {
    const signing = row.endpoint === 'start' || row.endpoint === 'result';
    const flow = signing || (signature.works && !login.works) ? signature : login;
    const faults = [{ endpoint: row.endpoint, name: row.id, times: TIMES }];
    results.push(
      await spoiled(bench, flow, describe(row), { faults }, (attempt) => judge(row, flow, attempt)),
    );
  }
  return results;
}

function describe(row: UpstreamErrorRow): Described {
  const { means, remedy } = CONSEQUENCES[row.disposition];
  const answer = [row.error, row.errorDescription, row.item].filter((part) => part !== undefined).join(', ');
  return {
    plan: 'error-rows',
    name: `row-${row.id}`,
    title: {
      ja: `${row.id} (${answer}): ${means.ja}`,
      en: `${row.id} (${row.status} ${answer}): ${means.en}`,
    },
    paragraph: `guideline, 補足資料, error table of ${row.endpoint}`,
    remedy,
  };
}

function judge(row: UpstreamErrorRow, flow: Flow, attempt: Attempt): Omit<Judged, 'sent'> {
  const { most = mostTries(attempt), mostOfOne = most } = CONSEQUENCES[row.disposition];
  const requests = asked(attempt, row.endpoint);
  const grant = requests[0]?.parameters['grant_type'];
  const same = requests.filter(({ parameters }) => parameters['grant_type'] === grant);
  const bearers = same.map(({ bearer }) => bearer);
  const ofOne = Math.max(0, ...bearers.map((one) => bearers.filter((other) => other === one).length));
  // who somebody is stands in the ID token: without UserInfo a login may still be one
  const through = attempt.accepted && row.endpoint !== 'userinfo';
  const came = `asked ${same.length} times, ${outcome(flow, attempt)}`;
  return { ok: same.length <= most && ofOne <= mostOfOne && !through, came, failure: showsFailure(attempt) };
}
