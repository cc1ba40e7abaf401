import { shortenForm, shortenJson } from './shorten.ts';
import type { Exchange } from './wire-tap.ts';

/** A step of the guideline's 署名 sequence with what went over the wire, or a step of ours after it. */
export interface Step {
  readonly number: string;
  readonly ja: string;
  readonly en: string;
  readonly wire: readonly string[];
}

interface StepRule {
  readonly matches: (exchange: Exchange) => boolean;
  readonly steps: (exchange: Exchange) => readonly Step[];
}

const REALM = '/api/realms/main/protocol/openid-connect';

const RULES: readonly StepRule[] = [
  {
    matches: (e) => e.path === `${REALM}/token` && grant(e) === 'client_credentials',
    steps: (e) => [
      step('04', 'トークンリクエスト (client_credentials)', 'token request', request(e)),
      step('05', 'トークンレスポンス (client_credentials)', 'token response', answer(e)),
    ],
  },
  {
    matches: (e) => e.method === 'POST' && e.path === '/api/sign-transactions',
    steps: (e) => [
      step('06', '署名トランザクション開始リクエスト', 'start of the sign transaction', request(e)),
      step('07', '署名トランザクション開始レスポンス', 'its id', answer(e)),
    ],
  },
  {
    matches: (e) => e.method === 'GET' && e.path.startsWith(`${REALM}/auth?`),
    steps: (e) => [
      step('08', '認可リクエスト', 'authorization request, by the browser', [
        `GET ${REALM}/auth`,
        shortenForm(e.path.slice(e.path.indexOf('?') + 1)),
      ]),
      step('09', 'リダイレクト', 'the service shows its page (simulator)', [`${e.status} ${e.contentType}`]),
    ],
  },
  {
    matches: (e) => e.method === 'POST' && e.location?.includes('state=') === true,
    steps: (e) => [
      step('10', '利用者が署名対象ハッシュ値に署名', 'the citizen signs with the (simulated) card', [
        `POST ${pathOnly(e)}`,
      ]),
      step('11', '認可レスポンス', 'authorization response', [`${e.status} ${pathOf(e.location)}`]),
      step('12', 'リダイレクト', 'the browser brings it back', [shortenForm(queryOf(e.location))]),
    ],
  },
  {
    matches: (e) => e.path === `${REALM}/token` && grant(e) === 'authorization_code',
    steps: (e) => [
      step('13', 'トークンリクエスト', 'token request with the code and the PKCE verifier', request(e)),
      step('14', 'トークンレスポンス', 'access, refresh and ID token', answer(e)),
    ],
  },
  {
    matches: (e) => e.path === `${REALM}/certs`,
    steps: (e) => [
      step('15', 'IDトークン検証', 'ID token judged: ES256, kid, iss, aud, azp, exp, iat, nonce, at_hash', [
        `GET ${REALM}/certs → ${e.status}`,
      ]),
    ],
  },
  {
    matches: (e) => /^\/api\/sign-transactions\/[^/]+\/result$/.test(e.path),
    steps: (e) => [
      step('16', '署名トランザクション結果取得リクエスト', 'the worker asks for the result', [
        `GET ${e.path}`,
      ]),
      step('17', '署名トランザクション結果取得レスポンス', 'the result', answer(e)),
    ],
  },
  {
    matches: (e) => e.path === `${REALM}/userinfo`,
    steps: (e) => [
      step('18', 'UserInfoリクエスト', 'UserInfo request', [`GET ${e.path}`]),
      step('19', 'UserInfoレスポンス', 'UserInfo response', [`${e.status}`]),
    ],
  },
  {
    matches: (e) => e.method === 'POST' && e.path === '/v1/verifications',
    steps: (e) => [
      step('PF1', '署名検証の依頼', 'hand-off to the platform operator: skeleton, JWE, data, mode', [
        `POST ${e.path}`,
        shortenJson(e.requestBody),
      ]),
      step('PF2', '受付', 'accepted and queued', answer(e)),
    ],
  },
  {
    matches: (e) =>
      e.method === 'GET' &&
      /^\/v1\/verifications\/[^/]+$/.test(e.path) &&
      e.responseBody.includes('"decided"'),
    steps: (e) => [
      step('PF3', '検証結果', 'the verdict, without a certificate and without its serial', answer(e)),
    ],
  },
];

/** The steps that one exchange stands for; none for what the walk does not show (discovery, styles, polling). */
export function stepsOf(exchange: Exchange): readonly Step[] {
  return RULES.find((rule) => rule.matches(exchange))?.steps(exchange) ?? [];
}

function step(number: string, ja: string, en: string, wire: readonly string[]): Step {
  return { number, ja, en, wire };
}

function request(exchange: Exchange): readonly string[] {
  const form = String(exchange.requestHeaders['content-type'] ?? '').includes('form-urlencoded');
  const body = form ? shortenForm(exchange.requestBody) : shortenJson(exchange.requestBody);
  return [`${exchange.method} ${pathOnly(exchange)}`, body];
}

function answer(exchange: Exchange): readonly string[] {
  return [`${exchange.status} ${shortenJson(exchange.responseBody)}`];
}

function grant(exchange: Exchange): string | null {
  return new URLSearchParams(exchange.requestBody).get('grant_type');
}

function pathOnly(exchange: Exchange): string {
  return exchange.path.split('?')[0] ?? exchange.path;
}

function pathOf(location: string | undefined): string {
  return location === undefined ? '' : (location.split('?')[0] ?? location);
}

function queryOf(location: string | undefined): string {
  return location?.split('?')[1] ?? '';
}
