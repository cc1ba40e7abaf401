import { createHash } from 'node:crypto';
import type { EpochMillis } from '../../core/brand.ts';
import { JitsuinError } from '../../core/errors.ts';
import { readTimeStampAnswer, timeStampRequest } from '../../verifier/timestamp/time-stamp-request.ts';
import { verifyTimeStamp } from '../../verifier/timestamp/verify-time-stamp.ts';
import type { TimeStamping } from './platform-operator.ts';

/**
 * Asks the configured TSA for a token over these octets and judges it before anybody keeps it.
 * @throws JitsuinError `timestamp.*`, `der.*`
 */
export async function requestTimeStamp(
  { source, trustAnchors, policy }: TimeStamping,
  nonce: Uint8Array,
  stamped: Uint8Array,
): Promise<{ readonly token: Uint8Array; readonly validUntil: EpochMillis }> {
  const asked = policy === undefined ? {} : { policy };
  const imprint = createHash('sha256').update(stamped).digest();
  const answer = readTimeStampAnswer(await source.stamp(timeStampRequest({ imprint, nonce, ...asked })));
  if (answer.kind === 'refused')
    throw new JitsuinError(
      'timestamp.refused',
      `The time-stamp authority refused (status ${answer.status}).`,
    );
  const { token } = answer;
  const verdict = verifyTimeStamp({ token, stamped, trustAnchors, nonce, ...asked });
  const { validUntil } = verdict;
  if (validUntil !== undefined) return { token, validUntil };
  const failed = verdict.checks.find((check) => check.result === 'failed');
  const code = failed?.code?.startsWith('timestamp.')
    ? (failed.code as 'timestamp.form')
    : 'timestamp.certificate';
  throw new JitsuinError(code, 'The token of the time-stamp authority is not acceptable.', {
    at: failed?.name ?? '',
  });
}
