import type { EpochMillis } from '../brand.ts';
import { HOUR_MILLIS } from '../spans.ts';

export type CertificateKind = 'signing' | 'user-authentication';
export type CheckMethod = 'CRL' | 'OCSP';
export type CheckPurpose = 'signature-verification' | 'status-check';

/**
 * From this day of Japan's calendar (YYYY-MM-DD) on, until a later rule for the same kind and method. Prices in
 * yen.
 */
export interface PriceRule {
  readonly certificate: CertificateKind;
  readonly method: CheckMethod;
  readonly from: string;
  readonly listPrice: number;
  readonly chargedPrice: number;
  readonly rule?: string;
}

const waived = (certificate: CertificateKind, method: CheckMethod, listPrice: number): PriceRule => ({
  certificate,
  method,
  listPrice,
  from: '2023-01-01',
  chargedPrice: 0,
  rule: 'waiver-2023',
});

/**
 * Fees of J-LIS for validity checks: 20 yen for a signing certificate, 2 yen for a user-authentication certificate;
 * waived since January 2023, by CRL without an end, by OCSP "for three years for now", which the Digital Agency's
 * page of 2026-09-03 still has. When the waiver ends, a rule with its day is added here or in the price file.
 */
export const PRICE_LIST: readonly PriceRule[] = [
  { certificate: 'signing', method: 'CRL', from: '2016-01-01', listPrice: 20, chargedPrice: 20 },
  { certificate: 'signing', method: 'OCSP', from: '2016-01-01', listPrice: 20, chargedPrice: 20 },
  { certificate: 'user-authentication', method: 'CRL', from: '2016-01-01', listPrice: 2, chargedPrice: 2 },
  { certificate: 'user-authentication', method: 'OCSP', from: '2016-01-01', listPrice: 2, chargedPrice: 2 },
  waived('signing', 'CRL', 20),
  waived('signing', 'OCSP', 20),
  waived('user-authentication', 'CRL', 2),
  waived('user-authentication', 'OCSP', 2),
];

const JAPAN = 9 * HOUR_MILLIS;

/** Day of Japan's calendar, YYYY-MM-DD. */
export function japaneseDay(at: EpochMillis): string {
  return new Date(at + JAPAN).toISOString().slice(0, 10);
}

/** Month of Japan's calendar, YYYY-MM. */
export function japaneseMonth(at: EpochMillis): string {
  return japaneseDay(at).slice(0, 7);
}

/** The rule in force for a check; undefined before the first one. */
export function priceAt(
  rules: readonly PriceRule[],
  check: { readonly certificate: CertificateKind; readonly method: CheckMethod },
  at: EpochMillis,
): PriceRule | undefined {
  const day = japaneseDay(at);
  return rules
    .filter(
      ({ certificate, method, from }) =>
        certificate === check.certificate && method === check.method && from <= day,
    )
    .reduce<PriceRule | undefined>(
      (found, rule) => (found === undefined || rule.from >= found.from ? rule : found),
      undefined,
    );
}
