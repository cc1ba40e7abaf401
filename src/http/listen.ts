import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';

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
  /** Drains open requests (at most 30 s), then closes what the role opened. */
  close(): Promise<void>;
}

const HEADERS_TIMEOUT = 10_000;
const REQUEST_TIMEOUT = 30_000;
const CHECK_INTERVAL = 2_000;
const DRAIN = 30_000;

/** Serves an Express application; port 0 takes a free one. Slow headers are cut at 10 s, slow requests at 30 s. */
export async function listen(
  app: Express,
  options: { readonly host: string; readonly port: number },
): Promise<Listening> {
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT,
      requestTimeout: REQUEST_TIMEOUT,
      connectionsCheckingInterval: CHECK_INTERVAL,
    },
    app,
  );
  server.maxHeadersCount = 100;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return { url: `http://${host}:${port}`, port, close: (deadline = DRAIN) => drain(server, deadline) };
}

function drain(server: Server, deadlineMillis: number): Promise<void> {
  return new Promise((resolve) => {
    const idle = setInterval(() => server.closeIdleConnections(), 50);
    const cut = setTimeout(() => server.closeAllConnections(), deadlineMillis);
    server.close(() => {
      clearInterval(idle);
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}
