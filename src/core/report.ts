import type { EpochMillis } from './brand.ts';
import { defined } from './defined.ts';
import type { ErrorCode } from './errors.ts';
import {
  type Indication,
  indicationOf,
  isProofOfFailure,
  reportRow,
  type SubIndication,
  VALIDATION_BLOCKS,
  type VerdictClass,
} from './indications.ts';

export type { Indication, SubIndication, VerdictClass };

/** One named check, in the order it was made. */
export interface Check {
  /** Stable kebab-case name, the standard's own term where there is one, for example `reference-digest`. */
  readonly name: string;
  /** `failed` with a proof of failure only; what is not as it should be and proves nothing is `indeterminate`. */
  readonly result: 'passed' | 'failed' | 'indeterminate' | 'not-reached';
  /** Stable error code of the failure (see core/errors.ts); absent when passed or not reached. */
  readonly code?: string;
  readonly subIndication?: SubIndication;
  /** What should follow, by the table of core/indications.ts; absent when passed or not reached. */
  readonly class?: VerdictClass;
  /** For people. No personal data, no certificate content. */
  readonly detail?: string;
}

/** Ordered checks with their overall result. An invalid signature is not an exception: it is a report. */
export interface Report {
  readonly indication: Indication;
  readonly subIndication?: SubIndication;
  /**
   * What should follow; absent when TOTAL-PASSED, and in reports written before the words were those of EN 319
   * 102-1.
   */
  readonly class?: VerdictClass;
  readonly checks: readonly Check[];
  /** The instant for which the certificate was judged, and where that instant came from. */
  readonly validationTime: EpochMillis;
}

/** The rules by which was judged, by name and SHA-256 (hex) of their file. */
export interface NamedPolicy {
  readonly name: string;
  readonly sha256: string;
}

/** A report as it is kept with its record; the policy is absent in those of before. */
export interface KeptReport extends Report {
  readonly policy?: NamedPolicy;
}

/** What the finder of a problem knows beyond its code. */
export interface FindingFacts {
  /** One of the row's other sub-indications, where more is known than the code says. */
  readonly sub?: SubIndication;
  /** `issuer`: it is about a certificate above the signer's, or data of the operator's. */
  readonly of?: 'signer' | 'issuer';
  readonly detail?: string;
}

/**
 * A check that is not as it should be, with sub-indication and class from the table: the only way to make one.
 * @throws Error for a code that stands in no report, or a sub-indication that is not of its row
 */
export function finding(name: string, code: ErrorCode, facts: FindingFacts = {}): Check {
  const row = reportRow(code);
  if (row === undefined) throw new Error(`"${code}" stands in no report.`);
  const { sub = row.sub, of = 'signer', detail } = facts;
  if (sub !== row.sub && row.also?.includes(sub) !== true)
    throw new Error(`"${code}" is never ${sub}: see core/indications.ts.`);
  const proved = isProofOfFailure(sub);
  const own = of === 'issuer' ? (row.ofIssuer ?? row.class) : row.class;
  const open = own === 'final' ? 'not-for-this-input' : own;
  return defined({
    name,
    result: proved ? 'failed' : 'indeterminate',
    code,
    subIndication: sub,
    class: proved ? 'final' : open,
    detail,
  });
}

/**
 * The verdict by the order of EN 319 102-1 section 5.3: of the checks that are not as they should be, the one of
 * the earliest block decides, inside a block the first. Nothing wrong and at least one passed: TOTAL-PASSED.
 */
export function conclude(checks: readonly Check[], validationTime: EpochMillis): Report {
  const decisive = decisiveOf(checks);
  if (decisive !== undefined) {
    return defined({
      indication: indicationOf(decisive.subIndication),
      subIndication: decisive.subIndication,
      class: decisive.class,
      checks,
      validationTime,
    });
  }
  const passed = checks.some((check) => check.result === 'passed');
  return { indication: passed ? 'TOTAL-PASSED' : 'INDETERMINATE', checks, validationTime };
}

/**
 * The check that decided a report. In reports of before the order of EN 319 102-1 (without `class`) it was the
 * first failed one, else the first that stayed open.
 */
export function decisiveCheck(report: Pick<Report, 'class' | 'checks'>): Check | undefined {
  if (report.class !== undefined) return decisiveOf(report.checks);
  const failed = report.checks.find((check) => check.result === 'failed');
  return failed ?? report.checks.find((check) => check.result === 'indeterminate');
}

/** Whether asking again by itself may still decide it. */
export function isRetryable({ class: verdictClass }: Pick<Report, 'class'>): boolean {
  return verdictClass === 'retry';
}

function decisiveOf(checks: readonly Check[]): Check | undefined {
  let decisive: Check | undefined;
  for (const check of checks) {
    if (check.result !== 'failed' && check.result !== 'indeterminate') continue;
    if (decisive === undefined || blockOf(check) < blockOf(decisive)) decisive = check;
  }
  return decisive;
}

function blockOf({ code }: Check): number {
  const row = reportRow(code);
  return VALIDATION_BLOCKS.indexOf(row?.block ?? 'acceptance');
}
