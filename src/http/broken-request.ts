import { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { JitsuinError } from '../core/errors.ts';
import { problemOf } from './problem.ts';

const STATUSES: Readonly<Record<string, readonly [status: number, reason: string, detail: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large', 'The headers are longer than 16 kB.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'The request did not arrive in time.'],
};
const SYNTAX = [400, 'Bad Request', 'The octets are not a request that RFC 9112 describes.'] as const;

/**
 * `clientError` of node:http: what fails below the router is told by a problem document too, and the connection
 * ends.
 */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || answered(socket)) {
    socket.destroy();
    return;
  }
  const [status, reason, detail] = STATUSES[error.code ?? ''] ?? SYNTAX;
  const problem = problemOf(new JitsuinError('http.syntax', detail), NO_REQUEST);
  const body = JSON.stringify({ ...problem, title: reason, status });
  const head = [
    `HTTP/1.1 ${status} ${reason}`,
    'Connection: close',
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    `X-Request-Id: ${NO_REQUEST}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** There was no request that could have an id. */
const NO_REQUEST = '00000000-0000-0000-0000-000000000000';

/**
 * A second answer into one that has begun would be taken for part of it. Node keeps the answer under way on the
 * socket.
 */
function answered(socket: Duplex): boolean {
  const message: unknown = '_httpMessage' in socket ? socket._httpMessage : undefined;
  return message instanceof ServerResponse && message.headersSent;
}
