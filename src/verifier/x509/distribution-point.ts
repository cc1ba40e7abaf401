import { defined } from '../../core/defined.ts';
import type { DistributionPoint } from './certificate-types.ts';
import { contextConstructed, contextPrimitive, type DerReader, openDer, TAG } from './der.ts';
import { namedBits } from './der-values.ts';
import { encodeDer } from './der-writer.ts';
import { parseGeneralNames } from './general-name.ts';
import { type Name, nameFromDer, parseRdn } from './name.ts';

/** CRLDistributionPoints and FreshestCRL (RFC 5280 sections 4.2.1.13 and 5.2.6): content of the SEQUENCE. */
export function parseDistributionPoints(sequence: DerReader): readonly DistributionPoint[] {
  const points: DistributionPoint[] = [];
  while (!sequence.exhausted) points.push(parseDistributionPoint(sequence.read(TAG.sequence)));
  if (points.length === 0) throw sequence.invalid('empty CRLDistributionPoints');
  return points;
}

function parseDistributionPoint(sequence: DerReader): DistributionPoint {
  const name = sequence.optional(contextConstructed(0));
  const reasons = sequence.optional(contextPrimitive(1));
  const issuer = sequence.optional(contextConstructed(2));
  sequence.finish();
  if (name === undefined && issuer === undefined)
    throw sequence.invalid('DistributionPoint with reasons alone');
  return defined({
    ...(name && parseDistributionPointName(name)),
    reasons: reasons === undefined ? undefined : namedBits(reasons),
    cRLIssuer: issuer === undefined ? undefined : parseGeneralNames(issuer),
  });
}

/** `DistributionPointName` in its explicit tag. */
export function parseDistributionPointName(
  wrapper: DerReader,
): Pick<DistributionPoint, 'fullName' | 'nameRelativeToCrlIssuer'> {
  const choice = wrapper.next();
  wrapper.finish();
  if (choice.tag === contextConstructed(0)) return { fullName: parseGeneralNames(choice) };
  if (choice.tag !== contextConstructed(1)) throw choice.invalid('DistributionPointName');
  parseRdn(choice);
  return { nameRelativeToCrlIssuer: encodeDer(TAG.set, choice.content) };
}

/** The full name that an RDN relative to a CRL issuer stands for (RFC 5280 section 4.2.1.13). */
export function nameRelativeTo(issuer: Name, rdn: Uint8Array): Name {
  const names = openDer(issuer.der, TAG.sequence);
  return nameFromDer(encodeDer(TAG.sequence, names.content, rdn));
}
