import type { AlgorithmIdentifier, SubjectPublicKeyInfo } from './certificate-types.ts';
import { type DerReader, TAG } from './der.ts';
import { oidValue, wholeOctetBits } from './der-values.ts';

/** AlgorithmIdentifier ::= SEQUENCE { algorithm OID, parameters ANY OPTIONAL }. */
export function parseAlgorithmIdentifier(sequence: DerReader): AlgorithmIdentifier {
  const oid = oidValue(sequence.read(TAG.oid));
  const parameters = sequence.exhausted ? undefined : sequence.next().der;
  sequence.finish();
  return { oid, parameters, der: sequence.der };
}

/** SubjectPublicKeyInfo ::= SEQUENCE { algorithm, subjectPublicKey BIT STRING }. */
export function parseSubjectPublicKeyInfo(sequence: DerReader): SubjectPublicKeyInfo {
  const algorithm = parseAlgorithmIdentifier(sequence.read(TAG.sequence));
  const key = wholeOctetBits(sequence.read(TAG.bitString));
  sequence.finish();
  return { der: sequence.der, algorithm, key };
}
