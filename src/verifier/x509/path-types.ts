import type { EpochMillis } from '../../core/brand.ts';
import type { Report } from '../../core/report.ts';
import type { Certificate, KeyUsage } from './certificate-types.ts';
import type { KeyPolicy } from './key-policy.ts';

/** The inputs of RFC 5280 section 6.1.1 that a relying party decides, and its demands on the leaf. */
export interface PathPolicy {
  readonly keyPolicy: KeyPolicy;
  /** user-initial-policy-set: dotted OIDs; `['2.5.29.32.0']` is any-policy. */
  readonly initialPolicySet: readonly string[];
  readonly initialExplicitPolicy: boolean;
  readonly initialPolicyMappingInhibit: boolean;
  readonly initialAnyPolicyInhibit: boolean;
  /** Bits the leaf's keyUsage must all have. An absent keyUsage fails when this is not empty. */
  readonly requiredKeyUsage: readonly KeyUsage[];
  /** Where the leaf has keyUsage, one of these bits must be set (RFC 5280 section 4.2.1.3). Not asked when absent. */
  readonly oneOfKeyUsage?: readonly KeyUsage[];
  /** `nested`: a CA with extKeyUsage issues for its purposes only, as the field has it; RFC 5280 gives it no effect. */
  readonly caExtendedKeyUsage?: 'nested';
  /** One of these purposes must be named when the leaf has extKeyUsage (anyExtendedKeyUsage does not count). */
  readonly acceptedExtendedKeyUsage: readonly string[];
  /** `required`: a leaf without extKeyUsage fails too (OCSP signing, time stamping). */
  readonly extendedKeyUsage: 'optional' | 'required';
  /** Whether a CA certificate may stand at the end of the path. */
  readonly caAsLeaf: 'refused' | 'allowed';
  /**
   * Whether the anchor certificate's own constraints bind the path (in the manner of RFC 5937: critical extensions,
   * basicConstraints, nameConstraints, keyUsage), or its name and key alone count. Its period never does, nor do its
   * policies: they are this record's.
   */
  readonly anchorConstraints: 'applied' | 'ignored';
}

/** Upper bounds; reaching one ends the search with `certificate.limit`. */
export interface PathBudgets {
  /**
   * Certificates between leaf and anchor; self-issued ones do not count, as for pathLenConstraint, up to as many
   * again.
   */
  readonly depth: number;
  /** Public key operations in one call. */
  readonly signatures: number;
  /** Candidate issuers looked at in one call. */
  readonly steps: number;
  /** Intermediates that may be given. */
  readonly certificates: number;
  /** Name comparisons for name constraints in one call. */
  readonly nameComparisons: number;
  /** Nodes of one level of the valid policy graph. */
  readonly policyNodes: number;
}

export interface PathRequest {
  readonly leaf: Certificate;
  /** Untrusted: from the message or from a cache. Anchors never come from here. */
  readonly intermediates: readonly Certificate[];
  /** From configuration only. */
  readonly trustAnchors: readonly Certificate[];
  /** The instant for which the path is judged. */
  readonly at: EpochMillis;
  readonly policy: PathPolicy;
  readonly budgets?: Partial<PathBudgets>;
  /** `left-to-caller`: the leaf's period is judged after its revocation, and not here. `judged` when absent. */
  readonly endEntityDates?: 'judged' | 'left-to-caller';
}

/** Ordered checks with their conclusion; see `path.ts` for the names and codes of the checks. */
export interface PathValidation extends Report {
  /** Leaf first, trust anchor last. The path judged, also when it failed; empty when none was found. */
  readonly path: readonly Certificate[];
  /**
   * user-constrained-policy-set (RFC 5280 section 6.1.5 (g)); `2.5.29.32.0` stands for any policy. Empty when
   * failed.
   */
  readonly policies: readonly string[];
}
