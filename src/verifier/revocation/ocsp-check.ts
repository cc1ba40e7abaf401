import { defined } from '../../core/defined.ts';
import { hexSha256 } from '../../core/digest/sha256.ts';

import { type ErrorCode, JitsuinError } from '../../core/errors.ts';
import { GENERAL_KEY_POLICY, schemeRefusal } from '../x509/key-policy.ts';
import { sameOctets } from '../x509/octets.ts';
import { signatureScheme, verifiesWith } from '../x509/signature-algorithm.ts';
import { DEFAULT_FRESHNESS, freshness } from './freshness.ts';
import { indeterminate } from './indeterminate.ts';
import { CERT_ID_HASHES, type CertIdHash, certIdHash } from './ocsp-request.ts';
import { authorizedResponders, hasEndedResponder, type ResponderStatusCheck } from './ocsp-responder.ts';
import {
  type BasicOcspResponse,
  type CertId,
  type OcspResponse,
  parseOcspResponse,
  type SingleResponse,
} from './ocsp-response.ts';
import type { RevocationEvidence, RevocationRequest, RevocationResult } from './revocation-types.ts';

/**
 * OCSP validation of one certificate (RFC 6960 section 3.2): the first answer at hand that decides; when none does,
 * indeterminate with the code of the first.
 */
export function checkWithOcsp(
  request: RevocationRequest,
  notRevoked: ResponderStatusCheck,
): RevocationResult {
  let obstacle: RevocationResult | undefined;
  for (const der of request.data.ocsp) {
    const result = judgeResponse(der, request, notRevoked);
    if (result.status !== 'indeterminate') return result;
    obstacle ??= result;
  }
  return obstacle ?? indeterminate('revocation.unavailable', 'No OCSP response is at hand.');
}

function judgeResponse(
  der: Uint8Array,
  request: RevocationRequest,
  notRevoked: ResponderStatusCheck,
): RevocationResult {
  let response: OcspResponse;
  try {
    response = parseOcspResponse(der);
  } catch (thrown) {
    if (!(thrown instanceof JitsuinError)) throw thrown;
    const code = thrown.code === 'der.limit' ? 'revocation.limit' : 'revocation.invalid';
    return indeterminate(code, 'Not an OCSP response of RFC 6960.');
  }
  if (response.status !== 'successful') return refusedBy(response.status);
  return judgeBasic(response.basic, der, request, notRevoked);
}

function refusedBy(status: string): RevocationResult {
  const passing = status === 'tryLater' || status === 'internalError';
  const code = passing ? 'revocation.unavailable' : 'revocation.refused';
  return indeterminate(code, `The responder answered ${status}.`);
}

function judgeBasic(
  basic: BasicOcspResponse,
  der: Uint8Array,
  request: RevocationRequest,
  notRevoked: ResponderStatusCheck,
): RevocationResult {
  const single = answerFor(basic.responses, request);
  if (typeof single === 'string')
    return indeterminate(single, 'The OCSP response is not about this certificate.');
  const source = evidenceOf(basic, single, der);
  const obstacle =
    signatureObstacle(basic, request, notRevoked) ??
    ageObstacle(basic, single, request) ??
    nonceObstacle(basic, request);
  if (obstacle !== undefined)
    return { ...indeterminate(obstacle, 'The OCSP response cannot be used.'), source };
  return statusOf(single, source, request);
}

function statusOf(
  single: SingleResponse,
  source: RevocationEvidence,
  { at }: RevocationRequest,
): RevocationResult {
  if (single.certStatus === 'unknown') {
    return { ...indeterminate('revocation.unknown', 'The responder does not know the certificate.'), source };
  }
  const { revocation } = single;
  if (revocation === undefined) return { status: 'good', source };
  if (revocation.revokedAt > at) return { status: 'good', source, revokedLater: revocation };
  return { status: 'revoked', source, ...revocation };
}

/** The one SingleResponse with this certificate's CertID, or why there is none. */
function answerFor(
  responses: readonly SingleResponse[],
  request: RevocationRequest,
): SingleResponse | ErrorCode {
  const sameSerial = responses.filter(({ certId }) =>
    sameOctets(certId.serialNumber, request.certificate.serialNumber),
  );
  if (sameSerial.length === 0) return 'revocation.serial';
  const matching = sameSerial.filter(({ certId }) => namesIssuer(certId, request));
  const [single, second] = matching;
  if (single === undefined) return 'revocation.issuer';
  return second === undefined ? single : 'revocation.invalid'; // two answers for one certificate
}

function namesIssuer(certId: CertId, { issuer }: RevocationRequest): boolean {
  const hash = HASH_BY_OID.get(certId.hash);
  if (hash === undefined) return false;
  return (
    sameOctets(certId.issuerNameHash, certIdHash(hash, issuer.subject.der)) &&
    sameOctets(certId.issuerKeyHash, certIdHash(hash, issuer.subjectPublicKeyInfo.key))
  );
}

const HASH_BY_OID: ReadonlyMap<string, CertIdHash> = new Map([
  [CERT_ID_HASHES.sha1, 'sha1'],
  [CERT_ID_HASHES.sha256, 'sha256'],
  [CERT_ID_HASHES.sha384, 'sha384'],
  [CERT_ID_HASHES.sha512, 'sha512'],
]);

function signatureObstacle(
  basic: BasicOcspResponse,
  request: RevocationRequest,
  notRevoked: ResponderStatusCheck,
): ErrorCode | undefined {
  const scheme = signatureScheme(basic.signatureAlgorithm);
  const keyPolicy = request.trust?.policy.keyPolicy ?? GENERAL_KEY_POLICY;
  if (scheme === undefined || schemeRefusal(scheme, keyPolicy) !== undefined) return 'revocation.invalid';
  const responders = authorizedResponders(basic, request, notRevoked);
  if (responders.length === 0)
    return hasEndedResponder(basic, request) ? 'revocation.issuer-ended' : 'revocation.responder';
  const verifies = responders.some((responder) =>
    verifiesWith(responder, scheme, basic.tbsResponseData, basic.signature),
  );
  return verifies ? undefined : 'revocation.signature';
}

function ageObstacle(
  basic: BasicOcspResponse,
  single: SingleResponse,
  request: RevocationRequest,
): ErrorCode | undefined {
  const at = request.dataAt ?? request.at;
  const policy = { ...DEFAULT_FRESHNESS, ...request.freshness };
  if (basic.producedAt > at + policy.skew) return 'revocation.future';
  const age = freshness(single, at, policy);
  return age === 'fresh' ? undefined : age;
}

function nonceObstacle(basic: BasicOcspResponse, { nonce }: RevocationRequest): ErrorCode | undefined {
  if (nonce === undefined) return undefined;
  return basic.nonce !== undefined && sameOctets(basic.nonce, nonce) ? undefined : 'revocation.nonce';
}

function evidenceOf(basic: BasicOcspResponse, single: SingleResponse, der: Uint8Array): RevocationEvidence {
  return defined({
    method: 'OCSP',
    producedAt: basic.producedAt,
    thisUpdate: single.thisUpdate,
    nextUpdate: single.nextUpdate,
    sha256: hexSha256(der),
  });
}
