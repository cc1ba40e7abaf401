import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { MINUTE_MILLIS } from '../core/spans.ts';

/**
 * Requests of one connection that may be open at once; browsers and proxies send one after the other (RFC 9112
 * section 9.3.2).
 */
const MOST_OPEN = 16;
/** Nothing sent and nothing taken for so long: the other side is gone, or holds on purpose. */
const SILENT_MILLIS = MINUTE_MILLIS;
/** The longest that an answer may take to be taken, by a reader that takes a little now and then. */
const ANSWER_MILLIS = 300_000;

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * One connection is bounded: more pipelined requests than MOST_OPEN end it before they are worked on, and so does a
 * reader that takes nothing of its answer.
 */
export function boundedConnections(server: Server, handle: Handler, answerMillis = ANSWER_MILLIS): void {
  const open = new WeakMap<Socket, number>();
  server.setTimeout(SILENT_MILLIS);
  server.on('request', (request, response) => {
    const { socket } = request;
    if (socket.destroyed) return;
    const count = (open.get(socket) ?? 0) + 1;
    if (count > MOST_OPEN) {
      socket.destroy();
      return;
    }
    open.set(socket, count);
    const cut = setTimeout(() => socket.destroy(), answerMillis);
    cut.unref();
    response.once('close', () => {
      clearTimeout(cut);
      open.set(socket, (open.get(socket) ?? 1) - 1);
    });
    handle(request, response);
  });
}
