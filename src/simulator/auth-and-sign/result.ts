import { CLEAR_RESULT, ENCRYPTED_RESULT, LIFETIME, SCOPE_SIGN } from '../../adapters/auth-and-sign/wire.ts';
import type { SimulatorClient } from '../options.ts';
import { encryptBundle, spoilBundle } from './bundle.ts';
import type { Fault } from './faults.ts';
import { type Answer, failure, json, type Reply } from './reply.ts';
import { grantOf } from './tokens.ts';
import type { Grant, SignTransaction, World } from './world.ts';

type CitizenGrant = Extract<Grant, { kind: 'citizen' }>;
type Signed = Extract<SignTransaction['state'], { kind: 'signed' }>;

/** 署名トランザクション結果取得エンドポイント. ASSUMPTION: a result may be fetched again until it is deleted after an hour. */
export function result(world: World): Answer {
  return async (request, fault) => {
    const grant = grantOf(world, request.headers.authorization);
    if (grant === undefined) return failure('result-12');
    if (grant.kind !== 'citizen' || !grant.scope.includes(SCOPE_SIGN)) return failure('result-11');
    const { id } = request.params;
    const transaction = world.transactions.get(typeof id === 'string' ? id : '');
    const signed = judge(world, transaction, grant);
    if ('status' in signed) return signed;
    const client = world.clients.get(grant.clientId);
    if (client === undefined) return failure('result-13');
    return answer(world, client, signed, fault);
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
  if (transaction === undefined || transaction.clientId !== grant.clientId) return failure('result-2');
  const { state } = transaction;
  if (state.kind === 'open') {
    return failure(transaction.expiresAt <= world.now() ? 'result-1' : 'result-2');
  }
  if (state.sub !== grant.session.sub) return failure('result-2');
  if (state.kind === 'failed') return failure(state.row);
  return world.now() >= state.signedAt + LIFETIME.result * 1000
    ? failure('result-2')
    : { transaction, state };
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
  if (client.pfPublicKey === undefined) return failure('result-10');
  if (client.pfPublicKeyExpiresAt !== undefined && client.pfPublicKeyExpiresAt <= world.now()) {
    return failure('result-9');
  }
  try {
    const jwe = await encryptBundle(client.pfPublicKey, bundle, fault?.name);
    return json(200, { [ENCRYPTED_RESULT.jwe[0]]: jwe });
  } catch {
    // The registered key is no point of P-256: 証明書の暗号化でエラー.
    return failure('result-14');
  }
}
