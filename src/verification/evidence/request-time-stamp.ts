import { createHash } from 'node:crypto';
import type { EpochMillis } from '../../core/brand.ts';
import { type AgeingAlgorithm, firstEnd } from '../../core/digest/algorithm-ends.ts';
import { type ErrorCode, JitsuinError } from '../../core/errors.ts';
import type { Check } from '../../core/report.ts';
import type { TimeStampHash } from '../../verifier/timestamp/oids.ts';
import { readTimeStampAnswer, timeStampRequest } from '../../verifier/timestamp/time-stamp-request.ts';
import {
  type TsaRevocationData,
  tsaRevocationCheck,
  tsaRevocationNeeds,
} from '../../verifier/timestamp/tsa-revocation.ts';
import { type TimeStampVerdict, verifyTimeStamp } from '../../verifier/timestamp/verify-time-stamp.ts';
import { fetchRevocationData } from '../revocation/revocation-data.ts';
import type { EvidencePorts, TimeStamping } from './time-stamping.ts';

type Asker = Pick<EvidencePorts, 'clock' | 'random' | 'log'>;

interface RequestedTimeStamp {
  readonly token: Uint8Array;
  readonly validUntil: EpochMillis;
  readonly algorithms: readonly AgeingAlgorithm[];
  /** DER, from the TSA's own to the anchor. */
  readonly certificates: readonly Uint8Array[];
  /** By which the TSA's certificates were good when the token came. */
  readonly revocation: TsaRevocationData;
}

/**
 * Asks the configured TSA for a token over these octets and judges it, its certificates' revocation too, before anybody
 * keeps it.
 * @throws JitsuinError `timestamp.*` (`timestamp.renewal`: by an algorithm that has ended), `der.*`,
 * `certificate.revoked`,
 * `revocation.*`
 */
export async function requestTimeStamp(
  asker: Asker,
  timeStamping: TimeStamping,
  stamped: Uint8Array,
  hash: TimeStampHash = 'sha256',
): Promise<RequestedTimeStamp> {
  const { source, trustAnchors, policy, algorithmEnds } = timeStamping;
  const nonce = asker.random.octets(8);
  const asked = policy === undefined ? {} : { policy };
  const imprint = createHash(hash).update(stamped).digest();
  const request = timeStampRequest({ imprint, hash, nonce, ...asked });
  const answer = readTimeStampAnswer(await source.stamp(request));
  if (answer.kind === 'refused')
    throw new JitsuinError(
      'timestamp.refused',
      `The time-stamp authority refused (status ${answer.status}).`,
    );
  const { token } = answer;
  const verdict = verifyTimeStamp({ token, stamped, trustAnchors, nonce, ...asked });
  const { validUntil, algorithms = [] } = verdict;
  if (validUntil === undefined) throw unacceptable(verdict.checks);
  if (firstEnd(algorithms, algorithmEnds) < asker.clock.now())
    throw new JitsuinError('timestamp.renewal', 'The time-stamp authority uses an algorithm that has ended.');
  const certificates = (verdict.path ?? []).map(({ der }) => der);
  const revocation = await revocationOf(asker, timeStamping, verdict);
  return { token, validUntil, algorithms, certificates, revocation };
}

/**
 * What is known now of the certificates behind a token that was judged.
 * @throws JitsuinError `certificate.revoked`, `revocation.*` (it cannot be known now)
 */
export async function revocationOf(
  asker: Asker,
  { revocation, method }: TimeStamping,
  { path = [], genTime = 0 as EpochMillis }: TimeStampVerdict,
): Promise<TsaRevocationData> {
  // Without a nonce: the answer is kept and judged again in decades, when nobody knows the question.
  const needs = tsaRevocationNeeds(path, method);
  const found = await fetchRevocationData({ revocation, log: asker.log }, needs);
  const at = asker.clock.now();
  const data = { at, crls: found.flatMap(({ crls }) => crls), ocsp: found.flatMap(({ ocsp }) => ocsp) };
  const check = tsaRevocationCheck(path, genTime, [data]);
  if (check.result === 'passed') return data;
  const code = (check.code ?? 'revocation.unavailable') as ErrorCode;
  throw new JitsuinError(code, 'The certificate of the time-stamp authority is not known to be good.', {
    at: check.name,
  });
}

function unacceptable(checks: readonly Check[]): JitsuinError {
  const failed = checks.find(({ result }) => result === 'failed' || result === 'indeterminate');
  const code = failed?.code?.startsWith('timestamp.') ? (failed.code as ErrorCode) : 'timestamp.certificate';
  return new JitsuinError(code, 'The token of the time-stamp authority is not acceptable.', {
    at: failed?.name ?? '',
  });
}
