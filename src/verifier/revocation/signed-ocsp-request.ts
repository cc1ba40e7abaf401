import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import type { Certificate } from '../x509/certificate-types.ts';
import { contextConstructed, openDer, TAG } from '../x509/der.ts';
import { encodeDer, encodeOid } from '../x509/der-writer.ts';

/** Who signs questions to responders that answer nobody unknown. */
export interface OcspSigner {
  /** Its own first, then those between. */
  readonly certificates: readonly [Certificate, ...Certificate[]];
  readonly key: KeyObject;
}

/** @throws Error where the key is of a kind that signs no question: RSA, P-256, P-384 */
export function ocspSigner(certificates: OcspSigner['certificates'], pem: string): OcspSigner {
  const key = createPrivateKey(pem);
  algorithmOf(key);
  return { certificates, key };
}

/**
 * The same question with requestorName and signature (RFC 6960 section 4.1.2).
 * @param request as `ocspRequest` makes it
 */
export function signedOcspRequest(request: Uint8Array, { certificates, key }: OcspSigner): Uint8Array {
  const tbs = openDer(request, TAG.sequence).read(TAG.sequence);
  const requestList = tbs.read(TAG.sequence).der;
  const extensions = tbs.optional(contextConstructed(2));
  tbs.finish();
  const directoryName = encodeDer(contextConstructed(4), certificates[0].subject.der);
  const signed = encodeDer(
    TAG.sequence,
    encodeDer(contextConstructed(1), directoryName),
    requestList,
    ...(extensions === undefined ? [] : [extensions.der]),
  );
  const { hash, identifier } = algorithmOf(key);
  const signature = encodeDer(
    TAG.sequence,
    identifier,
    encodeDer(TAG.bitString, new Uint8Array(1), sign(hash, signed, key)),
    encodeDer(contextConstructed(0), encodeDer(TAG.sequence, ...certificates.map(({ der }) => der))),
  );
  return encodeDer(TAG.sequence, signed, encodeDer(contextConstructed(0), signature));
}

/** RFC 4055 and RFC 5758: RSA with its NULL, ECDSA without parameters. */
function algorithmOf({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): {
  readonly hash: 'sha256' | 'sha384';
  readonly identifier: Uint8Array;
} {
  const identified = (oid: string, ...parameters: readonly Uint8Array[]) =>
    encodeDer(TAG.sequence, encodeOid(oid), ...parameters);
  if (type === 'rsa')
    return { hash: 'sha256', identifier: identified('1.2.840.113549.1.1.11', encodeDer(TAG.null)) };
  if (type === 'ec' && details?.namedCurve === 'prime256v1')
    return { hash: 'sha256', identifier: identified('1.2.840.10045.4.3.2') };
  if (type === 'ec' && details?.namedCurve === 'secp384r1')
    return { hash: 'sha384', identifier: identified('1.2.840.10045.4.3.3') };
  throw new Error('Questions are signed by RSA, P-256 or P-384.');
}
