import { fromBase64 } from '../../core/encoding.ts';
import type { JsonObject } from '../../core/json/strict-json.ts';
import type { ClearResult } from '../../ports/auth-and-sign.ts';
import type { HttpResponse } from '../../ports/http-client.ts';
import { badAnswer, processJsonResponse } from './response.ts';
import { CLEAR_RESULT, readWire } from './wire.ts';

/** Octets of the longest certificate or signature that is taken. */
const MAX_OCTETS = 16_384;

/**
 * [17] Judges the result of an administrative agency: certificate (DER) and signature value, each base64, not yet
 * verified. No room that a service provider can reach may import this file.
 * @throws JitsuinError of the guideline's result row, `upstream.response`
 */
export function processClearResultResponse(response: HttpResponse): ClearResult {
  const body = processJsonResponse('result', response);
  return {
    kind: 'clear',
    certificate: octets(body, CLEAR_RESULT.certificate),
    signatureValue: octets(body, CLEAR_RESULT.signatureValue),
  };
}

function octets(body: JsonObject, names: readonly string[]): Uint8Array {
  const value = readWire(body, names);
  if (typeof value !== 'string' || value === '') throw badAnswer('result');
  const decoded = decode(value);
  if (decoded.length > MAX_OCTETS) throw badAnswer('result');
  return decoded;
}

/** The error of the decoder is not passed on: nothing of a certificate may stand in a message. */
function decode(value: string): Uint8Array {
  try {
    return fromBase64(value);
  } catch {
    throw badAnswer('result');
  }
}
