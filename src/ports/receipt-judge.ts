import type { ReceiptClaims } from '../contracts/verification.ts';

/** Knows the platform operator's public receipt keys and nothing else of it. */
export interface ReceiptJudge {
  /**
   * Compact JWS → its claims, once signature, type, algorithm, issuer and form are right.
   * @throws JitsuinError `receipt.invalid`; `upstream.*` when the keys can not be had now
   */
  judge(receipt: string): Promise<ReceiptClaims>;
}
