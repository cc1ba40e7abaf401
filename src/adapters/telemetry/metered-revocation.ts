import { defined } from '../../core/defined.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RevocationSource } from '../../ports/revocation-source.ts';
import type { Metrics } from './metrics.ts';

/** The same source; tells how long ago each method answered last. */
export function meteredRevocation(
  source: RevocationSource,
  metrics: Metrics,
  clock: Clock,
): RevocationSource {
  const last = new Map<string, number>();
  const noted = async <T>(method: string, answer: Promise<T>): Promise<T> => {
    const value = await answer;
    last.set(method, clock.now());
    return value;
  };
  metrics.ask('jitsuin_revocation_age_seconds', 'Since revocation data was had last', 'method', async () =>
    Object.fromEntries([...last].map(([method, at]) => [method, (clock.now() - at) / 1000])),
  );
  const { ocsp, crl } = source;
  return defined({
    ...source,
    ocsp: ocsp === undefined ? undefined : (request: Uint8Array) => noted('OCSP', ocsp.call(source, request)),
    crl:
      crl === undefined
        ? undefined
        : (name: Uint8Array, key?: Uint8Array) => noted('CRL', crl.call(source, name, key)),
  });
}
