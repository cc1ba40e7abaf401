import { fromUtf8 } from '../../core/encoding.ts';
import { asJitsuinError, JitsuinError } from '../../core/errors.ts';
import { fits } from '../../core/json/shape.ts';
import { isJsonObject, parseStrictJson } from '../../core/json/strict-json.ts';
import { LOG_PROOF, type LogProof, verifyLogProof } from '../../core/transparency/log-proof.ts';

/** Whether a receipt is in the log, for programs and for people. */
export function judgeReceipt(
  receipt: string,
  proof: LogProof,
  pinned: Parameters<typeof verifyLogProof>[2],
): { readonly status: 0 | 1; readonly json: string; readonly text: string } {
  try {
    const { size, witnessed, at } = verifyLogProof(receipt, proof, pinned);
    const entered = new Date(at).toISOString();
    const seen = witnessed.map(({ name, seconds }) => ({ name, at: new Date(seconds * 1000).toISOString() }));
    const found = { in_log: true, index: proof.index, size, entered, witnesses: seen };
    const text = `In the log: entry ${proof.index} of ${size}, entered ${entered}, ${seen.length} witness(es).\n`;
    return { status: 0, json: `${JSON.stringify(found)}\n`, text };
  } catch (thrown) {
    const { code, message, at } = asJitsuinError(thrown);
    if (code !== 'tlog.invalid') throw thrown;
    const json = `${JSON.stringify({ in_log: false, code, at })}\n`;
    return { status: 1, json, text: `Not shown to be in the log [${code}]: ${message}\n` };
  }
}

/** The receipt of a file: the compact JWS, or the JSON that the API answered. @throws JitsuinError `tlog.invalid` */
export function receiptIn(octets: Uint8Array): string {
  const trimmed = fromUtf8(octets).trim();
  if (!trimmed.startsWith('{')) return trimmed;
  const parsed = parseStrictJson(trimmed);
  const receipt = isJsonObject(parsed) ? parsed['receipt'] : undefined;
  if (typeof receipt === 'string') return receipt;
  throw new JitsuinError('tlog.invalid', 'The file of RECEIPT holds no receipt.', { at: 'RECEIPT' });
}

/** The proof of a file: the answer of the API. @throws JitsuinError `tlog.invalid` */
export function proofIn(octets: Uint8Array): LogProof {
  const proof: unknown = parseStrictJson(fromUtf8(octets));
  if (fits(LOG_PROOF, proof)) return proof;
  throw new JitsuinError('tlog.invalid', 'The file of --proof holds no proof of a public log.', {
    at: '--proof',
  });
}
