import { CLEAR_RESULT, ENCRYPTED_RESULT, LIFETIME, SCOPE_SIGN } from '../../adapters/auth-and-sign/wire.ts';
import { type Explanation, RESULT_TABLE } from '../explanation.ts';
import type { SimulatorClient } from '../options.ts';
import { encryptBundle, spoilBundle } from './bundle.ts';
import type { Fault } from './faults.ts';
import { type Answer, failure, json, type Reply } from './reply.ts';
import { bearerRule, grantOf } from './tokens.ts';
import type { Grant, SignTransaction, World } from './world.ts';

type CitizenGrant = Extract<Grant, { kind: 'citizen' }>;
type Signed = Extract<SignTransaction['state'], { kind: 'signed' }>;

/** 署名トランザクション結果取得エンドポイント. ASSUMPTION: a result may be fetched again until it is deleted after an hour. */
export function result(world: World): Answer {
  return async (request, fault) => {
    const grant = grantOf(world, request.headers.authorization);
    const bearer = bearerRule(world, request.headers.authorization, 'citizen');
    if (grant === undefined) return failure('result-12', undefined, bearer);
    if (grant.kind !== 'citizen' || !grant.scope.includes(SCOPE_SIGN))
      return failure('result-11', undefined, bearer);
    const { id } = request.params;
    const transaction = world.transactions.get(typeof id === 'string' ? id : '');
    const signed = judge(world, transaction, grant);
    if ('status' in signed) return signed;
    const client = world.clients.get(grant.clientId);
    if (client === undefined) return failure('result-13');
    return answer(world, client, signed, fault);
  };
}

function pfKeyRule(en: string, ja: string): Explanation {
  return {
    parameter: 'pfPublicKey',
    came: { en, ja },
    rule: {
      en: "a private client's result is encrypted for its platform operator: EC P-256, ECDH-ES, use enc, with kid",
      ja: '民間の結果はプラットフォーム事業者の鍵(EC P-256, ECDH-ES, use は enc, kid あり)で暗号化します',
    },
    source: `${RESULT_TABLE}; guideline, 公開鍵について`,
  };
}

interface Finished {
  readonly transaction: SignTransaction;
  readonly state: Signed;
}

function judge(
  world: World,
  transaction: SignTransaction | undefined,
  grant: CitizenGrant,
): Finished | Reply {
  const refused = (row: string, en: string, ja: string) => failure(row, undefined, resultRule(en, ja));
  if (transaction === undefined)
    return refused('result-2', 'there is no such transaction', 'その署名トランザクションはありません');
  if (transaction.clientId !== grant.clientId)
    return refused(
      'result-2',
      "it is another client's transaction",
      '別のクライアントの署名トランザクションです',
    );
  const { state } = transaction;
  if (state.kind === 'open') {
    if (transaction.expiresAt <= world.now())
      return refused('result-1', 'nobody signed in time', '期限内に署名されませんでした');
    return refused('result-2', 'the citizen has not signed', '利用者がまだ署名していません');
  }
  if (state.sub !== grant.session.sub)
    return refused(
      'result-2',
      "the token is of another citizen's login",
      '別の利用者のログインで得たトークンです',
    );
  if (state.kind === 'failed')
    return refused(state.row, 'the card did not sign', 'カードで署名できませんでした');
  return world.now() >= state.signedAt + LIFETIME.result * 1000
    ? refused('result-2', 'it was deleted an hour after signing', '署名から1時間で削除されました')
    : { transaction, state };
}

function resultRule(en: string, ja: string): Explanation {
  return {
    parameter: 'sign_transaction_id (path)',
    came: { en, ja },
    rule: {
      en: 'the transaction that this citizen signed in this login, within an hour',
      ja: 'この利用者がこのログインで署名した署名トランザクションを、1時間以内に取得します',
    },
    source: RESULT_TABLE,
  };
}

async function answer(
  world: World,
  client: SimulatorClient,
  { transaction, state }: Finished,
  fault: Fault | undefined,
): Promise<Reply> {
  const bundle = spoilBundle(world, transaction, state, fault?.name);
  if (client.variant === 'government' || fault?.name === 'clear-certificate') {
    return json(200, {
      [CLEAR_RESULT.certificate[0]]: bundle.certificate,
      [CLEAR_RESULT.signatureValue[0]]: bundle.signatureValue,
    });
  }
  if (client.pfPublicKey === undefined) {
    return failure('result-10', undefined, pfKeyRule('none is registered', '登録されていません'));
  }
  if (client.pfPublicKeyExpiresAt !== undefined && client.pfPublicKeyExpiresAt <= world.now()) {
    return failure('result-9', undefined, pfKeyRule('it has expired', '期限切れです'));
  }
  try {
    const jwe = await encryptBundle(client.pfPublicKey, bundle, fault?.name);
    return json(200, { [ENCRYPTED_RESULT.jwe[0]]: jwe });
  } catch {
    // The registered key is no point of P-256: 証明書の暗号化でエラー.
    return failure('result-14', undefined, pfKeyRule('it is no point of P-256', 'P-256 の点ではありません'));
  }
}
