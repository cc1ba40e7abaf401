import type { EpochMillis } from './brand.ts';

/** The words of ETSI EN 319 102-1 section 5.1.3 for the overall result of a validation. */
export type Indication = 'TOTAL-PASSED' | 'TOTAL-FAILED' | 'INDETERMINATE';

/** Sub-indications of ETSI EN 319 102-1 table 6 that this software uses. */
export type SubIndication =
  | 'FORMAT_FAILURE'
  | 'HASH_FAILURE'
  | 'SIG_CRYPTO_FAILURE'
  | 'REVOKED'
  | 'EXPIRED'
  | 'NOT_YET_VALID'
  | 'SIG_CONSTRAINTS_FAILURE'
  | 'CHAIN_CONSTRAINTS_FAILURE'
  | 'CERTIFICATE_CHAIN_GENERAL_FAILURE'
  | 'CRYPTO_CONSTRAINTS_FAILURE'
  | 'POLICY_PROCESSING_ERROR'
  | 'NO_SIGNING_CERTIFICATE_FOUND'
  | 'NO_CERTIFICATE_CHAIN_FOUND'
  | 'SIGNED_DATA_NOT_FOUND'
  | 'REVOKED_NO_POE'
  | 'OUT_OF_BOUNDS_NO_POE'
  | 'NO_POE'
  | 'TRY_LATER';

/** One named check, in the order it was made. */
export interface Check {
  /** Stable kebab-case name, the standard's own term where there is one, for example `reference-digest`. */
  readonly name: string;
  readonly result: 'passed' | 'failed' | 'indeterminate' | 'not-reached';
  /** Stable error code of the failure (see core/errors.ts); absent when passed or not reached. */
  readonly code?: string;
  readonly subIndication?: SubIndication;
  /** For people. No personal data, no certificate content. */
  readonly detail?: string;
}

/** Ordered checks with their overall result. An invalid signature is not an exception: it is a report. */
export interface Report {
  readonly indication: Indication;
  readonly subIndication?: SubIndication;
  readonly checks: readonly Check[];
  /** The instant for which the certificate was judged, and where that instant came from. */
  readonly validationTime: EpochMillis;
}

/** First failed check decides TOTAL-FAILED; else the first indeterminate one INDETERMINATE; else, with at least one passed, TOTAL-PASSED. */
export function conclude(checks: readonly Check[], validationTime: EpochMillis): Report {
  const failed = checks.find((check) => check.result === 'failed');
  if (failed) return report('TOTAL-FAILED', failed, checks, validationTime);
  const open = checks.find((check) => check.result === 'indeterminate');
  if (open) return report('INDETERMINATE', open, checks, validationTime);
  if (!checks.some((check) => check.result === 'passed'))
    return { indication: 'INDETERMINATE', checks, validationTime };
  return { indication: 'TOTAL-PASSED', checks, validationTime };
}

function report(
  indication: Indication,
  decisive: Check,
  checks: readonly Check[],
  validationTime: EpochMillis,
): Report {
  const sub = decisive.subIndication === undefined ? {} : { subIndication: decisive.subIndication };
  return { indication, ...sub, checks, validationTime };
}
