import { randomBytes } from 'node:crypto';
import {
  DISPLAY_NAME_MAX,
  IDENTIFICATION_CODE_PATTERN,
  LIFETIME,
  readWire,
  SCOPE_SIGN,
  START_REQUEST,
  START_RESPONSE,
} from '../../adapters/auth-and-sign/wire.ts';
import { fromBase64 } from '../../core/encoding.ts';
import { uuidShape } from '../derive.ts';
import { described, type Explanation, START_TABLE } from '../explanation.ts';
import { jsonOf } from './parameters.ts';
import { type Answer, failure, json, type Reply } from './reply.ts';
import { serviceMode } from './signing-input.ts';
import { bearerRule, grantOf } from './tokens.ts';
import type { World } from './world.ts';

const CLIENT_ID_MAX = 255;

/** Kept as long as a signature and its result can live. */
const REMEMBER_SECONDS = LIFETIME.signTransaction + LIFETIME.result;

/** 署名トランザクション開始エンドポイント. */
export function start(world: World): Answer {
  return (request, fault) => {
    const grant = grantOf(world, request.headers.authorization);
    const bearer = bearerRule(world, request.headers.authorization, 'client');
    if (grant === undefined) return failure('start-11', undefined, bearer);
    if (grant.kind !== 'client' || !grant.scope.includes(SCOPE_SIGN))
      return failure('start-10', undefined, bearer);
    const fields = readFields(request.body);
    const refusal = judge(fields, grant.clientId);
    if (refusal !== undefined) return refusal;
    const data = fromBase64(fields.data);
    const id = uuidShape(randomBytes(16));
    world.transactions.set(
      id,
      {
        id,
        clientId: grant.clientId,
        displayName: fields.displayName,
        identificationCode: fields.code,
        data,
        mode: serviceMode(data),
        expiresAt: world.now() + LIFETIME.signTransaction * 1000,
        state: { kind: 'open' },
      },
      REMEMBER_SECONDS,
    );
    return json(200, { [START_RESPONSE.signTransactionId[0]]: spoil(id, fault?.name) });
  };
}

interface Fields {
  readonly clientId: string;
  readonly displayName: string;
  readonly code: string;
  readonly data: string;
}

function readFields(body: unknown): Fields {
  const parsed = jsonOf(body);
  const text = (names: readonly string[]) => {
    const value = readWire(parsed, names);
    return typeof value === 'string' ? value : '';
  };
  return {
    clientId: text(START_REQUEST.clientId),
    displayName: text(START_REQUEST.displayName),
    code: text(START_REQUEST.identificationCode),
    data: text(START_REQUEST.data),
  };
}

/** In the order of the guideline's table. There is no length check on the hash: a wrong length is not noticed. */
function judge({ clientId, displayName, code, data }: Fields, ownId: string): Reply | undefined {
  const refused = (row: string, name: keyof typeof RULES, value: string) =>
    failure(row, undefined, startRule(name, value, ownId));
  if (clientId === '') return refused('start-1', 'clientId', clientId);
  if (clientId.length > CLIENT_ID_MAX) return refused('start-2', 'clientId', clientId);
  if (displayName === '') return refused('start-3', 'displayName', displayName);
  if ([...displayName].length > DISPLAY_NAME_MAX) return refused('start-4', 'displayName', displayName);
  if (code === '') return refused('start-5', 'code', code);
  // ASSUMPTION: a character outside the alphabet is answered like a wrong length; the table has no row of its own.
  if (!IDENTIFICATION_CODE_PATTERN.test(code)) return refused('start-6', 'code', code);
  if (data === '') return refused('start-7', 'data', data);
  if (!isBase64(data)) return refused('start-8', 'data', data);
  return clientId === ownId ? undefined : refused('start-9', 'clientId', clientId);
}

const RULES = {
  clientId: [
    START_REQUEST.clientId[0],
    'the client_id that the token was given to',
    'トークンを得た client_id',
  ],
  displayName: [
    `${START_REQUEST.displayName[0]} (署名対象データ名)`,
    `1 to ${DISPLAY_NAME_MAX} characters`,
    `1〜${DISPLAY_NAME_MAX}文字`,
  ],
  code: [
    `${START_REQUEST.identificationCode[0]} (署名対象識別コード)`,
    '1 to 20 of 0-9 A-Z -',
    '0-9 A-Z - の1〜20文字',
  ],
  data: [
    `${START_REQUEST.data[0]} (署名対象ハッシュ値)`,
    'base64 of DigestInfo and SHA-256 (51 octets) or of SHA-256 alone (32)',
    'DigestInfo と SHA-256(51オクテット)、または SHA-256 だけ(32)の base64',
  ],
} as const;

function startRule(name: keyof typeof RULES, value: string, ownId: string): Explanation {
  const [parameter, en, ja] = RULES[name];
  const foreign = name === 'clientId' && value !== '' && value.length <= CLIENT_ID_MAX && value !== ownId;
  const found =
    value === ''
      ? { en: 'it is missing, empty or no text', ja: '送られていないか、空か、文字列ではありません' }
      : described(value);
  return {
    parameter,
    came: foreign
      ? { en: "it is not the token's own client", ja: 'トークンのクライアントと違います' }
      : found,
    rule: { en: `a JSON body with ${en}`, ja: `JSON の本文。${ja}` },
    source: START_TABLE,
    assumption: true,
  };
}

function isBase64(text: string): boolean {
  try {
    return fromBase64(text).length > 0;
  } catch {
    return false;
  }
}

function spoil(id: string, fault: string | undefined): string | undefined {
  if (fault === 'missing-id') return undefined;
  if (fault === 'bad-id') return 'not-a-transaction-id';
  return fault === 'foreign-id' ? uuidShape(randomBytes(16)) : id;
}
