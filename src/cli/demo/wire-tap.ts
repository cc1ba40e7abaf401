import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { defined } from '../../core/defined.ts';
import { addressThatPageLeadsTo } from '../../simulator/citizen.ts';

/** One request with its answer, as it went over the wire. */
export interface Exchange {
  readonly method: string;
  /** Path with query. */
  readonly path: string;
  readonly requestHeaders: Readonly<Record<string, string | string[] | undefined>>;
  readonly requestBody: string;
  readonly status: number;
  readonly location?: string;
  readonly contentType: string;
  readonly responseBody: string;
}

export interface WireTap {
  readonly url: string;
  close(): Promise<void>;
}

/** A loopback reverse proxy that shows each exchange to `seen`; headers and bodies pass unchanged, Host included. */
export async function tapWire(
  port: number,
  targetPort: number,
  seen: (exchange: Exchange) => void,
): Promise<WireTap> {
  const server = createServer((request, response) => {
    forward(request, response, targetPort)
      .then(seen)
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  targetPort: number,
): Promise<Exchange> {
  const body = await octets(request);
  const { method = 'GET', url: path = '/', headers } = request;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const onward = httpRequest({ host: '127.0.0.1', port: targetPort, method, path, headers }, resolve);
    onward.once('error', reject);
    onward.end(body);
  });
  const answerBody = await octets(answer);
  const status = answer.statusCode ?? 502;
  response.writeHead(status, answer.headers);
  response.end(answerBody);
  const responseBody = answerBody.toString('utf8');
  return defined({
    method,
    path,
    requestHeaders: headers,
    requestBody: body.toString('utf8'),
    status,
    location: answer.headers.location ?? addressThatPageLeadsTo(responseBody),
    contentType: answer.headers['content-type'] ?? '',
    responseBody,
  });
}

async function octets(stream: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
