import type { SimulatedEndpoint } from '../../../simulator/auth-and-sign/faults.ts';
import type { Bilingual } from '../../../simulator/explanation.ts';

/** An answer that a relying party must refuse: nobody may be logged in by it, and no signature taken. */
interface HostileAnswer {
  readonly name: string;
  readonly endpoint: SimulatedEndpoint;
  readonly fault: string;
  readonly title: Bilingual;
  readonly paragraph: string;
  readonly remedy: string;
  /** The standard says SHOULD: letting it through is a warning. */
  readonly advised?: true;
}

const CORE = 'OpenID Connect Core 1.0 section 3.1.3.7';
const GUIDELINE = 'guideline, IDトークンの検証';

export const HOSTILE_ANSWERS: readonly HostileAnswer[] = [
  {
    name: 'state-is-compared',
    endpoint: 'authorization',
    fault: 'wrong-state',
    title: { ja: '別の state を断る', en: 'refuses another state' },
    paragraph: 'RFC 6749 section 10.12',
    remedy: 'Keep the state with the browser session and compare it before the code is used.',
  },
  {
    name: 'state-is-demanded',
    endpoint: 'authorization',
    fault: 'missing-state',
    title: { ja: 'state のない応答を断る', en: 'refuses an answer without state' },
    paragraph: 'RFC 6749 section 4.1.2',
    remedy: 'An answer without the state that was sent is not the answer to your request.',
  },
  {
    name: 'iss-parameter-is-compared',
    endpoint: 'authorization',
    fault: 'with-iss',
    title: { ja: '別の発行者からの応答を断る', en: 'refuses the answer of another issuer' },
    paragraph: 'RFC 9207 section 2.4',
    remedy: 'Where the answer has iss, compare it with the issuer before the code is used.',
  },
  {
    name: 'nonce-is-compared',
    endpoint: 'token',
    fault: 'wrong-nonce',
    title: { ja: '別の nonce を断る', en: 'refuses another nonce' },
    paragraph: `${CORE} step 11`,
    remedy: 'Compare the nonce of the ID token with the one of this browser session.',
  },
  {
    name: 'nonce-is-demanded',
    endpoint: 'token',
    fault: 'missing-nonce',
    title: { ja: 'nonce のない ID トークンを断る', en: 'refuses an ID token without nonce' },
    paragraph: `${CORE} step 11`,
    remedy: 'A nonce was sent, so the ID token must have it.',
  },
  {
    name: 'signature-is-verified',
    endpoint: 'token',
    fault: 'wrong-signature',
    title: { ja: '署名の合わない ID トークンを断る', en: 'refuses a wrong signature' },
    paragraph: GUIDELINE,
    remedy: 'Verify the ID token with the key of jwks_uri that its kid names.',
  },
  {
    name: 'alg-none-is-refused',
    endpoint: 'token',
    fault: 'alg-none',
    title: { ja: 'alg none を断る', en: 'refuses alg none' },
    paragraph: 'RFC 8725 section 3.2',
    remedy: 'Allow ES256 alone, by name.',
  },
  {
    name: 'alg-hs256-is-refused',
    endpoint: 'token',
    fault: 'alg-hs256',
    title: { ja: '公開鍵を使った HS256 を断る', en: 'refuses HS256 with the public key' },
    paragraph: 'RFC 8725 section 2.1',
    remedy: 'Allow ES256 alone, by name; a public key is no secret.',
  },
  {
    name: 'kid-is-looked-up',
    endpoint: 'token',
    fault: 'wrong-kid',
    title: { ja: '知らない kid を断る', en: 'refuses an unknown kid' },
    paragraph: 'OpenID Connect Core 1.0 section 10.1',
    remedy: 'Take the key that kid names; where there is none, fetch the JWK Set once more and then refuse.',
  },
  {
    name: 'issuer-is-compared',
    endpoint: 'token',
    fault: 'wrong-iss',
    title: { ja: '別の発行者の ID トークンを断る', en: 'refuses the ID token of another issuer' },
    paragraph: `${CORE} step 2`,
    remedy: 'iss must be exactly the issuer.',
  },
  {
    name: 'audience-is-compared',
    endpoint: 'token',
    fault: 'wrong-aud',
    title: { ja: '別のクライアント宛の ID トークンを断る', en: 'refuses an ID token for another client' },
    paragraph: `${CORE} step 3`,
    remedy: 'aud must be your client id.',
  },
  {
    name: 'azp-is-compared',
    endpoint: 'token',
    fault: 'wrong-azp',
    title: { ja: '別の azp を断る', en: 'refuses another azp' },
    paragraph: `${CORE} step 5`,
    remedy: 'azp, where it is there, should be your client id.',
    advised: true,
  },
  {
    name: 'expiry-is-judged',
    endpoint: 'token',
    fault: 'expired',
    title: { ja: '期限切れの ID トークンを断る', en: 'refuses an expired ID token' },
    paragraph: `${CORE} step 9`,
    remedy: 'exp must lie ahead.',
  },
  {
    name: 'expiry-is-demanded',
    endpoint: 'token',
    fault: 'missing-exp',
    title: { ja: 'exp のない ID トークンを断る', en: 'refuses an ID token without exp' },
    paragraph: 'OpenID Connect Core 1.0 section 2',
    remedy: 'exp is required.',
  },
  {
    name: 'at-hash-is-compared',
    endpoint: 'token',
    fault: 'wrong-at-hash',
    title: { ja: '合わない at_hash を断る', en: 'refuses a wrong at_hash' },
    paragraph: `${GUIDELINE}; OpenID Connect Core 1.0 section 3.1.3.8`,
    remedy: 'at_hash must be the left half of the SHA-256 of the access token.',
  },
  {
    name: 'logout-token-is-no-id-token',
    endpoint: 'token',
    fault: 'logout-token-as-id-token',
    title: {
      ja: 'ログアウトトークンを ID トークンとして受け取らない',
      en: 'takes no logout token for an ID token',
    },
    paragraph: 'OpenID Connect Back-Channel Logout 1.0 section 2.4',
    remedy: 'An ID token has your nonce and no events.',
  },
  {
    name: 'id-token-is-demanded',
    endpoint: 'token',
    fault: 'missing-id-token',
    title: { ja: 'ID トークンのない応答を断る', en: 'refuses an answer without ID token' },
    paragraph: 'OpenID Connect Core 1.0 section 3.1.3.3',
    remedy: 'Nobody is logged in by an access token alone.',
  },
  {
    name: 'userinfo-sub-is-compared',
    endpoint: 'userinfo',
    fault: 'wrong-sub',
    title: { ja: '別人の UserInfo を断る', en: "refuses another person's UserInfo" },
    paragraph: 'OpenID Connect Core 1.0 section 5.3.2',
    remedy: 'sub of UserInfo must be sub of the ID token. If you go on without, use nothing of that answer.',
    // nobody sees from outside whether what it said is used
    advised: true,
  },
];
