import { createHash, type KeyObject } from 'node:crypto';
import { type CertID, OCSPRequest } from 'pkijs';
import { MINUTE_MILLIS } from '../../core/spans.ts';
import type { CertificationAuthority } from './authorities.ts';
import { signed } from './certificate.ts';
import {
  context,
  contextPrimitive,
  type Der,
  decode,
  encode,
  enumerated,
  generalizedTime,
  integer,
  octetString,
  oid,
  sequence,
} from './der.ts';
import { extension } from './extensions.ts';
import { issuedBy, type JpkiRegistry, REVOCATION_REASON } from './registry.ts';

const HASHES: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
};
const NONCE = '1.3.6.1.5.5.7.48.1.2';
const STATUS = { malformed: 1, internalError: 2, tryLater: 3, unauthorized: 6 } as const;

export interface OcspOptions {
  readonly shift?: number;
  readonly key?: KeyObject;
  readonly nonce?: 'echo' | 'wrong' | 'none';
  /** Says `unknown` of everything, or answers about another serial. */
  readonly answer?: 'unknown' | 'other-serial';
}

/** OCSPResponse without responseBytes (RFC 6960 section 4.2.1). */
export function ocspError(status: keyof typeof STATUS): Buffer {
  return encode(sequence(enumerated(STATUS[status])));
}

/**
 * DER OCSPRequest → DER OCSPResponse, signed by the delegated responder of the CA that the first CertID names.
 * A CA that is not ours is `unauthorized`, a serial that it never issued is `unknown`.
 */
export function answerOcsp(
  registry: JpkiRegistry,
  request: Uint8Array,
  now: number,
  options: OcspOptions = {},
): Buffer {
  const parsed = parseRequest(request);
  const first = parsed?.tbsRequest.requestList[0];
  if (parsed === undefined || first === undefined) return ocspError('malformed');
  const ca = authorityOf(registry, first.reqCert);
  if (ca === undefined) return ocspError('unauthorized');
  const at = now + (options.shift ?? 0);
  const singles = parsed.tbsRequest.requestList.map(({ reqCert }) =>
    single(registry, ca, reqCert, at, options),
  );
  const nonce = parsed.tbsRequest.requestExtensions?.find(({ extnID }) => extnID === NONCE);
  const echoed =
    nonce === undefined ? undefined : nonceExtension(nonce.extnValue.valueBlock.valueHexView, options);
  const data = sequence(
    context(2, octetString(ca.ocspKey.keyIdentifier)),
    generalizedTime(at),
    sequence(...singles),
    ...(echoed === undefined ? [] : [context(1, sequence(echoed))]),
  );
  const basic = signed(
    data,
    options.key ?? ca.ocspKey.privateKey,
    context(0, sequence(decode(ca.ocspCertificate))),
  );
  return encode(
    sequence(enumerated(0), context(0, sequence(oid('1.3.6.1.5.5.7.48.1.1'), octetString(basic)))),
  );
}

function parseRequest(request: Uint8Array): OCSPRequest | undefined {
  try {
    return OCSPRequest.fromBER(new Uint8Array(request));
  } catch {
    return undefined;
  }
}

function nonceExtension(extnValue: Uint8Array, options: OcspOptions): Der | undefined {
  if (options.nonce === 'none') return undefined;
  const value = options.nonce === 'wrong' ? encode(octetString(Buffer.alloc(16, 0x5a))) : extnValue;
  return extension(NONCE, decode(value));
}

function authorityOf(registry: JpkiRegistry, id: CertID): CertificationAuthority | undefined {
  const hash = HASHES[id.hashAlgorithm.algorithmId];
  if (hash === undefined) return undefined;
  const { sign, previousSign, auth } = registry.authorities;
  return [sign, previousSign, auth].find((ca) => {
    const name = createHash(hash).update(encode(ca.name)).digest();
    return (
      name.equals(id.issuerNameHash.valueBlock.valueHexView) &&
      keyHash(ca, hash).equals(id.issuerKeyHash.valueBlock.valueHexView)
    );
  });
}

function keyHash(ca: CertificationAuthority, hash: string): Buffer {
  if (hash === 'sha1') return ca.key.keyIdentifier;
  // SubjectPublicKeyInfo of RSA-2048 is 24 octets of header before the key bits.
  return createHash(hash).update(ca.key.spki.subarray(24)).digest();
}

function single(
  registry: JpkiRegistry,
  ca: CertificationAuthority,
  id: CertID,
  at: number,
  options: OcspOptions,
): Der {
  const asked = BigInt(`0x${Buffer.from(id.serialNumber.valueBlock.valueHexView).toString('hex')}`);
  const answered = options.answer === 'other-serial' ? asked + 1n : asked;
  const thisUpdate = Math.floor(at / MINUTE_MILLIS) * MINUTE_MILLIS;
  return sequence(
    sequence(
      id.hashAlgorithm.toSchema(),
      octetString(id.issuerNameHash.valueBlock.valueHexView),
      octetString(id.issuerKeyHash.valueBlock.valueHexView),
      integer(answered),
    ),
    status(registry, ca, asked, options),
    generalizedTime(thisUpdate),
    context(0, generalizedTime(thisUpdate + 15 * MINUTE_MILLIS)),
  );
}

function status(
  registry: JpkiRegistry,
  ca: CertificationAuthority,
  serial: bigint,
  options: OcspOptions,
): Der {
  const certificate = issuedBy(registry, ca).find((issued) => issued.serial === serial);
  if (certificate === undefined || options.answer === 'unknown') return contextPrimitive(2);
  const revocation = registry.revocationOf(certificate);
  if (revocation === undefined) return contextPrimitive(0);
  const reason = context(0, enumerated(REVOCATION_REASON[revocation.reason]));
  return context(1, generalizedTime(revocation.revokedAt), reason);
}
