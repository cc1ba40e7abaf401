import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Moment } from './role-process.ts';

/** A request on its way between two parts. */
export interface Passing {
  readonly method: string;
  /** Without query. */
  readonly path: string;
  readonly body: string;
  /** `performance.now()` at its arrival. */
  readonly at: number;
}

/** What happens to one request: its sender dies before it goes on, or after the answer came. */
export interface TapFault {
  matches(passing: Passing): boolean;
  readonly moment: Moment;
  /** `after` only: the answer goes on to its sender when `strike` has ended; default: it is lost. */
  readonly answer?: 'lost' | 'delivered';
  strike(passing: Passing): Promise<void>;
}

export interface FaultTap {
  readonly seen: Passing[];
  /** Used once, by the first request that matches. */
  fault: TapFault | undefined;
  close(): Promise<void>;
}

/** A loopback reverse proxy before a part of the world: counts what passes, and lets a fault strike. */
export async function openFaultTap(port: number, targetPort: number): Promise<FaultTap> {
  const seen: Passing[] = [];
  const server = createServer((request, response) => {
    pass(request, response).catch(() => response.destroy());
  });
  const tap: FaultTap = {
    seen,
    fault: undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await octets(request);
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    const passing = {
      method: request.method ?? 'GET',
      path,
      body: body.toString('utf8'),
      at: performance.now(),
    };
    const fault = tap.fault?.matches(passing) === true ? tap.fault : undefined;
    if (fault !== undefined) tap.fault = undefined;
    if (fault?.moment === 'before') {
      await fault.strike(passing);
      return void response.destroy();
    }
    seen.push(passing);
    const answer = await forward(request, body, targetPort);
    const answerBody = await octets(answer);
    if (fault !== undefined) {
      await fault.strike(passing);
      if (fault.answer !== 'delivered') return void response.destroy();
    }
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    response.end(answerBody);
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return tap;
}

function forward({ method, url, headers }: IncomingMessage, body: Buffer, port: number) {
  return new Promise<IncomingMessage>((resolve, reject) => {
    const onward = httpRequest({ host: '127.0.0.1', port, method, path: url, headers }, resolve);
    onward.once('error', reject);
    onward.end(body);
  });
}

async function octets(stream: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
