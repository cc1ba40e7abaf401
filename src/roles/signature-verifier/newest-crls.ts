import { toHex } from '../../core/encoding.ts';
import { asJitsuinError } from '../../core/errors.ts';
import type { Log } from '../../ports/log.ts';
import type { RevocationSource } from '../../ports/revocation-source.ts';
import { assertSupersedes } from '../../verifier/revocation/crl.ts';
import { openCrlOnce } from '../../verifier/revocation/open-crl-once.ts';
import type { Certificate } from '../../verifier/x509/certificate-types.ts';

/** Distribution points whose newest list is kept; beyond, the one that was taken up first goes. */
const MOST_POINTS = 2_000;

/**
 * A source whose CRLs only go forward: the list at hand stays until another one is whole, verifies, is of the same issuer and
 * scope, and is not older. What is refused is logged, and the one at hand is given, to be judged by its own dates. Equal octets
 * are given as the same object, so that a list is opened once. A source that does not answer has no answer here either.
 * @param issuers certificates that may sign lists
 */
export function newestCrls(
  source: RevocationSource,
  issuers: readonly Certificate[],
  log: Log,
): RevocationSource {
  const { crl: ask, ...rest } = source;
  if (ask === undefined) return source;
  const newest = new Map<string, Uint8Array>();
  return {
    ...rest,
    crl: async (distributionPoint) => {
      const point = toHex(distributionPoint);
      const came = await ask(distributionPoint);
      const known = newest.get(point);
      if (known !== undefined && Buffer.compare(known, came) === 0) return known;
      const refusal = refusalOf(came, known, issuers);
      if (refusal === undefined) {
        const [oldest] = newest.keys();
        if (known === undefined && newest.size >= MOST_POINTS && oldest !== undefined) newest.delete(oldest);
        newest.set(point, came);
        return came;
      }
      log.warn('revocation.refused', { code: refusal });
      // Without one at hand the verifier says why this one is of no use.
      return known ?? came;
    },
  };
}

function refusalOf(came: Uint8Array, known: Uint8Array | undefined, issuers: readonly Certificate[]) {
  try {
    const crl = openCrlOnce(came, issuers);
    if (known !== undefined) assertSupersedes(crl, openCrlOnce(known, issuers));
    return undefined;
  } catch (thrown) {
    const { code, kind } = asJitsuinError(thrown);
    if (kind === 'internal') throw thrown;
    return code;
  }
}
