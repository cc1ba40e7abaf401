import { jpkiPolicies } from './jpki-policies.ts';
import type { JpkiEnvironment } from './jpki-types.ts';
import { GENERAL_KEY_POLICY, JPKI_KEY_POLICY } from './key-policy.ts';
import { ANY_POLICY } from './oids.ts';
import type { PathBudgets, PathPolicy } from './path-types.ts';

/** RFC 5280 section 6.1.1 with every input at its widest, and sound algorithms. */
export const GENERAL_PATH_POLICY: PathPolicy = {
  keyPolicy: GENERAL_KEY_POLICY,
  initialPolicySet: [ANY_POLICY],
  initialExplicitPolicy: false,
  initialPolicyMappingInhibit: false,
  initialAnyPolicyInhibit: false,
  requiredKeyUsage: [],
  acceptedExtendedKeyUsage: [],
  extendedKeyUsage: 'optional',
  caAsLeaf: 'refused',
  anchorConstraints: 'applied',
};

/**
 * A JPKI signature certificate: digitalSignature and nonRepudiation, one of the signing policies of this
 * environment, no mapping and no anyPolicy.
 */
export function jpkiSigningPathPolicy(environment: JpkiEnvironment): PathPolicy {
  return {
    ...GENERAL_PATH_POLICY,
    keyPolicy: JPKI_KEY_POLICY,
    initialPolicySet: jpkiPolicies({ purpose: 'signing', environment }),
    initialExplicitPolicy: true,
    initialPolicyMappingInhibit: true,
    initialAnyPolicyInhibit: true,
    requiredKeyUsage: ['digitalSignature', 'nonRepudiation'],
  };
}

/** Far above every honest path, far below what takes a second. */
export const DEFAULT_PATH_BUDGETS: PathBudgets = {
  depth: 10,
  signatures: 150,
  steps: 2_000,
  certificates: 500,
  nameComparisons: 250_000,
  policyNodes: 1_000,
};
