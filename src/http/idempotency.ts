import { createHash } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import type { EpochMillis } from '../core/brand.ts';
import { JitsuinError } from '../core/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { IdempotencyStore, StoredAnswer } from '../ports/idempotency-store.ts';
import type { Random } from '../ports/random.ts';
import { bodyOctets } from './body.ts';
import { asHttpError, PROBLEMS } from './problem.ts';
import { tenantOf } from './tenants.ts';

const KEY = /^[\x21-\x7e]{1,255}$/;
const KEPT_HEADERS = ['Location'] as const;

/** What a route answers: JSON with its status and headers. It is stored before it is sent. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/**
 * `Idempotency-Key` as Stripe defines it, after the body was read: the first request runs and its answer is kept for
 * 24 hours; the same key with the same request gets that answer again; another request under it is 422; one still
 * running is 409. A refusal (4xx) gives the key back; after any other failure the effect is not known, and the key
 * keeps its id. What the route makes has the id `requestId`: a request that takes over from one that died gets the
 * same id, and so finds what was made already.
 */
export function idempotent(
  store: IdempotencyStore,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  route: (request: Request, response: Response, requestId: string) => Promise<Answer>,
): RequestHandler {
  return async (request, response) => {
    const key = idempotencyKey(request);
    const tenant = tenantOf(response);
    const claimedAt = clock.now();
    const claim = await store.claim(tenant, key, requestHash(request), claimedAt, random.id());
    if (claim.kind === 'answered') return replay(response, claim.answer);
    if (claim.kind === 'mismatch') {
      throw new JitsuinError('idempotency.mismatch', 'This Idempotency-Key was used with another request.', {
        at: 'Idempotency-Key',
      });
    }
    if (claim.kind === 'restored') throw restoredKey(claim.keyPrefix);
    if (claim.kind === 'running') {
      throw new JitsuinError(
        'idempotency.running',
        'The first request under this Idempotency-Key is still running.',
      );
    }
    const answer = await runFirst(store, { tenant, key, claimedAt }, () =>
      route(request, response, claim.requestId),
    );
    replay(response, answer);
  };
}

function restoredKey(keyPrefix: string | undefined): JitsuinError {
  const next =
    keyPrefix === undefined ? 'send with a new key' : `send with a new key that begins with "${keyPrefix}"`;
  return new JitsuinError(
    'idempotency.restored',
    'The store was restored from a backup, and this key may have been used before. See what is ' +
      `there by GET, then ${next}.`,
    { at: 'Idempotency-Key' },
  );
}

async function runFirst(
  store: IdempotencyStore,
  claimed: { readonly tenant: string; readonly key: string; readonly claimedAt: EpochMillis },
  run: () => Promise<Answer>,
): Promise<StoredAnswer> {
  const { tenant, key, claimedAt } = claimed;
  try {
    const { status, headers, body } = await run();
    const answer = { status, headers: { ...headers }, body: Buffer.from(JSON.stringify(body), 'utf8') };
    await store.answer(tenant, key, answer);
    return answer;
  } catch (thrown) {
    if (isRefusal(thrown)) await store.release(tenant, key, claimedAt);
    else await store.abandon(tenant, key, claimedAt);
    throw thrown;
  }
}

/** Judged and turned away: nothing was done. Of a failure nobody knows what was done before it. */
function isRefusal(thrown: unknown): boolean {
  return PROBLEMS[asHttpError(thrown).kind].status < 500;
}

function idempotencyKey(request: Request): string {
  const key = request.get('Idempotency-Key');
  if (key === undefined || !KEY.test(key)) {
    throw new JitsuinError(
      'idempotency.key',
      'An Idempotency-Key header of 1 to 255 visible ASCII characters is required; use a new UUID ' +
        'for each new request.',
      { at: 'Idempotency-Key' },
    );
  }
  return key;
}

function requestHash(request: Request): string {
  const hash = createHash('sha256');
  hash.update(`${request.method} ${request.originalUrl}\n${request.get('Content-Type') ?? ''}\n`);
  const octets = bodyOctets(request);
  hash.update(octets.length > 0 ? octets : JSON.stringify(request.body ?? null));
  return hash.digest('hex');
}

function replay(response: Response, answer: StoredAnswer): void {
  for (const name of KEPT_HEADERS) {
    const value = answer.headers[name];
    if (value !== undefined) response.setHeader(name, value);
  }
  response.status(answer.status).type('application/json').send(Buffer.from(answer.body));
}
