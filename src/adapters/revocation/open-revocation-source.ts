import { defined } from '../../core/defined.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RevocationSource } from '../../ports/revocation-source.ts';
import type { ProxySettings } from '../http-client/forward-proxy.ts';
import type { ClosableHttpClient, HttpClientOptions } from '../http-client/http-client.ts';
import { directoryRevocationSource } from './directory-source.ts';
import { httpRevocationSource } from './http-source.ts';
import { readTlsClient } from './tls-client.ts';

interface RevocationSourceOptions {
  readonly ocspUrl?: string;
  readonly crlUrl?: string;
  /** Asked first; what it does not have is asked of `crlUrl`. */
  readonly crlDir?: string;
  /** PEM file by which we are known to sources that ask for a TLS certificate. */
  readonly revocationTlsClientFile?: string;
  readonly loopbackHttp: 'refused' | 'allowed';
  readonly clock: Clock;
  readonly createHttpClient: (options: HttpClientOptions) => ClosableHttpClient;
  readonly crlCacheMillis?: number;
  readonly proxy: ProxySettings;
}

/** A source slower than this is taken as unreachable (catalogue K11). */
const TOTAL_TIMEOUT = 5_000;

/** The configured sources as one. Only the hosts of the configured URLs can be reached. */
export function openRevocationSource(options: RevocationSourceOptions): {
  readonly source: RevocationSource;
  close(): void;
} {
  const { ocspUrl, crlUrl, crlDir, loopbackHttp, clock, crlCacheMillis } = options;
  const allowedHosts = [ocspUrl, crlUrl].filter((url) => url !== undefined).map((url) => new URL(url).host);
  const { proxy, revocationTlsClientFile: file } = options;
  const tlsClient = file === undefined ? undefined : readTlsClient(file);
  const http = options.createHttpClient(
    defined({ allowedHosts, loopbackHttp, totalTimeoutMillis: TOTAL_TIMEOUT, proxy, tlsClient }),
  );
  const online = httpRevocationSource(
    defined({
      http,
      clock,
      ocspUrl,
      crlUrl,
      crlCacheMillis,
    }),
  );
  const folder = crlDir === undefined ? undefined : directoryRevocationSource(crlDir).crl;
  const crl = firstOf(folder, online.crl);
  const source = defined({
    ocsp: online.ocsp,
    crl,
    clockOffset: online.clockOffset,
  });
  return { source, close: () => http.close() };
}

function firstOf(first: RevocationSource['crl'], second: RevocationSource['crl']): RevocationSource['crl'] {
  if (first === undefined || second === undefined) return first ?? second;
  return (name, key) => first(name, key).catch(() => second(name, key));
}
