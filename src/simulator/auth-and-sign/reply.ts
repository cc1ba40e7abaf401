import { setTimeout as sleep } from 'node:timers/promises';
import type { Request, RequestHandler, Response } from 'express';
import { CLEAR_RESULT } from '../../adapters/auth-and-sign/wire.ts';
import { defined } from '../../core/defined.ts';
import type { Explanation } from '../explanation.ts';
import { type ErrorRow, errorRow } from './error-rows.ts';
import { type Fault, type FaultOptions, type SimulatedEndpoint, TRANSPORT_FAULTS } from './faults.ts';
import { formOf, jsonOf, parameter } from './parameters.ts';
import { grantOf } from './tokens.ts';
import type { World } from './world.ts';

/** What an endpoint wants to say; the sender below may spoil it on its way. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** For the developer of the client: never sent. */
  readonly because?: Explanation;
}

/** An endpoint: a request and, where a test asked for it, the fault to work into the answer. */
export type Answer = (request: Request, fault: Fault | undefined) => Reply | Promise<Reply>;

const NO_STORE = { 'cache-control': 'no-store', pragma: 'no-cache' } as const;

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json;charset=UTF-8', ...NO_STORE, ...headers },
    body: JSON.stringify(value),
  };
}

/** A row of the guideline's tables as the endpoints other than authorization answer it. */
function rowReply(row: ErrorRow, options: FaultOptions = {}): Reply {
  const { item } = row;
  return json(
    row.status,
    defined({
      error: row.error,
      error_description:
        row.description === undefined || options.omitDescription ? undefined : fill(row.description, options),
      item: item === undefined ? undefined : options.itemAsList ? [item] : item,
    }),
    row.error === 'invalid_token' ? { 'www-authenticate': 'Bearer realm="main", error="invalid_token"' } : {},
  );
}

/** The row with this id, which must exist, and why. */
export function failure(id: string, parameter?: string, because?: Explanation): Reply {
  const reply = rowReply(knownRow(id), parameter === undefined ? {} : { parameter });
  return because === undefined ? reply : { ...reply, because };
}

export function knownRow(id: string): ErrorRow {
  const row = errorRow(id);
  if (row === undefined) throw new RangeError(`No row ${id}.`);
  return row;
}

export function fill(description: string, options: FaultOptions): string {
  return description.replace('○○○○', options.parameter ?? 'scope');
}

/**
 * An Express handler that asks the queue for a fault, lets the endpoint answer and sends it. Rows replace the answer,
 * transport faults spoil it, other faults go to the endpoint.
 */
export function endpoint(name: SimulatedEndpoint, world: World, answer: Answer): RequestHandler {
  return async (request, response) => {
    const fault = world.faults.take(name);
    const row = fault === undefined ? undefined : errorRow(fault.name);
    if (fault !== undefined && row !== undefined && row.endpoint !== 'authorization') {
      const reply = rowReply(row, fault);
      noteRequest(world, { name, request, reply, fault });
      send(response, reply);
    } else if (fault !== undefined && isTransport(fault)) {
      noteRequest(world, { name, request, fault });
      await spoil(request, response, fault, answer);
    } else {
      const reply = await answer(request, fault);
      noteRequest(world, { name, request, reply, fault });
      send(response, reply);
    }
  };
}

interface Answered {
  readonly name: SimulatedEndpoint;
  readonly request: Request;
  readonly reply?: Reply;
  readonly fault: Fault | undefined;
}

/** For the page and the log: who asked what, and what was wrong in it. */
function noteRequest(world: World, { name, request, reply, fault }: Answered): void {
  const status = reply?.status ?? 0;
  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const parameters = parametersOf(name, request);
  world.observed?.({ endpoint: name, parameters, bearer, status, secrets: secretsIn(reply) });
  world.journal.note(
    defined({
      at: world.now(),
      endpoint: name,
      clientId: clientOf(world, request),
      status,
      error: errorOf(reply),
      explanation: reply?.because,
      fault: fault?.name,
    }),
  );
}

function parametersOf(name: SimulatedEndpoint, request: Request): Readonly<Record<string, unknown>> {
  if (name === 'result') return request.params;
  if (name === 'start') return jsonOf(request.body);
  return request.method === 'GET' ? request.query : formOf(request);
}

function clientOf(world: World, request: Request): string | undefined {
  const named = parameter(request.query, 'client_id') ?? parameter(formOf(request), 'client_id');
  if (named !== undefined) return named.slice(0, 255);
  return grantOf(world, request.headers.authorization)?.clientId;
}

const SECRETS = new RegExp(`"(?:(?:access|refresh|id)_token|${CLEAR_RESULT.certificate[0]})":"([^"]+)"`, 'g');

/** Tokens of an answer of the token endpoint; the certificate of a result in clear. */
function secretsIn(reply: Reply | undefined): readonly string[] {
  const body = reply?.body;
  if (typeof body !== 'string') return [];
  return [...body.matchAll(SECRETS)].map(([, token = '']) => token);
}

/** `error` of the body, or of the address that leads back. */
function errorOf(reply: Reply | undefined): string | undefined {
  const location = reply?.headers?.['location'];
  if (location !== undefined) return new URL(location).searchParams.get('error') ?? undefined;
  if (reply === undefined || reply.status < 400 || typeof reply.body !== 'string') return undefined;
  return /"error":"([^"]*)"/.exec(reply.body)?.[1];
}

/** The same for a path that nobody asks to misbehave. */
export function plain(answer: Answer): RequestHandler {
  return async (request, response) => send(response, await answer(request, undefined));
}

function isTransport(fault: Fault): boolean {
  const names: readonly string[] = TRANSPORT_FAULTS;
  return names.includes(fault.name);
}

function send(response: Response, reply: Reply): void {
  response.status(reply.status).set(reply.headers ?? {});
  response.end(reply.body ?? '');
}

const HTML = { 'content-type': 'text/html;charset=UTF-8' };
const SPOILED: Readonly<Record<string, Reply>> = {
  html: {
    status: 200,
    headers: HTML,
    body: '<!doctype html><title>SIMULATOR</title><p>Not what you asked for.',
  },
  'html-error': { status: 502, headers: HTML, body: '<html><body><h1>502 Bad Gateway</h1></body></html>' },
  empty: { status: 200, headers: { 'content-type': 'application/json' } },
  'not-json': { status: 200, headers: { 'content-type': 'application/json' }, body: '{"error":' },
  maintenance: rowReply(knownRow('token-17')),
  'rate-limit': json(429, { error: 'too_many_requests' }, { 'retry-after': '1' }),
};

async function spoil(request: Request, response: Response, fault: Fault, answer: Answer): Promise<void> {
  const milliseconds = fault.milliseconds ?? 1000;
  const spoiled = SPOILED[fault.name];
  if (spoiled !== undefined) return send(response, spoiled);
  if (fault.name === 'delay') {
    await sleep(milliseconds, undefined, { ref: false });
    return send(response, await answer(request, undefined));
  }
  if (fault.name !== 'cut') await answer(request, undefined);
  if (fault.name === 'timeout-after-processing') await sleep(milliseconds, undefined, { ref: false });
  if (fault.name === 'cut') {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    response.write('{"cut":"');
  }
  request.socket.destroy();
}
