import type { CompactJwe } from '../../core/brand.ts';
import { JitsuinError } from '../../core/errors.ts';
import type { EncryptedResult } from '../../ports/auth-and-sign.ts';
import type { HttpResponse } from '../../ports/http-client.ts';
import { badAnswer, processJsonResponse } from './response.ts';
import { CLEAR_RESULT, ENCRYPTED_RESULT, readWire } from './wire.ts';

/** Five parts, the encrypted key empty (ECDH-ES direct, RFC 7518 section 4.6); never opened here. */
const COMPACT_JWE = /^[A-Za-z0-9_-]+\.\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
const MAX_JWE_LENGTH = 65_536;

/** A JSON string that begins like DER in base64, or like PEM: a certificate in clear, under whatever name. */
const CLEAR_CERTIFICATE = /"\s*(?:MII|-----BEGIN)/;

/**
 * [17] Judges the result of a private relying party: one JWE for the platform operator, not opened. A certificate in
 * clear must never reach a service provider (公的個人認証法): it is an incident, and nothing of the answer is kept.
 * @throws JitsuinError of the guideline's result row, `upstream.operator` for a clear result, `upstream.response`
 */
export function processEncryptedResultResponse(response: HttpResponse): EncryptedResult {
  if (isClear(response)) {
    response.body.fill(0);
    throw new JitsuinError(
      'upstream.operator',
      'The service sent an unencrypted result; it was discarded unread.',
      {
        at: 'result',
        upstream: { status: response.status },
      },
    );
  }
  const body = processJsonResponse('result', response);
  const jwe = readWire(body, ENCRYPTED_RESULT.jwe);
  const named = Object.values(CLEAR_RESULT).some((names) => readWire(body, names) !== undefined);
  if (named || typeof jwe !== 'string' || jwe.length > MAX_JWE_LENGTH || !COMPACT_JWE.test(jwe)) {
    throw badAnswer('result');
  }
  return { kind: 'encrypted', jwe: jwe as CompactJwe };
}

function isClear(response: HttpResponse): boolean {
  const text = new TextDecoder().decode(response.body);
  const names = Object.values(CLEAR_RESULT).flat().join('|');
  return CLEAR_CERTIFICATE.test(text) || new RegExp(`"(?:${names})"\\s*:`).test(text);
}
