import { asJitsuinError } from '../../core/errors.ts';
import type { RevocationData, RevocationNeed } from '../../verifier/validation-types.ts';
import type { PlatformOperator } from './platform-operator.ts';

/** Asks the configured sources. What cannot be had is simply not there: the verifier then says INDETERMINATE, never good. */
export function fetchRevocationData(
  operator: PlatformOperator,
  needs: readonly RevocationNeed[],
): Promise<readonly RevocationData[]> {
  return Promise.all(needs.map((need) => fetchOne(operator, need)));
}

async function fetchOne(operator: PlatformOperator, need: RevocationNeed): Promise<RevocationData> {
  const { revocation } = operator;
  if (need.method === 'OCSP') {
    const { ocspRequest } = need;
    const ask = ocspRequest === undefined ? undefined : () => revocation.ocsp?.(ocspRequest);
    return { crls: [], ocsp: await collect(operator, ask === undefined ? [] : [ask]) };
  }
  const asks = need.distributionPoints.map((name) => () => revocation.crl?.(name));
  return { crls: await collect(operator, asks), ocsp: [] };
}

async function collect(
  operator: PlatformOperator,
  asks: readonly (() => Promise<Uint8Array> | undefined)[],
): Promise<readonly Uint8Array[]> {
  const answers = await Promise.all(asks.map((ask) => answerOf(operator, ask)));
  return answers.filter((answer) => answer !== undefined);
}

async function answerOf(
  operator: PlatformOperator,
  ask: () => Promise<Uint8Array> | undefined,
): Promise<Uint8Array | undefined> {
  try {
    return await ask();
  } catch (thrown) {
    const error = asJitsuinError(thrown);
    if (error.code !== 'revocation.unavailable') throw thrown;
    operator.log.warn('revocation.unavailable', {
      code: error.cause instanceof Error ? causeCode(error.cause) : error.code,
    });
    return undefined;
  }
}

function causeCode(cause: Error): string {
  return asJitsuinError(cause).code;
}
