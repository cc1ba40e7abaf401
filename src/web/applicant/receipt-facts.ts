import { type ReceiptClaims, receiptClaimsSchema } from '../../contracts/verification.ts';
import { fromBase64Url, fromUtf8 } from '../../core/encoding.ts';

/**
 * What a kept receipt says, to be shown. Its signature and its binding to the application were judged before it was
 * kept (`rp/judge-receipt.ts`); undefined when it is not of the form that we know.
 */
export function receiptFacts(receipt: string | undefined): ReceiptClaims | undefined {
  const payload = receipt?.split('.')[1];
  if (payload === undefined) return undefined;
  try {
    const read = receiptClaimsSchema.safeParse(JSON.parse(fromUtf8(fromBase64Url(payload, 'receipt'))));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}
