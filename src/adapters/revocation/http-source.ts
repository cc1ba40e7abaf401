import { defined } from '../../core/defined.ts';
import { toBase64Url } from '../../core/encoding.ts';
import { asJitsuinError, JitsuinError } from '../../core/errors.ts';
import { MINUTE_MILLIS } from '../../core/spans.ts';
import type { Clock } from '../../ports/clock.ts';
import type { HttpClient, HttpRequest } from '../../ports/http-client.ts';
import type { RevocationSource } from '../../ports/revocation-source.ts';

interface HttpRevocationOptions {
  readonly http: HttpClient;
  readonly clock: Clock;
  /** Answers to `POST` of a DER OCSPRequest (RFC 6960 appendix A.1). */
  readonly ocspUrl?: string;
  /**
   * Answers to `GET` with `?dp=`, the base64url DER Name of the distribution point, and `&aki=`, the base64url key
   * identifier of the issuer where the certificate has one, with a DER CRL.
   */
  readonly crlUrl?: string;
  /** How long a CRL is used again without asking; default 60 s. */
  readonly crlCacheMillis?: number;
}

const OCSP_OCTETS = 65_536;
const CRL_OCTETS = 64 * 1_048_576;

/** Revocation data over HTTP from the configured URLs. What a certificate says about URLs is never looked at. */
export function httpRevocationSource(options: HttpRevocationOptions): RevocationSource {
  const { ocspUrl, crlUrl } = options;
  let offset: number | undefined;
  const http: HttpClient = {
    send: async (request) => {
      const answer = await options.http.send(request);
      offset = dateOf(answer.headers, options.clock.now()) ?? offset;
      return answer;
    },
  };
  const watched = { ...options, http };
  return defined({
    clockOffset: () => offset,
    ocsp:
      ocspUrl === undefined ? undefined : (request: Uint8Array) => ask(http, ocspRequestTo(ocspUrl, request)),
    crl: crlUrl === undefined ? undefined : crlByName(watched, crlUrl),
  });
}

/**
 * Date (RFC 9110 section 6.6.1) minus our time; an answer out of a cache is older by its Age (RFC 9111 section
 * 5.1).
 */
function dateOf(headers: Readonly<Record<string, string>>, now: number): number | undefined {
  const date = Date.parse(headers['date'] ?? '');
  if (!Number.isFinite(date)) return undefined;
  const age = /^[0-9]{1,9}$/.test(headers['age'] ?? '') ? Number(headers['age']) * 1000 : 0;
  return date + age - now;
}

function ocspRequestTo(url: string, body: Uint8Array): HttpRequest {
  const headers = { 'content-type': 'application/ocsp-request', accept: 'application/ocsp-response' };
  return { method: 'POST', url, headers, body, maxResponseOctets: OCSP_OCTETS };
}

interface Fetched {
  readonly at: number;
  readonly crl: Promise<Uint8Array>;
}

/** One request per distribution point at a time, and its answer for a minute; a failure is not kept. */
function crlByName(options: HttpRevocationOptions, crlUrl: string): NonNullable<RevocationSource['crl']> {
  const { http, clock, crlCacheMillis = MINUTE_MILLIS } = options;
  const fetched = new Map<string, Fetched>();
  return (name, issuerKey) => {
    const separator = crlUrl.includes('?') ? '&' : '?';
    const aki = issuerKey === undefined ? '' : `&aki=${toBase64Url(issuerKey)}`;
    const url = `${crlUrl}${separator}dp=${toBase64Url(name)}${aki}`;
    const now = clock.now();
    const known = fetched.get(url);
    if (known !== undefined && now - known.at < crlCacheMillis && now >= known.at) return known.crl;
    const headers = { accept: 'application/pkix-crl' };
    const crl = ask(http, { method: 'GET', url, headers, maxResponseOctets: CRL_OCTETS });
    fetched.set(url, { at: now, crl });
    crl.catch(() => fetched.delete(url));
    return crl;
  };
}

async function ask(http: HttpClient, request: HttpRequest): Promise<Uint8Array> {
  const answer = await http.send(request).catch((thrown: unknown) => asJitsuinError(thrown));
  if (answer instanceof JitsuinError) {
    // Its own code stays in the cause; a host that is not configured is the operator's fault, not the source's.
    if (answer.kind === 'internal' || answer.code === 'config.invalid') throw answer;
    throw unavailable('The source of revocation data did not answer.', answer);
  }
  if (answer.status !== 200) throw unavailable(`The source of revocation data answered ${answer.status}.`);
  return answer.body;
}

function unavailable(message: string, cause?: unknown): JitsuinError {
  return new JitsuinError('revocation.unavailable', message, cause === undefined ? {} : { cause });
}
