import type { KeyObject } from 'node:crypto';
import type { SignatureValue } from '../../core/brand.ts';
import { JitsuinError } from '../../core/errors.ts';
import { rawValueLength } from '../../core/xmldsig/algorithms.ts';
import { type DerReader, openDer, TAG } from '../x509/der.ts';
import { unsignedOctets } from '../x509/der-values.ts';

/**
 * The value as XML Signature has it. A card gives an ECDSA value raw (r ‖ s) or as DER (SEQUENCE of two INTEGERs,
 * RFC 3279 section 2.2.3), and which one the next card gives is not published: both are taken, each in its one
 * spelling. Any other octets come back as they are, and verify with no key.
 */
export function rawSignatureValue(publicKey: KeyObject, value: SignatureValue): SignatureValue {
  const length = rawValueLength(publicKey);
  if (publicKey.asymmetricKeyType !== 'ec' || length === undefined || value.length === length) return value;
  const scalars = scalarsOf(value);
  if (scalars === undefined) return value;
  const half = length / 2;
  const raw = new Uint8Array(length);
  for (const [index, scalar] of scalars.entries()) {
    if (scalar.length > half) return value;
    raw.set(scalar, (index + 1) * half - scalar.length);
  }
  return raw as SignatureValue;
}

/** Octets of r and s without the sign's; undefined unless it is DER of two positive INTEGERs and nothing else. */
function scalarsOf(value: Uint8Array): readonly Uint8Array[] | undefined {
  try {
    const sequence = openDer(value, TAG.sequence);
    const both = [positive(sequence), positive(sequence)];
    sequence.finish();
    return both;
  } catch (thrown) {
    if (thrown instanceof JitsuinError) return undefined;
    throw thrown;
  }
}

function positive(sequence: DerReader): Uint8Array {
  const octets = unsignedOctets(sequence.read(TAG.integer));
  return octets[0] === 0 ? octets.subarray(1) : octets;
}

/**
 * By which octets a signature is known again, however it is written: of an ECDSA value r alone, since anybody makes
 * (r, n - s) from (r, s), and both verify.
 */
export function identifyingOctets(publicKey: KeyObject, value: SignatureValue): Uint8Array {
  if (publicKey.asymmetricKeyType !== 'ec') return value;
  const raw = rawSignatureValue(publicKey, value);
  return raw.length === rawValueLength(publicKey) ? raw.subarray(0, raw.length / 2) : value;
}
