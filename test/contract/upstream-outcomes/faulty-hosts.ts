import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createHttpClient } from '../../../src/adapters/http-client/http-client.ts';
import type { HttpClient, HttpRequest } from '../../../src/ports/http-client.ts';
import { makeAuthority } from '../http-client/certificates.ts';

/** Hosts with which no connection comes to stand, or stands and is silent, by the input's name in `outcomes.ts`. */
export interface FaultyHosts {
  /** Sends a request there in place of where it was to go; with short deadlines. */
  send(fault: string, request: HttpRequest): ReturnType<HttpClient['send']>;
  close(): void;
}

const DEADLINES = { connectTimeoutMillis: 250, totalTimeoutMillis: 500 };

export async function startFaultyHosts(): Promise<FaultyHosts> {
  const authority = makeAuthority('simulated root');
  const silent = createServer();
  const served = (changes: Parameters<typeof authority.issue>[0]) =>
    createTlsServer(authority.issue(changes), (_, outgoing) => outgoing.end('{}')).on(
      'tlsClientError',
      () => {},
    );
  const servers = [
    silent,
    served({ address: [127, 0, 0, 2] }),
    served({ notAfter: Date.now() - 1_000 }),
  ] as const;
  const sockets = new Set<Socket>();
  const [silentHost = '', otherHost = '', expiredHost = ''] = await Promise.all(
    servers.map((server) => listen(server, sockets)),
  );
  const origins = new Map([
    ['half-open: the peer is silent', `http://${silentHost}`],
    ['nobody listens', 'http://127.0.0.1:1'],
    ['the name does not resolve', 'https://no.invalid'],
    ['the TLS handshake stalls', `https://${silentHost}`],
    ['the certificate is of another host', `https://${otherHost}`],
    ['the certificate has expired', `https://${expiredHost}`],
  ]);
  const http = createHttpClient({
    allowedHosts: [...origins.values()].map((origin) => new URL(origin).host),
    ...{ loopbackHttp: 'allowed', trustedRoots: [authority.pem], ...DEADLINES },
  });
  return {
    send: (fault, request) => {
      const { pathname } = new URL(request.url);
      return http.send({ ...request, url: `${origins.get(fault) ?? ''}${pathname}` });
    },
    close: () => {
      http.close();
      for (const server of servers) server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function listen(server: Server, sockets: Set<Socket>): Promise<string> {
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
