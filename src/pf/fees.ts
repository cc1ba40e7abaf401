import { defined } from '../core/defined.ts';
import { type CheckMethod, type CheckPurpose, japaneseMonth, priceAt } from '../core/fees/price-list.ts';
import type { Verification } from '../core/sign-transaction/verification.ts';
import type { FeeEntry } from '../ports/fee-ledger.ts';
import type { PlatformOperator } from './platform-operator.ts';

interface ChargedCheck {
  /** What is charged once. */
  readonly key: string;
  readonly method: CheckMethod;
  readonly purpose: CheckPurpose;
  readonly result: FeeEntry['result'];
}

/**
 * Charged on OK and on REVOKED, once for a verification; never for a wrong signature, an expiry or what stayed
 * open.
 */
export function verificationFees(
  operator: Pick<PlatformOperator, 'clock' | 'random' | 'prices'>,
  verification: Verification,
): readonly FeeEntry[] {
  const { result, checkMethod: method, id } = verification;
  if (result !== 'OK' && result !== 'CERTIFICATE_REVOKED') return [];
  const check: ChargedCheck = {
    key: `verification ${id}`,
    method,
    purpose: 'signature-verification',
    result: result === 'OK' ? 'OK' : 'REVOKED',
  };
  return [feeEntry(operator, verification, check), debtEntry(operator, verification, check)];
}

/**
 * The ledger of what the operator itself owes for checks. No tenant has this name, and no statement of a tenant
 * reads it.
 */
export const OPERATOR_LEDGER = '(operator)';

/**
 * What the operator owes for a check, in its own ledger: there a CRL costs once for a certificate and a month,
 * which on a tenant's bill would tell whether two verifications are of one person. It names no verification.
 */
export function debtEntry(
  operator: Pick<PlatformOperator, 'clock' | 'random' | 'prices'>,
  verification: Verification,
  check: ChargedCheck,
): FeeEntry {
  const entry = feeEntry(operator, verification, check);
  return { ...entry, key: `debt ${check.key}`, tenant: OPERATOR_LEDGER, verificationId: '' };
}

/** The entry of one check at today's price. */
export function feeEntry(
  { clock, random, prices }: Pick<PlatformOperator, 'clock' | 'random' | 'prices'>,
  { id, tenant }: Verification,
  { key, method, purpose, result }: ChargedCheck,
): FeeEntry {
  const at = clock.now();
  // Certificates of any other kind are refused long before.
  const certificate = 'signing';
  const price = priceAt(prices, { certificate, method }, at);
  return defined({
    id: random.id(),
    key,
    tenant,
    month: japaneseMonth(at),
    at,
    certificate,
    method,
    purpose,
    result,
    verificationId: id,
    listPrice: price?.listPrice ?? 0,
    chargedPrice: price?.chargedPrice ?? 0,
    rule: price === undefined ? 'no-price' : price.rule,
  });
}

/** 16 random octets → a UUID of version 4 (RFC 9562 section 5.4): it tells nothing, not even its time. */
export function uuidFrom(random: Uint8Array): string {
  const octets = Buffer.from(random);
  octets[6] = ((octets[6] ?? 0) & 0x0f) | 0x40;
  octets[8] = ((octets[8] ?? 0) & 0x3f) | 0x80;
  return octets.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
