import type { EpochMillis } from '../core/brand.ts';
import type { CertificateKind, CheckMethod, CheckPurpose } from '../core/fees/price-list.ts';

import type { AuditEvent } from './audit.ts';

/** One validity check that is charged. Prices in yen. */
export interface FeeEntry {
  /** UUIDv7. */
  readonly id: string;
  /** What is charged once: a second entry under the same key is not written. */
  readonly key: string;
  readonly tenant: string;
  /** YYYY-MM in Japan's calendar. */
  readonly month: string;
  readonly at: EpochMillis;
  readonly certificate: CertificateKind;
  readonly method: CheckMethod;
  readonly purpose: CheckPurpose;
  readonly verificationId: string;
  readonly result: 'OK' | 'REVOKED';
  readonly listPrice: number;
  readonly chargedPrice: number;
  /** Name of the rule where the price is not the plain one. */
  readonly rule?: string;
}

/** The checks of one tenant and month together. Prices in yen. */
export interface FeeTotal {
  readonly month: string;
  readonly tenant: string;
  readonly count: number;
  readonly list: number;
  readonly charged: number;
}

/** Append-only; entries are written with the change they belong to (`Effects.fees`). */
export interface FeeLedger {
  /** Entries and audit records that belong to no other change. */
  record(entries: readonly FeeEntry[], audit: readonly AuditEvent[]): Promise<void>;
  /** Oldest first. */
  ofMonth(tenant: string, month: string): Promise<readonly Omit<FeeEntry, 'key'>[]>;
  /** Every tenant and month from `from` to `to` (YYYY-MM, both included), newest month first. */
  totals(from: string, to: string): Promise<readonly FeeTotal[]>;
}
