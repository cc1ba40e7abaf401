import type { EpochMillis } from '../../core/brand.ts';
import { defined } from '../../core/defined.ts';
import { parseAlgorithmIdentifier } from '../x509/algorithm.ts';
import type { AlgorithmIdentifier } from '../x509/certificate-types.ts';
import {
  contextConstructed,
  contextPrimitive,
  type DerReader,
  openDer,
  overContent,
  TAG,
} from '../x509/der.ts';
import { integerOctets, oidValue, smallInteger, timeValue, wholeOctetBits } from '../x509/der-values.ts';
import { parseExtensions } from '../x509/extensions.ts';
import { type Name, parseName } from '../x509/name.ts';
import { sameOctets } from '../x509/octets.ts';
import { EXTENSION } from '../x509/oids.ts';
import { reasonOf } from './crl-entry.ts';
import type { Revocation } from './revocation-types.ts';

/** OCSPResponseStatus (RFC 6960 section 4.2.1); 4 is not used. */
type OcspResponseStatus =
  | 'successful'
  | 'malformedRequest'
  | 'internalError'
  | 'tryLater'
  | 'sigRequired'
  | 'unauthorized';

const STATUSES: readonly (OcspResponseStatus | undefined)[] = [
  'successful',
  'malformedRequest',
  'internalError',
  'tryLater',
  undefined,
  'sigRequired',
  'unauthorized',
];

export interface CertId {
  /** Dotted OID of the hash. */
  readonly hash: string;
  readonly issuerNameHash: Uint8Array;
  readonly issuerKeyHash: Uint8Array;
  /** Content octets of the INTEGER. */
  readonly serialNumber: Uint8Array;
}

export interface SingleResponse {
  readonly certId: CertId;
  readonly certStatus: 'good' | 'revoked' | 'unknown';
  readonly revocation?: Revocation;
  readonly thisUpdate: EpochMillis;
  readonly nextUpdate?: EpochMillis;
}

export type ResponderId = { readonly byName: Name } | { readonly byKey: Uint8Array };

/** BasicOCSPResponse (RFC 6960 section 4.2.1), parsed and not yet verified. */
export interface BasicOcspResponse {
  readonly tbsResponseData: Uint8Array;
  readonly responderId: ResponderId;
  readonly producedAt: EpochMillis;
  readonly responses: readonly SingleResponse[];
  readonly nonce?: Uint8Array;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signature: Uint8Array;
  /** DER of each certificate sent along; parsed only when needed. */
  readonly certificates: readonly Uint8Array[];
}

export type OcspResponse =
  | { readonly status: 'successful'; readonly basic: BasicOcspResponse }
  | { readonly status: Exclude<OcspResponseStatus, 'successful'> };

const ID_PKIX_OCSP_BASIC = '1.3.6.1.5.5.7.48.1.1';
/** An answer for one certificate with its responder's certificates has some kilobytes. */
const MAXIMUM_STEPS = 20_000;

/** Parses an OCSPResponse strictly, without any judgement. @throws JitsuinError `der.invalid`, `der.limit` */
export function parseOcspResponse(der: Uint8Array): OcspResponse {
  const outer = openDer(der, TAG.sequence, MAXIMUM_STEPS);
  const element = outer.read(TAG.enumerated);
  const status = STATUSES[smallInteger(element)];
  if (status === undefined) throw element.invalid('OCSPResponseStatus');
  const wrapper = outer.optional(contextConstructed(0));
  outer.finish();
  if (status !== 'successful') return { status };
  if (wrapper === undefined) throw outer.invalid('successful without responseBytes');
  const bytes = wrapper.read(TAG.sequence);
  wrapper.finish();
  const type = bytes.read(TAG.oid);
  if (oidValue(type) !== ID_PKIX_OCSP_BASIC) throw type.invalid('response type');
  const response = bytes.read(TAG.octetString);
  bytes.finish();
  return { status, basic: readBasic(openDer(response.content, TAG.sequence, MAXIMUM_STEPS)) };
}

function readBasic(outer: DerReader): BasicOcspResponse {
  const tbs = outer.read(TAG.sequence);
  const signatureAlgorithm = parseAlgorithmIdentifier(outer.read(TAG.sequence));
  const signature = wholeOctetBits(outer.read(TAG.bitString));
  const certificates = readCertificates(outer.optional(contextConstructed(0)));
  outer.finish();
  const tbsResponseData = tbs.der;
  return { tbsResponseData, signatureAlgorithm, signature, certificates, ...readResponseData(tbs) };
}

function readCertificates(wrapper: DerReader | undefined): readonly Uint8Array[] {
  if (wrapper === undefined) return [];
  const list = wrapper.read(TAG.sequence);
  wrapper.finish();
  const certificates: Uint8Array[] = [];
  while (!list.exhausted) certificates.push(list.read(TAG.sequence).der);
  return certificates;
}

function readResponseData(tbs: DerReader) {
  if (tbs.peek() === contextConstructed(0)) throw tbs.invalid('ResponseData version'); // v1 is the DEFAULT
  const responderId = readResponderId(tbs.next());
  const producedAt = timeValue(tbs.read(TAG.generalizedTime));
  const list = tbs.read(TAG.sequence);
  const responses: SingleResponse[] = [];
  while (!list.exhausted) responses.push(readSingleResponse(list.read(TAG.sequence)));
  const nonce = readResponseExtensions(tbs.optional(contextConstructed(1)));
  tbs.finish();
  return defined({
    responderId,
    producedAt,
    responses,
    nonce,
  });
}

function readResponderId(element: DerReader): ResponderId {
  if (element.tag === contextConstructed(1)) {
    const byName = parseName(element.read(TAG.sequence));
    element.finish();
    return { byName };
  }
  if (element.tag !== contextConstructed(2)) throw element.invalid('ResponderID');
  const byKey = element.read(TAG.octetString).content;
  element.finish();
  return { byKey };
}

function readSingleResponse(sequence: DerReader): SingleResponse {
  const certId = readCertId(sequence.read(TAG.sequence));
  const status = readCertStatus(sequence.next());
  const thisUpdate = timeValue(sequence.read(TAG.generalizedTime));
  const wrapper = sequence.optional(contextConstructed(0));
  const nextUpdate = wrapper === undefined ? undefined : timeValue(wrapper.read(TAG.generalizedTime));
  wrapper?.finish();
  readResponseExtensions(sequence.optional(contextConstructed(1)));
  sequence.finish();
  return defined({
    certId,
    ...status,
    thisUpdate,
    nextUpdate,
  });
}

const NULL = Uint8Array.of(0x05, 0x00);

function readCertId(sequence: DerReader): CertId {
  const { oid: hash, parameters } = parseAlgorithmIdentifier(sequence.read(TAG.sequence));
  // RFC 5754 section 2: absent or NULL.
  if (parameters !== undefined && !sameOctets(parameters, NULL))
    throw sequence.invalid('CertID hashAlgorithm');
  const issuerNameHash = sequence.read(TAG.octetString).content;
  const issuerKeyHash = sequence.read(TAG.octetString).content;
  const serialNumber = integerOctets(sequence.read(TAG.integer));
  sequence.finish();
  return { hash, issuerNameHash, issuerKeyHash, serialNumber };
}

/** CertStatus: good [0] and unknown [2] IMPLICIT NULL, revoked [1] IMPLICIT RevokedInfo. */
function readCertStatus(element: DerReader): Pick<SingleResponse, 'certStatus' | 'revocation'> {
  if (element.tag === contextConstructed(1)) {
    const revokedAt = timeValue(element.read(TAG.generalizedTime));
    const wrapper = element.optional(contextConstructed(0));
    const reason = wrapper === undefined ? 'unspecified' : reasonOf(wrapper.read(TAG.enumerated));
    wrapper?.finish();
    element.finish();
    return { certStatus: 'revoked', revocation: { revokedAt, reason } };
  }
  if (element.length !== 0) throw element.invalid('CertStatus');
  if (element.tag === contextPrimitive(0)) return { certStatus: 'good' };
  if (element.tag === contextPrimitive(2)) return { certStatus: 'unknown' };
  throw element.invalid('CertStatus');
}

/** The nonce, if there is one; any other critical extension makes the answer unusable. */
function readResponseExtensions(wrapper: DerReader | undefined): Uint8Array | undefined {
  if (wrapper === undefined) return undefined;
  const extensions = parseExtensions(wrapper.read(TAG.sequence));
  wrapper.finish();
  let nonce: Uint8Array | undefined;
  for (const { oid, critical, value } of extensions) {
    if (oid === EXTENSION.ocspNonce) {
      const cursor = overContent(value);
      nonce = cursor.read(TAG.octetString).content;
      cursor.finish();
    } else if (critical) throw wrapper.invalid('critical OCSP extension that is not known');
  }
  return nonce;
}
