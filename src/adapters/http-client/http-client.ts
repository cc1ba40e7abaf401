import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { rootCertificates, TLSSocket } from 'node:tls';
import { defined } from '../../core/defined.ts';
import { JitsuinError } from '../../core/errors.ts';
import { isLoopbackHttp } from '../../core/oidc/provider-metadata.ts';
import type { HttpClient, HttpRequest, HttpResponse } from '../../ports/http-client.ts';
import { connectionFailure, isStaleConnection, type Phase, timeoutFailure } from './failure.ts';
import {
  isDirect,
  type ProxySettings,
  proxyRoots,
  TunnelAgent,
  type TunnelOptions,
} from './forward-proxy.ts';
import { addressOf } from './loopback-addresses.ts';

export const CONNECTIONS_PER_HOST = 16;
/** Milliseconds. */
const CONNECT_TIMEOUT = 3_000;

export interface HttpClientOptions {
  /** `host` or `host:port` exactly as in the URL; nothing else is ever connected to. */
  readonly allowedHosts: readonly string[];
  /** `allowed` is for the simulator on this machine. Plain http elsewhere is always refused. */
  readonly loopbackHttp: 'refused' | 'allowed';
  /** Milliseconds until TCP and TLS must stand. Default 3,000. */
  readonly connectTimeoutMillis?: number;
  /** Milliseconds until the whole answer must be here. Default 10,000. */
  readonly totalTimeoutMillis?: number;
  /** Octets of the longest answer. Default 1,048,576. */
  readonly maxResponseOctets?: number;
  /** PEM of the only trusted roots; absent: those of the runtime (which hold Security Communication RootCA2). */
  readonly trustedRoots?: readonly string[];
  /** By which we are known to servers that ask for a certificate, PEM. */
  readonly tlsClient?: { readonly cert: string; readonly key: string };
  /** Connections per host. Default `CONNECTIONS_PER_HOST`. */
  readonly maxSockets?: number;
  /** Resolves names in the place of the system's; may refuse an address. */
  readonly lookup?: LookupFunction;
  /** The forward proxy of the settings, and what is reached without it; this machine always is. */
  readonly proxy?: ProxySettings;
}

/** A client that can be closed; requests under way fail with `upstream.unreachable`. */
export interface ClosableHttpClient extends HttpClient {
  close(): void;
}

interface Limits {
  readonly connectMillis: number;
  readonly totalMillis: number;
  readonly maxOctets: number;
}

/**
 * HTTP over node:https: TLS 1.2 or 1.3 with verification that no environment variable can switch off, an allow-list of
 * hosts, no redirects, deadlines and a bound on the answer (guideline, デジタル認証アプリサーバへの接続).
 */
export function createHttpClient(options: HttpClientOptions): ClosableHttpClient {
  const hosts = new Set(options.allowedHosts.map((host) => host.toLowerCase()));
  const agents = makeAgents(options);
  return {
    send: async (request) => {
      const url = permittedUrl(request.url, hosts, options.loopbackHttp);
      const limits = limitsOf(options, request);
      try {
        return await exchange(open(url, request, agents), request, limits);
      } catch (thrown) {
        if (!(thrown instanceof StaleConnection)) throw thrown;
        return exchange(open(url, { ...request, connection: 'fresh' }, agents), request, limits);
      }
    },
    close: () => {
      const { http, freshHttp, https, freshHttps, tunnel } = agents;
      for (const agent of [http, freshHttp, https, freshHttps, tunnel?.kept, tunnel?.fresh]) agent?.destroy();
    },
  };
}

/** A kept connection that the peer had closed: the request is sent once more on a fresh one. */
class StaleConnection extends Error {}

function limitsOf(options: HttpClientOptions, request: HttpRequest): Limits {
  return {
    connectMillis: options.connectTimeoutMillis ?? CONNECT_TIMEOUT,
    totalMillis: options.totalTimeoutMillis ?? 10_000,
    maxOctets: request.maxResponseOctets ?? options.maxResponseOctets ?? 1_048_576,
  };
}

interface Agents {
  readonly http: HttpAgent;
  readonly freshHttp: HttpAgent;
  readonly https: HttpsAgent;
  readonly freshHttps: HttpsAgent;
  /** The ways for hosts that are reached through the forward proxy, where there is one. */
  readonly tunnel?: { readonly kept: HttpsAgent; readonly fresh: HttpsAgent };
  /** Hosts that are reached without it. */
  readonly exceptions: readonly string[];
}

function makeAgents(options: HttpClientOptions): Agents {
  const lookup = options.lookup === undefined ? {} : { lookup: options.lookup };
  const kept = { keepAlive: true, maxSockets: options.maxSockets ?? CONNECTIONS_PER_HOST, ...lookup };
  const fresh = { ...kept, keepAlive: false };
  const own = options.proxy === undefined ? [] : proxyRoots(options.proxy);
  const ca =
    own.length === 0 ? options.trustedRoots : [...(options.trustedRoots ?? rootCertificates), ...own];
  const roots = ca === undefined ? {} : { ca: [...ca] };
  const versions = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' } as const;
  const tls = { ...versions, rejectUnauthorized: true, ...roots, ...options.tlsClient } as const;
  const tunnel = tunnelOptions(options, own);
  return defined({
    exceptions: options.proxy?.proxyExceptions ?? [],
    tunnel:
      tunnel === undefined
        ? undefined
        : {
            kept: new TunnelAgent({ ...kept, ...tls }, tunnel),
            fresh: new TunnelAgent({ ...fresh, ...tls }, tunnel),
          },
    http: new HttpAgent(kept),
    freshHttp: new HttpAgent(fresh),
    https: new HttpsAgent({ ...kept, ...tls }),
    freshHttps: new HttpsAgent({ ...fresh, ...tls }),
  });
}

function tunnelOptions(options: HttpClientOptions, roots: readonly string[]): TunnelOptions | undefined {
  const url = options.proxy?.httpsProxy;
  if (url === undefined) return undefined;
  const connectMillis = options.connectTimeoutMillis ?? CONNECT_TIMEOUT;
  return defined({ proxy: new URL(url), roots, connectMillis, lookup: options.lookup });
}

function permittedUrl(text: string, hosts: ReadonlySet<string>, loopbackHttp: 'refused' | 'allowed'): URL {
  if (!URL.canParse(text)) throw refused('The URL cannot be read.', '');
  const url = new URL(text);
  if (!hosts.has(url.host)) throw refused('The host is not on the list of permitted hosts.', url.host);
  const secure = url.protocol === 'https:' || (loopbackHttp === 'allowed' && isLoopbackHttp(url));
  if (!secure || url.username !== '' || url.password !== '')
    throw refused('Only https is permitted.', url.host);
  return url;
}

function refused(message: string, at: string): JitsuinError {
  return new JitsuinError('config.invalid', message, { at });
}

function open(url: URL, request: HttpRequest, agents: Agents): ClientRequest {
  const headers = defined({
    host: url.host,
    accept: 'application/json',
    'accept-encoding': 'identity',
    ...request.headers,
    'content-length': request.body === undefined ? undefined : String(request.body.byteLength),
  });
  const fresh = request.connection === 'fresh';
  const options = { method: request.method, headers: fresh ? { ...headers, connection: 'close' } : headers };
  if (url.protocol !== 'https:')
    return httpRequest(addressOf(url), { ...options, agent: fresh ? agents.freshHttp : agents.http });
  const { tunnel, exceptions } = agents;
  const direct = { kept: agents.https, fresh: agents.freshHttps };
  const way = tunnel === undefined || isDirect(url.host, exceptions) ? direct : tunnel;
  return httpsRequest(url, { ...options, agent: fresh ? way.fresh : way.kept });
}

/** One request with its answer. The first event that settles it wins; afterwards the connection is gone or reusable. */
function exchange(outgoing: ClientRequest, request: HttpRequest, limits: Limits): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    let phase: Phase = 'connect';
    let mayBeStale = false;
    const timers = startTimers(outgoing, limits, () => fail(timeoutFailure(phase)));
    const fail = (thrown: unknown) => {
      timers.stop();
      outgoing.destroy();
      reject(
        mayBeStale && isStaleConnection(thrown) ? new StaleConnection() : connectionFailure(thrown, phase),
      );
    };
    onConnected(outgoing, (kept) => {
      phase = 'response';
      mayBeStale = kept && request.connection !== 'fresh';
      timers.connected();
      outgoing.end(request.body);
    });
    outgoing.on('error', fail);
    outgoing.on('response', (incoming) => {
      mayBeStale = false;
      const answer = request.answer === 'status' ? statusOf(incoming) : collect(incoming, limits.maxOctets);
      answer.then((response) => {
        timers.stop();
        if (request.answer === 'status') outgoing.destroy();
        resolve(response);
      }, fail);
    });
    outgoing.flushHeaders();
  });
}

/**
 * The total deadline runs at once; the one for connecting from when a connection is opened, not while waiting for
 * one.
 */
function startTimers(outgoing: ClientRequest, limits: Limits, expired: () => void) {
  const total = setTimeout(expired, limits.totalMillis);
  let connect: NodeJS.Timeout | undefined;
  outgoing.once('socket', () => {
    connect = setTimeout(expired, limits.connectMillis);
  });
  const connected = () => clearTimeout(connect);
  const stop = () => {
    clearTimeout(total);
    connected();
  };
  return { connected, stop };
}

/** Calls back once TCP, and TLS where it is https, stand: at once on a connection that another request left open. */
function onConnected(outgoing: ClientRequest, connected: (kept: boolean) => void): void {
  outgoing.once('socket', (socket) => {
    const stands = socket instanceof TLSSocket ? socket.authorized : !socket.connecting;
    if (stands) connected(true);
    else socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', () => connected(false));
  });
}

async function collect(incoming: IncomingMessage, maxOctets: number): Promise<HttpResponse> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of incoming) {
    if (!(chunk instanceof Uint8Array)) continue;
    length += chunk.byteLength;
    if (length > maxOctets) {
      throw new JitsuinError('upstream.response', 'The answer is longer than permitted.', { at: 'response' });
    }
    chunks.push(chunk);
  }
  return responseOf(incoming, new Uint8Array(Buffer.concat(chunks)));
}

/** The answer without its body, of which nothing is kept. */
async function statusOf(incoming: IncomingMessage): Promise<HttpResponse> {
  incoming.resume();
  incoming.on('error', () => undefined);
  return responseOf(incoming, new Uint8Array(0));
}

function responseOf(incoming: IncomingMessage, body: Uint8Array): HttpResponse {
  const headers = Object.entries(incoming.headersDistinct).map(([name, values]) => [
    name,
    (values ?? []).join(', '),
  ]);
  return { status: incoming.statusCode ?? 0, headers: Object.fromEntries(headers), body };
}
