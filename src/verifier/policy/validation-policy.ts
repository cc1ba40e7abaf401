import { defined } from '../../core/defined.ts';
import { AGEING_ALGORITHMS, type AgeingAlgorithm } from '../../core/digest/algorithm-ends.ts';
import { DAY_MILLIS } from '../../core/spans.ts';
import type { ValidationPolicy } from '../validation-types.ts';
import { ANY_POLICY } from '../x509/oids.ts';
import type { PathPolicy } from '../x509/path-types.ts';
import { endInstant, type PolicyFile } from './policy-file.ts';
import type { PolicyFileContent } from './policy-schema.ts';

/**
 * The rules of a policy file as a judgement applies them and evidence records them. Nothing is added that the file
 * does not say.
 */
export function policyOf(
  { content, sha256 }: PolicyFile,
  method: ValidationPolicy['method'],
): ValidationPolicy {
  const { name, environment, profile, certificatePolicies, algorithms, timeStamp, warnOnly } = content;
  return defined({
    name,
    sha256,
    environment,
    path: pathPolicy(content),
    profile,
    method,
    kinds: certificatePolicies,
    algorithmEnds: {
      last: endsOf(algorithms.ends),
      warnBefore: algorithms.warnDaysBefore * DAY_MILLIS,
    },
    freshness: freshnessOf(content.revocation),
    timeStamp: timeStamp === 'demanded' ? timeStamp : undefined,
    warnOnly: warnOnly.length === 0 ? undefined : warnOnly,
    signerDates: 'after-revocation' as const,
  });
}

function pathPolicy(content: PolicyFileContent): PathPolicy {
  const { environment, policyProcessing, algorithms, keyUsage, extendedKeyUsage } = content;
  const { rsa, curves, ed25519, rsaPss, hashes } = algorithms;
  const accepted = content.certificatePolicies.filter(
    (row) => row.purpose === 'signing' && row.environment === environment,
  );
  return defined({
    keyPolicy: { rsa, curves, ed25519, hashes, rsaPss },
    initialPolicySet: accepted.length === 0 ? [ANY_POLICY] : accepted.map(({ policy }) => policy),
    initialExplicitPolicy: policyProcessing.explicit,
    initialPolicyMappingInhibit: policyProcessing.mappingInhibited,
    initialAnyPolicyInhibit: policyProcessing.anyPolicyInhibited,
    requiredKeyUsage: keyUsage.all,
    oneOfKeyUsage: keyUsage.oneOf,
    acceptedExtendedKeyUsage: extendedKeyUsage.accepted,
    caExtendedKeyUsage: extendedKeyUsage.ofCas === 'nested' ? extendedKeyUsage.ofCas : undefined,
    extendedKeyUsage: 'optional' as const,
    caAsLeaf: 'refused' as const,
    anchorConstraints: 'applied' as const,
  });
}

function endsOf(
  ends: PolicyFileContent['algorithms']['ends'],
): Readonly<Partial<Record<AgeingAlgorithm, number>>> {
  const known = AGEING_ALGORITHMS.flatMap((name) => {
    const day = ends[name];
    return day === undefined || day === 'none' ? [] : [[name, endInstant(day)] as const];
  });
  return Object.fromEntries(known);
}

function freshnessOf({
  clockSkewSeconds,
  withoutNextUpdateSeconds,
  maximumAgeSeconds,
}: PolicyFileContent['revocation']): NonNullable<ValidationPolicy['freshness']> {
  return defined({
    skew: clockSkewSeconds * 1000,
    maxAgeWithoutNextUpdate: withoutNextUpdateSeconds * 1000,
    maxAge: maximumAgeSeconds === undefined ? undefined : maximumAgeSeconds * 1000,
  });
}
