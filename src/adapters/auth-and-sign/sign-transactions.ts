import type { SignTransactionId } from '../../core/brand.ts';
import { assertSigningInput } from '../../core/digest/signing-input.ts';
import { toUtf8 } from '../../core/encoding.ts';
import { JitsuinError } from '../../core/errors.ts';
import type { StartSignatureRequest } from '../../ports/auth-and-sign.ts';
import type { HttpResponse } from '../../ports/http-client.ts';
import type { AuthAndSignOptions } from './options.ts';
import { badAnswer, processJsonResponse } from './response.ts';
import {
  DISPLAY_NAME_MAX,
  IDENTIFICATION_CODE_PATTERN,
  readWire,
  SIGN_TRANSACTIONS_PATH,
  START_REQUEST,
  START_RESPONSE,
} from './wire.ts';

/** UUID shape; the service's own example has no RFC 4122 version nibble (facts 1.6). */
const SIGN_TRANSACTION_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** Characters of `data` in mode digest-info: base64 of 51 octets. */
/** Characters of a DigestInfo in base64, of SHA-256 and of SHA-384. */
const DIGEST_INFO_LENGTHS: readonly number[] = [68, 92];
const CONTROL = /\p{Cc}|\p{Zl}|\p{Zp}|\p{Cs}/u;

/**
 * [06] Sends the start request with the client-credentials token. Nothing leaves that was not checked.
 * @throws JitsuinError `usage.arguments` (`at` names the value), `digest.data`
 */
export async function startRequest(
  options: AuthAndSignOptions,
  request: StartSignatureRequest,
  accessToken: string,
): Promise<HttpResponse> {
  checkStartRequest(request);
  const body = {
    [START_REQUEST.clientId[0]]: options.clientId,
    [START_REQUEST.displayName[0]]: request.displayName,
    [START_REQUEST.identificationCode[0]]: request.identificationCode,
    [START_REQUEST.data[0]]: request.data,
  };
  return options.http.send({
    method: 'POST',
    url: new URL(SIGN_TRANSACTIONS_PATH, signingOrigin(options)).href,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${accessToken}` },
    body: toUtf8(JSON.stringify(body)),
  });
}

/**
 * [07] Judges the start answer.
 * @throws JitsuinError of the guideline's start row, `upstream.response` when there is no id of UUID shape
 */
export function processStartResponse(response: HttpResponse): { readonly id: SignTransactionId } {
  const id = readWire(processJsonResponse('start', response), START_RESPONSE.signTransactionId);
  if (typeof id !== 'string' || !SIGN_TRANSACTION_ID.test(id)) throw badAnswer('start');
  return { id: id as SignTransactionId };
}

/** [16] Asks for the result with the citizen's access token. Safe to repeat. */
export async function resultRequest(
  options: AuthAndSignOptions,
  id: SignTransactionId,
  accessToken: string,
): Promise<HttpResponse> {
  if (!SIGN_TRANSACTION_ID.test(id)) throw unusable('sign_transaction_id');
  return options.http.send({
    method: 'GET',
    url: new URL(`${SIGN_TRANSACTIONS_PATH}/${id}/result`, signingOrigin(options)).href,
    headers: { authorization: `Bearer ${accessToken}` },
  });
}

function checkStartRequest({ displayName, identificationCode, data }: StartSignatureRequest): void {
  const length = [...displayName].length;
  if (length === 0 || length > DISPLAY_NAME_MAX || CONTROL.test(displayName)) throw unusable('displayName');
  if (!IDENTIFICATION_CODE_PATTERN.test(identificationCode)) throw unusable('identificationCode');
  assertSigningInput(data, DIGEST_INFO_LENGTHS.includes(data.length) ? 'digest-info' : 'digest');
}

function signingOrigin(options: AuthAndSignOptions): string {
  return options.signingOrigin ?? new URL(options.issuer).origin;
}

function unusable(at: string): JitsuinError {
  return new JitsuinError('usage.arguments', 'The value has a wrong length or character.', { at });
}
