import type { ErrorCode } from '../../core/errors.ts';
import type { FindingFacts } from '../../core/report.ts';

/** Why one check of a path failed. `detail` is for people and holds no certificate content. */
export interface PathFailure extends FindingFacts {
  readonly code: ErrorCode;
}

/** At which certificate of the path: 0 is the end entity, for which its holder answers and no operator. */
export function failureAt(index: number, code: ErrorCode, facts: FindingFacts): PathFailure {
  return { code, of: index === 0 ? 'signer' : 'issuer', ...facts };
}

/** How certificates of a path are called in reports: by place, never by content. */
export function placeInPath(index: number, length: number): string {
  if (index === 0) return 'the end entity certificate';
  if (index === length - 1) return 'the trust anchor';
  return `CA certificate ${index} of the path`;
}
