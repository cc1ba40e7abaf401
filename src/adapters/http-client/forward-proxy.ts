import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { Agent, type AgentOptions, request as httpsRequest, type RequestOptions } from 'node:https';
import { BlockList, isIP, type LookupFunction, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, rootCertificates } from 'node:tls';
import type { Settings } from '../../config/table.ts';
import { JitsuinError } from '../../core/errors.ts';

/** The way out where a machine has none of its own. */
export type ProxySettings = Pick<
  Settings<'sp' | 'gov' | 'pf'>,
  'httpsProxy' | 'proxyExceptions' | 'proxyCaFile'
>;

/** @throws JitsuinError `config.invalid` when the file of the proxy's CA cannot be read */
export function proxyRoots({ proxyCaFile }: ProxySettings): readonly string[] {
  if (proxyCaFile === undefined) return [];
  try {
    return (
      readFileSync(proxyCaFile, 'utf8').match(
        /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g,
      ) ?? []
    );
  } catch (cause) {
    const at = 'JITSUIN_PROXY_CA_FILE';
    throw new JitsuinError('config.invalid', `The file of ${at} cannot be read.`, { at, cause });
  }
}

/** The roots of the runtime and these beside them. */
function withRuntimeRoots(roots: readonly string[]): string[] {
  return [...rootCertificates, ...roots];
}

/** Whether a host (as in a URL) is reached without the proxy: this machine always is. */
export function isDirect(host: string, exceptions: readonly string[]): boolean {
  const { hostname, port } = new URL(`https://${host}`);
  const name = hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
  if (name === 'localhost' || LOOPBACK.check(name, familyOf(name))) return true;
  return exceptions.some((entry) => matches(entry.toLowerCase(), name, port === '' ? '443' : port));
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

/**
 * `*`, `example.jp` (with everything below it), `.example.jp`, `10.0.0.0/8`, each with `:port` if it is meant for
 * one port alone.
 */
function matches(entry: string, name: string, port: string): boolean {
  const [, place = '', only] = /^(\[[^\]]+\]|[^:]+|[0-9a-f:]+(?:\/\d+)?)(?::(\d+))?$/.exec(entry) ?? [];
  if (only !== undefined && only !== port) return false;
  const domain = place.replace(/^\[|\]$/g, '').replace(/^\*?\./, '');
  if (domain === '*') return true;
  if (isIP(name) !== 0) return inNetwork(domain, name);
  return domain !== '' && (name === domain || name.endsWith(`.${domain}`));
}

function inNetwork(network: string, address: string): boolean {
  const [base = '', prefix] = network.split('/');
  if (isIP(base) === 0 || isIP(base) !== isIP(address)) return false;
  const list = new BlockList();
  if (prefix === undefined) list.addAddress(base, familyOf(base));
  else list.addSubnet(base, Number(prefix), familyOf(base));
  return list.check(address, familyOf(address));
}

export interface TunnelOptions {
  readonly proxy: URL;
  /** Roots that the proxy itself may stand under, where it is reached by TLS. */
  readonly roots: readonly string[];
  /** Milliseconds until the tunnel must stand. */
  readonly connectMillis: number;
  /** Judges where a name leads: the tunnel then goes to the address that was judged, not to the name. */
  readonly lookup?: LookupFunction;
}

/**
 * Connections through CONNECT (RFC 9110 section 9.3.6); TLS to the peer is the same as without a proxy, within the
 * tunnel.
 */
export class TunnelAgent extends Agent {
  readonly #tunnel: TunnelOptions;

  constructor(options: AgentOptions, tunnel: TunnelOptions) {
    super(options);
    this.#tunnel = tunnel;
  }

  override createConnection(
    options: RequestOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const host = String(options.host);
    const port = Number(options.port ?? 443);
    this.#open(host, port).then(
      (socket) => {
        const servername = isIP(host) === 0 ? host : '';
        callback?.(null, connectTls({ ...this.options, socket, servername, host }));
      },
      (thrown: unknown) =>
        callback?.(thrown instanceof Error ? thrown : new Error(String(thrown)), new Socket()),
    );
  }

  async #open(host: string, port: number): Promise<Socket> {
    const { lookup } = this.#tunnel;
    const place = lookup === undefined || isIP(host) !== 0 ? host : await resolved(host, lookup);
    return openTunnel(`${isIP(place) === 6 ? `[${place}]` : place}:${port}`, this.#tunnel);
  }
}

function resolved(host: string, lookup: LookupFunction): Promise<string> {
  return new Promise((resolve, reject) => {
    lookup(host, {}, (error, address) => {
      if (error !== null) reject(error);
      else resolve(typeof address === 'string' ? address : (address[0]?.address ?? ''));
    });
  });
}

function openTunnel(target: string, { proxy, roots, connectMillis }: TunnelOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const secure = proxy.protocol === 'https:';
    const ask = secure ? httpsRequest : httpRequest;
    const request = ask({
      method: 'CONNECT',
      host: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: proxy.port === '' ? (secure ? 443 : 80) : Number(proxy.port),
      path: target,
      headers: { host: target, ...authorization(proxy) },
      agent: false,
      ca: roots.length > 0 ? withRuntimeRoots(roots) : undefined,
    });
    const late = setTimeout(() => request.destroy(proxyFailure('did not answer in time')), connectMillis);
    request.once('connect', ({ statusCode = 0 }, socket) => {
      clearTimeout(late);
      if (statusCode === 200 && socket instanceof Socket) return resolve(socket);
      socket.destroy();
      const why = statusCode === 407 ? ': it wants another user or password' : '';
      return reject(proxyFailure(`answered ${statusCode} to CONNECT${why}`));
    });
    request.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(late);
      reject(
        error instanceof JitsuinError
          ? error
          : proxyFailure(`could not be reached (${error.code ?? 'UNKNOWN'})`),
      );
    });
    request.end();
  });
}

function authorization({ username, password }: URL): { readonly 'proxy-authorization'?: string } {
  if (username === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair, 'utf8').toString('base64')}` };
}

function proxyFailure(what: string): JitsuinError {
  const message = `The forward proxy of HTTPS_PROXY ${what}.`;
  return new JitsuinError('upstream.unreachable', message, { at: 'HTTPS_PROXY' });
}
