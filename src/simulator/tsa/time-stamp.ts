import { createHash, type KeyObject, sign } from 'node:crypto';
import { TimeStampReq } from 'pkijs';
import {
  bitString,
  context,
  type Der,
  decode,
  encode,
  generalizedTime,
  integer,
  nil,
  octetString,
  oid,
  sequence,
  setOf,
  time,
} from '../jpki/der.ts';
import { directoryName } from '../jpki/names.ts';
import type { TimeStampAuthority } from './authority.ts';

const SHA256 = '2.16.840.1.101.3.4.2.1';
const SHA384 = '2.16.840.1.101.3.4.2.2';
const SHA512 = '2.16.840.1.101.3.4.2.3';
const IMPRINT_LENGTH: Readonly<Record<string, number>> = { [SHA256]: 32, [SHA384]: 48, [SHA512]: 64 };
const TST_INFO = '1.2.840.113549.1.9.16.1.4';
/** The policy of this TSA, under the arc that RFC 5612 keeps for examples. */
const POLICY = '1.3.6.1.4.1.32473.1.1';

const FAILURE_BIT = { badAlg: 0, badRequest: 2, badDataFormat: 5, systemFailure: 25 } as const;

export interface TimeStampOptions {
  readonly serial: bigint;
  readonly key?: KeyObject;
  readonly nonce?: 'echo' | 'wrong';
  readonly imprint?: 'echo' | 'wrong';
  /** Hash of the token's own signature; `sha256` when absent. */
  readonly digest?: 'sha256' | 'sha512';
}

/** TimeStampResp with status rejection and one failure bit (RFC 3161 section 2.4.2). */
export function rejection(failure: keyof typeof FAILURE_BIT): Buffer {
  const bit = FAILURE_BIT[failure];
  const octets = Buffer.alloc(Math.floor(bit / 8) + 1);
  octets.writeUInt8(0x80 >> (bit % 8), octets.length - 1);
  return encode(sequence(sequence(integer(2), bitString(octets, 7 - (bit % 8)))));
}

/** DER TimeStampReq → DER TimeStampResp (RFC 3161), the token a CMS SignedData over TSTInfo (RFC 5652). */
export function answerTimeStamp(
  tsa: TimeStampAuthority,
  request: Uint8Array,
  now: number,
  options: TimeStampOptions,
): Buffer {
  const parsed = parse(request);
  if (parsed === undefined) return rejection('badDataFormat');
  const { messageImprint } = parsed;
  const algorithm = messageImprint.hashAlgorithm.algorithmId;
  const hashed = Buffer.from(messageImprint.hashedMessage.valueBlock.valueHexView);
  if (IMPRINT_LENGTH[algorithm] === undefined) return rejection('badAlg');
  if (IMPRINT_LENGTH[algorithm] !== hashed.length) return rejection('badDataFormat');
  const imprint = options.imprint === 'wrong' ? Buffer.alloc(hashed.length, 0x5a) : hashed;
  const info = encode(
    sequence(
      integer(1),
      oid(POLICY),
      sequence(messageImprint.hashAlgorithm.toSchema(), octetString(imprint)),
      integer(options.serial),
      generalizedTime(now),
      sequence(integer(1)),
      ...nonceOf(parsed, options),
      context(0, directoryName(tsa.name)),
    ),
  );
  const token = signedData(tsa, info, now, parsed.certReq === true, options);
  return encode(sequence(sequence(integer(0)), token));
}

function parse(request: Uint8Array): TimeStampReq | undefined {
  try {
    return TimeStampReq.fromBER(new Uint8Array(request));
  } catch {
    return undefined;
  }
}

function nonceOf(request: TimeStampReq, options: TimeStampOptions): readonly Der[] {
  if (request.nonce === undefined) return [];
  return [options.nonce === 'wrong' ? integer(42) : decode(new Uint8Array(request.nonce.toBER()))];
}

function signedData(
  tsa: TimeStampAuthority,
  info: Buffer,
  now: number,
  withCertificate: boolean,
  { key = tsa.key.privateKey, digest = 'sha256' }: TimeStampOptions,
): Der {
  const hash = sequence(oid(digest === 'sha256' ? SHA256 : SHA512), nil());
  const attributes = signedAttributes(tsa, info, now, digest);
  const signature = sign(digest, encode(setOf(...attributes)), key);
  const signer = sequence(
    integer(1),
    sequence(tsa.rootName, integer(tsa.serial)),
    hash,
    // IMPLICIT [0] of the SET OF that was signed, so in the same order.
    implicitSet(0, attributes),
    sequence(oid(digest === 'sha256' ? '1.2.840.113549.1.1.11' : '1.2.840.113549.1.1.13'), nil()),
    octetString(signature),
  );
  const content = sequence(
    integer(3),
    setOf(hash),
    sequence(oid(TST_INFO), context(0, octetString(info))),
    ...(withCertificate ? [context(0, decode(tsa.certificate), decode(tsa.rootCertificate))] : []),
    setOf(signer),
  );
  return sequence(oid('1.2.840.113549.1.7.2'), context(0, content));
}

function implicitSet(tag: number, members: readonly Der[]): Der {
  const ordered = [...members].sort((a, b) => Buffer.compare(encode(a), encode(b)));
  return context(tag, ...ordered);
}

/** contentType, messageDigest, signingTime and signingCertificateV2 (RFC 5816). */
function signedAttributes(
  tsa: TimeStampAuthority,
  info: Buffer,
  now: number,
  digest: 'sha256' | 'sha512',
): readonly Der[] {
  const certHash = createHash('sha256').update(tsa.certificate).digest();
  const essCertId = sequence(octetString(certHash), issuerSerial(tsa));
  return [
    attribute('1.2.840.113549.1.9.3', oid(TST_INFO)),
    attribute('1.2.840.113549.1.9.4', octetString(createHash(digest).update(info).digest())),
    attribute('1.2.840.113549.1.9.5', time(now)),
    attribute('1.2.840.113549.1.9.16.2.47', sequence(sequence(essCertId))),
  ];
}

function issuerSerial(tsa: TimeStampAuthority): Der {
  return sequence(sequence(directoryName(tsa.rootName)), integer(tsa.serial));
}

function attribute(id: string, value: Der): Der {
  return sequence(oid(id), setOf(value));
}
