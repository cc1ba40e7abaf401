import { asJitsuinError } from '../../core/errors.ts';
import type { Log } from '../../ports/log.ts';
import type { RevocationSource } from '../../ports/revocation-source.ts';
import type { RevocationData, RevocationNeed } from '../../verifier/validation-types.ts';

/** Where revocation data comes from. */
export interface RevocationAsker {
  readonly revocation: RevocationSource;
  readonly log: Log;
}

/**
 * Asks the configured sources. What cannot be had is simply not there: the verifier then says INDETERMINATE, never
 * good.
 */
export function fetchRevocationData(
  asker: RevocationAsker,
  needs: readonly RevocationNeed[],
): Promise<readonly RevocationData[]> {
  return Promise.all(needs.map((need) => fetchOne(asker, need)));
}

async function fetchOne(asker: RevocationAsker, need: RevocationNeed): Promise<RevocationData> {
  const { revocation } = asker;
  if (need.method === 'OCSP') {
    const { ocspRequest } = need;
    const ask = ocspRequest === undefined ? undefined : () => revocation.ocsp?.(ocspRequest);
    return { crls: [], ocsp: await collect(asker, ask === undefined ? [] : [ask]) };
  }
  const { keyIdentifier } = need.certificate.authorityKeyIdentifier ?? {};
  const asks = need.distributionPoints.map((name) => () => revocation.crl?.(name, keyIdentifier));
  return { crls: await collect(asker, asks), ocsp: [] };
}

async function collect(
  asker: RevocationAsker,
  asks: readonly (() => Promise<Uint8Array> | undefined)[],
): Promise<readonly Uint8Array[]> {
  const answers = await Promise.all(asks.map((ask) => answerOf(asker, ask)));
  return answers.filter((answer) => answer !== undefined);
}

async function answerOf(
  asker: RevocationAsker,
  ask: () => Promise<Uint8Array> | undefined,
): Promise<Uint8Array | undefined> {
  try {
    return await ask();
  } catch (thrown) {
    const error = asJitsuinError(thrown);
    if (error.code !== 'revocation.unavailable') throw thrown;
    asker.log.warn('revocation.unavailable', {
      code: error.cause instanceof Error ? causeCode(error.cause) : error.code,
    });
    return undefined;
  }
}

function causeCode(cause: Error): string {
  return asJitsuinError(cause).code;
}
