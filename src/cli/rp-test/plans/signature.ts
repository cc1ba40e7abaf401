import { createHash } from 'node:crypto';
import { readWire, START_REQUEST } from '../../../adapters/auth-and-sign/wire.ts';
import { serviceMode } from '../../../simulator/auth-and-sign/signing-input.ts';
import type { CitizenOutcome } from '../../../simulator/people.ts';
import { type Attempt, asked, type Bench, type Flow, outcome, showsFailure, spoiled } from '../bench.ts';
import { type Described, type Judged, type ModuleResult, result } from '../verdict.ts';
import { refusedAnswers } from './login.ts';

const plan = 'signature';
const MOST_RESULTS = 3;
const DIGEST_OCTETS = 32;
const ALWAYS = 20;

/** Signatures at a private provider, or at an agency: right ones, cards that fail, and answers that are wrong. */
export async function signaturePlan(bench: Bench, flow: Flow): Promise<ModuleResult[]> {
  const results = [...goodModules(flow)];
  for (const [choice, ja] of OUTCOMES) results.push(await citizenModule(bench, flow, choice, ja));
  results.push(...(await refusedAnswers(bench, flow, plan)));
  for (const damage of DAMAGES) {
    const { fault, only, ...described } = damage;
    if (only !== undefined && only !== bench.party.variant) continue;
    const faults = [{ endpoint: 'result', name: fault, times: ALWAYS }] as const;
    results.push(
      await spoiled(bench, flow, { plan, ...described }, { faults }, (one) => notTaken(flow, one)),
    );
  }
  if (bench.party.variant === 'private') results.push(await keptCertificate(bench, flow));
  return results;
}

function notTaken(flow: Flow, attempt: Attempt): Omit<Judged, 'sent'> {
  return { ok: !attempt.accepted, came: outcome(flow, attempt), failure: showsFailure(attempt) };
}

interface Good extends Omit<Described, 'plan'> {
  /** Undefined: nothing can be said. */
  judge(attempts: readonly Attempt[]): Omit<Judged, 'sent'>;
}

function goodModules({ first, why }: Flow): ModuleResult[] {
  return GOOD.map(({ judge, ...described }) => {
    const judged = first.length === 0 ? { ok: undefined, came: why } : judge(first);
    return result({ plan, ...described }, { ...judged, sent: 'two signatures, everything right' });
  });
}

const text = (value: unknown) => (typeof value === 'string' ? value : '');
const startsOf = (attempts: readonly Attempt[]) => attempts.flatMap((attempt) => asked(attempt, 'start'));
const fieldOf = (attempt: Attempt, names: readonly string[]) =>
  asked(attempt, 'start').map(({ parameters }) => text(readWire(parameters, names)))[0];
const dataOf = (attempt: Attempt) => Buffer.from(fieldOf(attempt, START_REQUEST.data) ?? '', 'base64');
const hex = (octets: Uint8Array) => createHash('sha256').update(octets).digest('hex');

function sayHash(attempts: readonly Attempt[]): Omit<Judged, 'sent'> {
  const told = attempts.flatMap((one) => {
    const sha256 = one.started?.sha256;
    return sha256 === undefined || asked(one, 'start').length === 0 ? [] : [{ sha256, data: dataOf(one) }];
  });
  if (told.length === 0) return { ok: undefined, came: 'the start of the plan tells no "sha256"' };
  const hashes = told.map(({ sha256, data }) => {
    const sent = data.subarray(-DIGEST_OCTETS);
    if (sent.toString('hex') === sha256) return 'the hash of what is signed';
    return sent.toString('hex') === hex(Buffer.from(sha256, 'hex')) ? 'the hash of the hash' : 'another hash';
  });
  return { ok: hashes.every((word) => word === 'the hash of what is signed'), came: hashes.join(', ') };
}

function sayCode(attempts: readonly Attempt[]): Omit<Judged, 'sent'> {
  const begun = attempts.filter((one) => asked(one, 'start').length > 0 && one.authorization !== undefined);
  if (begun.length === 0) return { ok: undefined, came: 'nobody was sent to the service' };
  const shown = begun.filter((one) => {
    const code = fieldOf(one, START_REQUEST.identificationCode) ?? '';
    return code !== '' && one.before.some((page) => page.includes(code));
  });
  return { ok: shown.length === begun.length, came: `shown in ${shown.length} of ${begun.length}` };
}

function sayTransaction(attempts: readonly Attempt[]): Omit<Judged, 'sent'> {
  const sent = attempts.flatMap(({ authorization }) => (authorization === undefined ? [] : [authorization]));
  if (sent.length === 0) return { ok: undefined, came: 'nobody was sent to the service' };
  const ids = sent.map((url) => url.searchParams.get('sign_transaction_id') ?? '');
  const scopes = sent.map((url) => (url.searchParams.get('scope') ?? '').split(' '));
  const scoped = scopes.every((words) => words.includes('openid') && words.includes('sign'));
  const ok = scoped && !ids.includes('') && new Set(ids).size === ids.length;
  return {
    ok,
    came: `${new Set(ids).size} transactions, scope ${scopes.map((words) => words.join(' ')).join('; ')}`,
  };
}

const GOOD: readonly Good[] = [
  {
    name: 'good-signature-is-taken',
    title: { ja: '正しい署名が通る', en: 'a good signature is taken' },
    paragraph: 'guideline, 署名の流れ',
    remedy:
      'See the simulator: its page and log say what was wrong. Which octets do you verify, and in which mode?',
    judge: (all) => ({
      ok: all.every(({ accepted }) => accepted),
      came: all.map(({ accepted }) => (accepted ? 'taken' : 'not taken')).join(', '),
    }),
  },
  {
    name: 'start-is-asked-once',
    title: { ja: '署名トランザクションを1回だけ開始する', en: 'starts one transaction for a signature' },
    paragraph: 'guideline, 署名トランザクションの開始',
    remedy: 'Start when the citizen goes to sign, once.',
    judge: (all) => {
      const count = startsOf(all).length;
      return { ok: count === 0 ? undefined : count <= all.length, came: `${count} starts` };
    },
  },
  {
    name: 'data-has-a-known-form',
    title: { ja: '署名対象ハッシュ値の形が正しい', en: 'sends a hash in one of the two forms' },
    paragraph: 'guideline, 署名方式について',
    remedy:
      'base64 of DigestInfo and SHA-256 (51 octets), or of SHA-256 alone (32): nothing else is noticed there.',
    judge: (all) => {
      const data = all.filter((one) => asked(one, 'start').length > 0).map(dataOf);
      const ok = data.every(
        (octets) => serviceMode(octets) === 'digest-info' || octets.length === DIGEST_OCTETS,
      );
      return {
        ok: data.length === 0 ? undefined : ok,
        came: data.map(({ length }) => `${length} octets`).join(', '),
      };
    },
  },
  {
    name: 'hash-is-not-doubled',
    title: { ja: 'ハッシュを二重にしない', en: 'does not hash twice' },
    paragraph: 'guideline, 署名方式について',
    remedy:
      'Send SHA-256 of the octets that are signed; in the short form the service hashes that once more itself.',
    judge: sayHash,
  },
  {
    name: 'transaction-goes-with-the-citizen',
    title: { ja: '署名トランザクション ID と scope を渡す', en: 'hands on the transaction and its scope' },
    paragraph: 'authserver reference, authorization endpoint (sign_transaction_id, scope)',
    remedy: 'scope has openid and sign, and sign_transaction_id is the one of this signature.',
    judge: sayTransaction,
  },
  {
    name: 'identification-code-is-shown',
    title: { ja: '署名対象識別コードを画面に出す', en: 'shows the identification code' },
    paragraph: 'guideline, 署名対象識別コード',
    remedy: 'Show the code before the citizen leaves: the app shows it too, and the citizen compares.',
    advised: true,
    judge: sayCode,
  },
  {
    name: 'signature-assertion-is-fresh',
    title: { ja: 'アサーションを毎回新しく作る', en: 'makes a new assertion each time' },
    paragraph: 'RFC 7523 section 3; OpenID Connect Core 1.0 section 9',
    remedy: 'Make a new assertion with a new jti for each request.',
    judge: (all) => {
      const sent = all
        .flatMap((one) => asked(one, 'token'))
        .map(({ parameters }) => text(parameters['client_assertion']));
      const ok = new Set(sent).size === sent.length;
      return {
        ok: sent.length === 0 ? undefined : ok,
        came: `${sent.length}, ${new Set(sent).size} different`,
      };
    },
  },
  {
    name: 'result-is-asked-in-measure',
    title: { ja: '結果を何度も取りに行かない', en: 'does not poll for the result' },
    paragraph: 'guideline, 大量アクセス; 署名結果の取得',
    remedy: 'Ask once, after the citizen is back with a code.',
    judge: (all) => {
      const counts = all.map((one) => asked(one, 'result').length);
      const ok = counts.every((count) => count <= MOST_RESULTS);
      return {
        ok: counts.every((count) => count === 0) ? undefined : ok,
        came: `${counts.join(', ')} times`,
      };
    },
  },
];

const OUTCOMES: readonly (readonly [outcome: CitizenOutcome, ja: string])[] = [
  ['refuse', '利用者が拒否した'],
  ['authentication-failed', '認証に失敗した'],
  ['not-signed', '署名しなかった'],
  ['wrong-person', '別の人のカードで署名した'],
  ['locked', 'カードがロックされた'],
  ['expired', '証明書が期限切れ'],
  ['revoked', '証明書が失効'],
  ['not-installed', '署名用証明書がない'],
  ['malformed', '証明書が不正'],
  ['abandon', '画面を閉じた'],
];

function citizenModule(bench: Bench, flow: Flow, choice: CitizenOutcome, ja: string): Promise<ModuleResult> {
  const described: Described = {
    plan,
    name: `card-${choice}`,
    title: { ja: `${ja}ときに署名済みとしない`, en: `takes nothing for signed after "${choice}"` },
    paragraph: 'guideline, error tables of the authorization and the result endpoint',
    remedy:
      'A good redirect is no signature: only a result that you verified is. A refused result is not asked for again.',
  };
  return spoiled(bench, flow, described, { faults: [], choice: { outcome: choice } }, (attempt) => {
    const count = asked(attempt, 'result').length;
    const judged = notTaken(flow, attempt);
    return {
      ...judged,
      ok: !attempt.accepted && count <= MOST_RESULTS,
      came: `${judged.came}, asked ${count} times`,
    };
  });
}

interface Damage extends Omit<Described, 'plan'> {
  readonly fault: string;
  /** Only who gets the result in this form. */
  readonly only?: 'private';
}

const VERIFIED = 'guideline, 署名の検証 (the service does not check the signature against the data)';
const KEYS = 'guideline, 公開鍵について';
type Row = readonly [
  fault: string,
  name: string,
  title: readonly [ja: string, en: string],
  paragraph: string,
  remedy: string,
];
const FOR_ALL: readonly Row[] = [
  [
    'damaged-signature',
    'signature-value-is-verified',
    ['壊れた署名値を断る', 'refuses a damaged signature value'],
    VERIFIED,
    'Verify the signature over the octets that were sent, with the key of the certificate.',
  ],
  [
    'other-certificate',
    'certificate-belongs-to-the-signature',
    ['別の証明書を断る', 'refuses another certificate'],
    VERIFIED,
    'The signature must verify with the key of the certificate that came with it.',
  ],
  [
    'missing-signature',
    'signature-value-is-demanded',
    ['署名値のない結果を断る', 'refuses a result without signature value'],
    VERIFIED,
    'Read the result with a schema: certificate and signature value are both required.',
  ],
  [
    'other-mode',
    'mode-is-remembered',
    ['別の方式の署名を断る', 'refuses a signature of the other mode'],
    'guideline, 署名方式について',
    'Keep the mode beside the transaction and verify in that mode alone.',
  ],
];
const FOR_PRIVATE: readonly Row[] = [
  [
    'foreign-key',
    'foreign-key-is-refused',
    ['別の鍵で暗号化された結果を断る', 'refuses a result for another key'],
    KEYS,
    'Your platform operator must be able to open it with the key that is registered; if not, it is not yours.',
  ],
  [
    'damaged-jwe',
    'jwe-is-authenticated',
    ['壊れた JWE を断る', 'refuses a damaged JWE'],
    'RFC 7516 section 5.2',
    'What does not decrypt with its tag is no result.',
  ],
  [
    'alg-key-wrap',
    'jwe-alg-is-pinned',
    ['ECDH-ES 以外の JWE を断る', 'refuses a JWE of another alg'],
    `${KEYS}; RFC 8725 section 3.1`,
    'Take ECDH-ES alone, by name.',
  ],
  [
    'clear-certificate',
    'clear-certificate-is-refused',
    ['平文の証明書を断る', 'refuses a certificate in clear'],
    'guideline, サービス提供事業者は証明書を保管できない',
    'A private provider gets one JWE for its platform operator: take nothing else, and keep nothing of it.',
  ],
];
const DAMAGES: readonly Damage[] = [...damages(FOR_ALL), ...damages(FOR_PRIVATE, 'private')];

function damages(rows: readonly Row[], only?: 'private'): Damage[] {
  return rows.map(([fault, name, [ja, en], paragraph, remedy]) => {
    const damage: Damage = { fault, name, title: { ja, en }, paragraph, remedy };
    return only === undefined ? damage : { ...damage, only };
  });
}

/** The certificate comes in clear, by a mistake: nothing of it may be found in what a private provider keeps. */
async function keptCertificate(bench: Bench, flow: Flow): Promise<ModuleResult> {
  const described: Described = {
    plan,
    name: 'certificate-is-not-kept',
    title: { ja: '署名用電子証明書を保管しない', en: 'keeps no signing certificate' },
    paragraph: '公的個人認証法 (Act 153 of 2002) 第52条; guideline, 保護すべき情報',
    remedy:
      'Hand the JWE to your platform operator unopened; log and store no certificate and no serial number.',
  };
  const sent = 'result: clear-certificate, then a look at what it keeps';
  const { stored } = bench.party;
  if (!flow.works) return result(described, { ok: undefined, sent, came: flow.why });
  if (stored === undefined)
    return result(described, { ok: undefined, sent, came: 'the plan names no "stores"' });
  bench.simulator.faults.clear();
  bench.simulator.faults.next('result', 'clear-certificate', { times: ALWAYS });
  const attempt = await flow.attempt();
  bench.simulator.faults.clear();
  const certificates = asked(attempt, 'result').flatMap(({ secrets }) => secrets);
  if (certificates.length === 0)
    return result(described, { ok: undefined, sent, came: 'no result was asked for' });
  const kept = withoutSpace(await stored());
  const found = certificates.some((one) => spellings(one).some((spelling) => kept.includes(spelling)));
  return result(described, {
    ok: !found,
    sent,
    came: found ? 'a certificate was found' : 'no certificate was found',
  });
}

/** PEM breaks lines, JSON writes the break as two characters. */
const withoutSpace = (kept: string) => kept.replace(/\s|\\[nr]/g, '');

/** A piece from the middle, as base64, base64url and hex have it. */
function spellings(certificate: string): readonly string[] {
  const middle = certificate.slice(400, 520);
  const octets = Buffer.from(certificate, 'base64').subarray(300, 390).toString('hex');
  return [middle, middle.replaceAll('+', '-').replaceAll('/', '_'), octets, octets.toUpperCase()];
}
