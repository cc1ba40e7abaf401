import {
  bitString,
  boolean,
  context,
  contextPrimitive,
  type Der,
  encode,
  ia5String,
  integer,
  nil,
  octetString,
  oid,
  sequence,
  utf8String,
} from './der.ts';
import { directoryName, fullName } from './names.ts';

/** Extension of RFC 5280 section 4.1. */
export function extension(
  id: string,
  value: Der,
  criticality: 'critical' | 'non-critical' = 'non-critical',
): Der {
  const octets = octetString(encode(value));
  return criticality === 'critical' ? sequence(oid(id), boolean(true), octets) : sequence(oid(id), octets);
}

const KEY_USAGE = {
  ca: [0x06, 1], // keyCertSign, cRLSign
  signature: [0xc0, 6], // digitalSignature, nonRepudiation
  authentication: [0x80, 7], // digitalSignature
} as const;

export function keyUsage(usage: keyof typeof KEY_USAGE): Der {
  const [octet, unusedBits] = KEY_USAGE[usage];
  return extension('2.5.29.15', bitString(Uint8Array.of(octet), unusedBits), 'critical');
}

export function basicConstraintsCa(): Der {
  return extension('2.5.29.19', sequence(boolean(true)), 'critical');
}

export function subjectKeyIdentifier(keyIdentifier: Uint8Array): Der {
  return extension('2.5.29.14', octetString(keyIdentifier));
}

export function authorityKeyIdentifier(keyIdentifier: Uint8Array): Der {
  return extension('2.5.29.35', sequence(contextPrimitive(0, keyIdentifier)));
}

export function subjectAltDirectoryName(name: Der): Der {
  return extension('2.5.29.17', sequence(directoryName(name)));
}

export function issuerAltDirectoryName(name: Der): Der {
  return extension('2.5.29.18', sequence(directoryName(name)));
}

/** subjectAltName of otherNames, each value a UTF8String. */
export function subjectAltOtherNames(values: readonly (readonly [id: string, value: string])[]): Der {
  const names = values.map(([id, value]) => context(0, oid(id), context(0, utf8String(value))));
  return extension('2.5.29.17', sequence(...names));
}

export function crlDistributionPoint(name: Der): Der {
  return extension('2.5.29.31', sequence(sequence(fullName(name))));
}

export function issuingDistributionPoint(name: Der): Der {
  return extension('2.5.29.28', sequence(fullName(name)), 'critical');
}

export function crlNumber(value: bigint): Der {
  return extension('2.5.29.20', integer(value));
}

/** Critical certificatePolicies with the CPS qualifier. */
export function certificatePolicy(policy: string, cps: string): Der {
  const qualifier = sequence(oid('1.3.6.1.5.5.7.2.1'), ia5String(cps));
  return extension('2.5.29.32', sequence(sequence(oid(policy), sequence(qualifier))), 'critical');
}

export function extendedKeyUsage(purpose: string): Der {
  return extension('2.5.29.37', sequence(oid(purpose)), 'critical');
}

/** id-pkix-ocsp-nocheck (RFC 6960 section 4.2.2.2.1). */
export function ocspNoCheck(): Der {
  return extension('1.3.6.1.5.5.7.48.1.5', nil());
}
