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
import { isRecord } from './parameters.ts';
import { type Answer, failure, json, type Reply } from './reply.ts';
import { serviceMode } from './signing-input.ts';
import { grantOf } from './tokens.ts';
import type { World } from './world.ts';

const CLIENT_ID_MAX = 255;

/** Kept as long as a signature and its result can live. */
const REMEMBER_SECONDS = LIFETIME.signTransaction + LIFETIME.result;

/** 署名トランザクション開始エンドポイント. */
export function start(world: World): Answer {
  return (request, fault) => {
    const grant = grantOf(world, request.headers.authorization);
    if (grant === undefined) return failure('start-11');
    if (grant.kind !== 'client' || !grant.scope.includes(SCOPE_SIGN)) return failure('start-10');
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
  const parsed = parse(body);
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

function parse(body: unknown): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(typeof body === 'string' ? body : '');
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

/** In the order of the guideline's table. There is no length check on the hash: a wrong length is not noticed. */
function judge({ clientId, displayName, code, data }: Fields, ownId: string): Reply | undefined {
  if (clientId === '') return failure('start-1');
  if (clientId.length > CLIENT_ID_MAX) return failure('start-2');
  if (displayName === '') return failure('start-3');
  if ([...displayName].length > DISPLAY_NAME_MAX) return failure('start-4');
  if (code === '') return failure('start-5');
  // ASSUMPTION: a character outside the alphabet is answered like a wrong length; the table has no row of its own.
  if (!IDENTIFICATION_CODE_PATTERN.test(code)) return failure('start-6');
  if (data === '') return failure('start-7');
  if (!isBase64(data)) return failure('start-8');
  return clientId === ownId ? undefined : failure('start-9');
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
