import { defined } from '../defined.ts';
import { JitsuinError, type UpstreamError } from '../errors.ts';
import { AUTHORIZATION_ROWS } from './upstream-rows/authorization.ts';
import { errorFallbackId, errorFallbackRow, fallbackRow, fallbackRowOf } from './upstream-rows/fallback.ts';
import { RESULT_ROWS } from './upstream-rows/result.ts';
import type { UpstreamEndpoint, UpstreamErrorRow } from './upstream-rows/row.ts';
import { START_ROWS } from './upstream-rows/start.ts';
import { TOKEN_ROWS } from './upstream-rows/token.ts';
import { USERINFO_ROWS } from './upstream-rows/userinfo.ts';

export type {
  UpstreamActor,
  UpstreamDisposition,
  UpstreamEndpoint,
  UpstreamErrorRow,
  UpstreamNext,
} from './upstream-rows/row.ts';

/** The guideline's five tables (エンドポイント毎のエラー時返却ステータスとメッセージ): 8 + 17 + 8 + 13 + 15 rows, in its order. */
export const UPSTREAM_ERROR_ROWS: readonly UpstreamErrorRow[] = [
  ...AUTHORIZATION_ROWS,
  ...TOKEN_ROWS,
  ...USERINFO_ROWS,
  ...START_ROWS,
  ...RESULT_ROWS,
];

function errorFallbackOf(id: string): UpstreamErrorRow | undefined {
  const known = UPSTREAM_ERROR_ROWS.find((row) => errorFallbackId(row) === id);
  if (known === undefined) return undefined;
  const { endpoint, error, status } = known;
  return errorFallbackRow(
    UPSTREAM_ERROR_ROWS.filter(
      (row) => row.endpoint === endpoint && row.error === error && row.status === status,
    ),
  );
}

/** An upstream answer as it was parsed: nothing is trusted to have the right type, or to be there. */
interface UpstreamAnswer {
  readonly status: number;
  readonly error?: unknown;
  readonly error_description?: unknown;
  readonly item?: unknown;
}

/** The row of this id (`authorization-1` … `result-15`, or a fallback's), or undefined. */
export function upstreamErrorRow(id: string): UpstreamErrorRow | undefined {
  return UPSTREAM_ERROR_ROWS.find((row) => row.id === id) ?? fallbackRowOf(id) ?? errorFallbackOf(id);
}

/**
 * The row that an answer of `endpoint` means. First by status, `error`, `error_description` and `item`; then by
 * `error`, where the guideline prints no text beside it; then the fallback of that error, which claims none of its
 * rows (`…-fallback-<status>-<error>`); last by status. An `error` of another status counts within 4xx or 5xx. Never
 * throws, whatever was answered.
 */
export function matchUpstreamError(endpoint: UpstreamEndpoint, answer: UpstreamAnswer): UpstreamErrorRow {
  const error = spelling(text(answer.error));
  const rows = UPSTREAM_ERROR_ROWS.filter((row) => row.endpoint === endpoint && row.error === error);
  const sameStatus = rows.filter((row) => row.status === answer.status);
  return (
    sameStatus.find((row) => describes(row, answer)) ??
    rowOfError(sameStatus) ??
    rowOfError(
      rows.filter((row) => row.status !== 503 && statusClass(row.status) === statusClass(answer.status)),
    ) ??
    fallbackRow(endpoint, answer.status)
  );
}

/** What an error with an unknown text means: its only row where that has no text, else its own fallback. */
function rowOfError(rows: readonly UpstreamErrorRow[]): UpstreamErrorRow | undefined {
  const [first, ...others] = rows;
  if (first === undefined) return undefined;
  const textless = first.errorDescription === undefined && first.item === undefined;
  return textless && others.length === 0 ? first : errorFallbackRow(rows);
}

/**
 * The error to throw for an answer: the code of its row, and what the service said (unknown texts cut to 200
 * characters, without anything that could be a token).
 */
export function upstreamFailure(endpoint: UpstreamEndpoint, answer: UpstreamAnswer): JitsuinError {
  const row = matchUpstreamError(endpoint, answer);
  return new JitsuinError(row.code, row.messageEn, { at: endpoint, upstream: said(row, answer) });
}

function said(row: UpstreamErrorRow, answer: UpstreamAnswer): UpstreamError {
  const error = harmless(text(answer.error));
  const errorDescription = harmless(text(answer.error_description));
  const item = upstreamItems(answer.item).slice(0, 20).map(harmless);
  return defined({
    status: answer.status,
    row: row.id,
    error: error === '' ? undefined : error,
    errorDescription: errorDescription === '' ? undefined : errorDescription,
    item: item.length === 0 ? undefined : item,
  });
}

/** Texts of the guideline pass as they are; elsewhere a long run of token characters could be protected data. */
function harmless(said: string): string {
  if (KNOWN_TEXTS.has(said)) return said;
  return said.replaceAll(/[A-Za-z0-9+/=._~-]{24,}/g, '…').slice(0, 200);
}

const KNOWN_TEXTS: ReadonlySet<string> = new Set(
  UPSTREAM_ERROR_ROWS.flatMap((row) => [row.error, row.errorDescription ?? '', row.item ?? '']),
);

/** `item` as a list, whether the service sent a string, a list or nothing. What is not text is left out. */
export function upstreamItems(item: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(item) ? item : [item];
  return list.filter((entry): entry is string => typeof entry === 'string' && dash(entry) !== '');
}

/** The guideline spells `invalid_certificat`; should it ever be corrected, both mean the same. */
function spelling(error: string): string {
  return error === 'invalid_certificate' ? 'invalid_certificat' : error;
}

function describes(row: UpstreamErrorRow, answer: UpstreamAnswer): boolean {
  const items = upstreamItems(answer.item);
  if (row.item !== undefined && !items.includes(row.item)) return false;
  return matchesDescription(
    row.errorDescription ?? '',
    dash(text(answer.error_description).replaceAll(/\s+/g, ' ').trim()),
  );
}

/** A description ends at its placeholder `○○○○`; what follows on the wire is a value. */
function matchesDescription(expected: string, actual: string): boolean {
  const placeholder = expected.indexOf('○○○○');
  if (placeholder === -1) return actual === expected;
  return actual.startsWith(expected.slice(0, placeholder));
}

function dash(value: string): string {
  return value === '-' ? '' : value;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function statusClass(status: number): number {
  return Math.floor(status / 100);
}
