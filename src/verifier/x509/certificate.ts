import type { KeyObject } from 'node:crypto';

import { JitsuinError } from '../../core/errors.ts';
import { parseAlgorithmIdentifier, parseSubjectPublicKeyInfo } from './algorithm.ts';
import type {
  AlgorithmIdentifier,
  Certificate,
  Extension,
  KnownExtensions,
  SubjectPublicKeyInfo,
} from './certificate-types.ts';
import { contextConstructed, contextPrimitive, type DerReader, openDer, TAG } from './der.ts';
import { integerOctets, smallInteger, timeValue, wholeOctetBits } from './der-values.ts';
import { decodeExtensions, parseExtensions } from './extensions.ts';
import { parseName } from './name.ts';
import { sameOctets } from './octets.ts';
import { importPublicKey } from './public-key.ts';

export type { Certificate } from './certificate-types.ts';

/** A JPKI leaf has under 2 KB; the largest honest certificates known have some tens. */
const MAXIMUM_OCTETS = 256 * 1024;
/** RFC 5280 section 4.1.2.2. */
const MAXIMUM_SERIAL_OCTETS = 20;

/**
 * Parses one X.509 certificate (RFC 5280 section 4.1) strictly: DER to the last octet, no extension twice, no
 * negative or overlong serial number, both signature algorithms equal, known extensions decoded.
 * Unknown critical extensions are recorded, not refused: that is for path validation to judge.
 * @param der the DER octets; kept and viewed, so they must not change afterwards
 * @throws JitsuinError `certificate.syntax`, or `certificate.limit` above 256 KiB or for too many elements
 */
export function parseCertificate(der: Uint8Array): Certificate {
  if (der.length > MAXIMUM_OCTETS)
    throw new JitsuinError('certificate.limit', 'The certificate is too large.');
  try {
    return readCertificate(openDer(der, TAG.sequence));
  } catch (cause) {
    throw asSyntaxError(cause);
  }
}

function asSyntaxError(cause: unknown): unknown {
  if (!(cause instanceof JitsuinError) || !cause.code.startsWith('der.')) return cause;
  const code = cause.code === 'der.limit' ? 'certificate.limit' : 'certificate.syntax';
  const at = cause.at === undefined ? {} : { at: cause.at };
  return new JitsuinError(code, `Not a certificate of RFC 5280: ${cause.message}`, { cause, ...at });
}

function readCertificate(outer: DerReader): Certificate {
  const tbs = outer.read(TAG.sequence);
  const signatureAlgorithm = parseAlgorithmIdentifier(outer.read(TAG.sequence));
  const signature = wholeOctetBits(outer.read(TAG.bitString));
  outer.finish();
  return readTbsCertificate(outer, tbs, signatureAlgorithm, signature);
}

function readTbsCertificate(
  outer: DerReader,
  tbs: DerReader,
  signatureAlgorithm: AlgorithmIdentifier,
  signature: Uint8Array,
): Certificate {
  const version = readVersion(tbs);
  const serialNumber = readSerialNumber(tbs.read(TAG.integer));
  const inner = parseAlgorithmIdentifier(tbs.read(TAG.sequence));
  if (!sameOctets(inner.der, signatureAlgorithm.der)) throw tbs.invalid('signature algorithms differ');
  const issuer = parseName(tbs.read(TAG.sequence));
  const validity = tbs.read(TAG.sequence);
  const notBefore = timeValue(validity.next());
  const notAfter = timeValue(validity.next());
  validity.finish();
  const subject = parseName(tbs.read(TAG.sequence));
  const subjectPublicKeyInfo = parseSubjectPublicKeyInfo(tbs.read(TAG.sequence));
  skipUniqueIdentifiers(tbs, version);
  const extensions = readExtensions(tbs, version);
  tbs.finish();
  const known: KnownExtensions = {};
  const unknownCriticalExtensions = decodeExtensions(extensions, known);
  return {
    der: outer.der,
    tbsCertificate: tbs.der,
    version,
    serialNumber,
    signatureAlgorithm,
    signature,
    issuer,
    subject,
    notBefore,
    notAfter,
    subjectPublicKeyInfo,
    extensions,
    unknownCriticalExtensions,
    publicKey: importedOnce(subjectPublicKeyInfo),
    ...known,
  };
}

function importedOnce(info: SubjectPublicKeyInfo): () => KeyObject {
  let key: KeyObject | undefined;
  return () => {
    key ??= importPublicKey(info);
    return key;
  };
}

/** v1 is the DEFAULT and so not encoded. */
function readVersion(tbs: DerReader): 1 | 2 | 3 {
  const wrapper = tbs.optional(contextConstructed(0));
  if (wrapper === undefined) return 1;
  const value = smallInteger(wrapper.read(TAG.integer));
  wrapper.finish();
  if (value === 1) return 2;
  if (value === 2) return 3;
  throw wrapper.invalid('version');
}

function readSerialNumber(element: DerReader): Uint8Array {
  const octets = integerOctets(element);
  if ((octets[0] ?? 0) >= 0x80) throw element.invalid('negative serialNumber');
  if (octets.length > MAXIMUM_SERIAL_OCTETS) throw element.invalid('serialNumber of more than 20 octets');
  return octets;
}

/** issuerUniqueID and subjectUniqueID: read over, never used (RFC 5280 section 4.1.2.8). */
function skipUniqueIdentifiers(tbs: DerReader, version: number): void {
  for (const tag of [contextPrimitive(1), contextPrimitive(2)]) {
    const identifier = tbs.optional(tag);
    if (identifier !== undefined && version === 1) throw identifier.invalid('unique identifier in version 1');
  }
}

function readExtensions(tbs: DerReader, version: number): readonly Extension[] {
  const wrapper = tbs.optional(contextConstructed(3));
  if (wrapper === undefined) return [];
  if (version !== 3) throw wrapper.invalid('extensions before version 3');
  const extensions = parseExtensions(wrapper.read(TAG.sequence));
  wrapper.finish();
  return extensions;
}
