import { createServer, type Server } from 'node:http';
import { type AddressInfo, Server as NetServer } from 'node:net';
import type { Express } from 'express';
import { JitsuinError } from '../core/errors.ts';
import { bornFor } from './born-for-express.ts';
import { boundedConnections } from './bounded-connections.ts';
import { answerBrokenRequest } from './broken-request.ts';
import { CLOSING } from './waiting.ts';

export interface Listening {
  /** `http://host:port` with the port really bound. */
  readonly url: string;
  readonly port: number;
  /** Stops accepting, lets open requests end within the deadline, then cuts what is left. */
  close(deadlineMillis?: number): Promise<void>;
}

/** A role's server that runs until it is closed. */
export interface RunningServer {
  /** `http://host:port` with the port really bound. */
  readonly url: string;
  /** Drains open requests, then closes what the role opened; at most 30 s. */
  close(): Promise<void>;
}

const HEADERS_TIMEOUT = 10_000;
const REQUEST_TIMEOUT = 30_000;
const CHECK_INTERVAL = 2_000;
/** Longer than the 60 s for which proxies keep an idle connection: who sends on one must not find it closed. */
const KEEP_ALIVE = 65_000;
/** What is closed after it (store, queue) fits into 30 s too. */
const DRAIN = 25_000;
/** An idle connection may bring one more request, whose answer says that it was the last. */
const IDLE = 500;

interface ListenAddress {
  readonly host: string;
  readonly port: number;
  /** The variable that sets the port; default `JITSUIN_PORT`. */
  readonly variable?: string;
}

const PORT_FAULTS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken by another process; choose another, or stop that one',
  EACCES: 'may not be taken by this user; choose one from 1024 on',
  EADDRNOTAVAIL: 'cannot be taken: the host is no address of this machine',
};

function portError(thrown: Error, { host, port, variable: at = 'JITSUIN_PORT' }: ListenAddress): Error {
  const says = 'code' in thrown ? PORT_FAULTS[String(thrown.code)] : undefined;
  if (says === undefined) return thrown;
  return new JitsuinError('config.invalid', `Port ${port} of ${host} (${at}) ${says}.`, {
    at,
    cause: thrown,
  });
}

/** Serves an Express application; port 0 takes a free one. Slow headers are cut at 10 s, slow requests at 30 s. */
export async function listen(app: Express, options: ListenAddress): Promise<Listening> {
  const server = createServer({
    headersTimeout: HEADERS_TIMEOUT,
    requestTimeout: REQUEST_TIMEOUT,
    connectionsCheckingInterval: CHECK_INTERVAL,
    keepAliveTimeout: KEEP_ALIVE,
    ...bornFor(app),
  });
  boundedConnections(server, app);
  server.maxHeadersCount = 100;
  server.on('clientError', answerBrokenRequest);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (thrown) => reject(portError(thrown, options)));
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return { url: `http://${host}:${port}`, port, close: (deadline = DRAIN) => drain(server, app, deadline) };
}

/**
 * Accepts no connection more. `http.Server.close` would close idle connections at once, and the request that is on
 * its way on one of them would be lost.
 */
function drain(server: Server, app: Express, deadlineMillis: number): Promise<void> {
  app.emit(CLOSING);
  server.prependListener('request', (_request, response) => response.setHeader('Connection', 'close'));
  return new Promise((resolve) => {
    // after what has arrived was read: a connection with a request in it is not idle
    const idle = setInterval(() => setImmediate(() => server.closeIdleConnections()), IDLE);
    const cut = setTimeout(() => server.closeAllConnections(), deadlineMillis);
    const closed = () => {
      clearInterval(idle);
      clearTimeout(cut);
      resolve();
    };
    setImmediate(() => NetServer.prototype.close.call(server, closed));
  });
}
