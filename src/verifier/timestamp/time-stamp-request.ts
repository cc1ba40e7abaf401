import { defined } from '../../core/defined.ts';
import { openDer, TAG } from '../x509/der.ts';
import { smallInteger } from '../x509/der-values.ts';
import { encodeDer, encodeOid } from '../x509/der-writer.ts';
import { TIME_STAMP_HASH_OIDS, type TimeStampHash } from './oids.ts';

interface TimeStampRequest {
  /** Hash of what is to be stamped. */
  readonly imprint: Uint8Array;
  /** `sha256` when absent. */
  readonly hash?: TimeStampHash;
  /** Random octets from the caller, sent as an unsigned INTEGER. */
  readonly nonce: Uint8Array;
  /** reqPolicy: the dotted OID of the policy under which the token must be; absent: the TSA's own. */
  readonly policy?: string;
}

/** DER of a TimeStampReq that asks for the TSA's certificate (RFC 3161 section 2.4.1). */
export function timeStampRequest({ imprint, hash = 'sha256', nonce, policy }: TimeStampRequest): Uint8Array {
  const algorithm = encodeDer(TAG.sequence, encodeOid(TIME_STAMP_HASH_OIDS[hash]), encodeDer(TAG.null));
  return encodeDer(
    TAG.sequence,
    encodeDer(TAG.integer, Uint8Array.of(1)),
    encodeDer(TAG.sequence, algorithm, encodeDer(TAG.octetString, imprint)),
    ...(policy === undefined ? [] : [encodeOid(policy)]),
    encodeDer(TAG.integer, unsignedInteger(nonce)),
    encodeDer(TAG.boolean, Uint8Array.of(0xff)),
  );
}

/** Content octets of a DER INTEGER for octets read as an unsigned number (X.690 section 8.3.2). */
export function unsignedInteger(octets: Uint8Array): Uint8Array {
  const first = octets.findIndex((octet) => octet !== 0);
  if (first === -1) return Uint8Array.of(0);
  const digits = octets.subarray(first);
  return (digits[0] ?? 0) < 0x80 ? digits : Uint8Array.of(0, ...digits);
}

/** What a TSA answered: the token, or its refusal with PKIStatus and the bit of PKIFailureInfo. */
type TimeStampAnswer =
  | { readonly kind: 'granted'; readonly token: Uint8Array }
  | { readonly kind: 'refused'; readonly status: number; readonly failure?: number };

/**
 * Reads a DER TimeStampResp (RFC 3161 section 2.4.2). The token is not judged here.
 * @throws JitsuinError `der.invalid`, `der.limit`
 */
export function readTimeStampAnswer(der: Uint8Array): TimeStampAnswer {
  const response = openDer(der, TAG.sequence);
  const info = response.read(TAG.sequence);
  const status = smallInteger(info.read(TAG.integer));
  info.optional(TAG.sequence); // statusString, free text of the TSA
  const bits = info.optional(TAG.bitString);
  info.finish();
  if (status > 1) {
    response.finish();
    const failure = bits === undefined ? undefined : firstBit(bits.content.subarray(1));
    return defined({
      kind: 'refused',
      status,
      failure,
    });
  }
  const token = response.read(TAG.sequence).der;
  response.finish();
  return { kind: 'granted', token };
}

function firstBit(octets: Uint8Array): number | undefined {
  for (const [index, octet] of octets.entries()) if (octet !== 0) return index * 8 + Math.clz32(octet) - 24;
  return undefined;
}
