import type { ErrorCode } from '../../core/errors.ts';
import type { SubIndication } from '../../core/report.ts';

/** Why one check of a path failed. `detail` is for people and holds no certificate content. */
export interface PathFailure {
  readonly code: ErrorCode;
  readonly subIndication: SubIndication;
  readonly detail: string;
}

export function pathFailure(code: ErrorCode, subIndication: SubIndication, detail: string): PathFailure {
  return { code, subIndication, detail };
}

/** How certificates of a path are called in reports: by place, never by content. */
export function placeInPath(index: number, length: number): string {
  if (index === 0) return 'the end entity certificate';
  if (index === length - 1) return 'the trust anchor';
  return `CA certificate ${index} of the path`;
}
