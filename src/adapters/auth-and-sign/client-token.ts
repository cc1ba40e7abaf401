import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { EpochMillis } from '../../core/brand.ts';
import { fromUtf8, toUtf8 } from '../../core/encoding.ts';
import { JitsuinError } from '../../core/errors.ts';
import { MINUTE_MILLIS } from '../../core/spans.ts';
import type { AuthAndSignOptions } from './options.ts';
import type { Provider } from './provider.ts';
import { processTokenResponse, tokenRequest } from './token-endpoint.ts';
import { SCOPE_SIGN } from './wire.ts';

/** A token is not used in the last part of its life: this long, or a tenth of it when that is less. */
const MARGIN_MILLIS = MINUTE_MILLIS;
/** How long one process may take to fetch the token before another may try. */
const LEASE_MILLIS = 15_000;

interface ClientToken {
  readonly accessToken: string;
  /** Margin already taken off. */
  readonly usableUntil: EpochMillis;
}

/** The client-credentials token, usable across citizens until it expires (guideline, 署名 steps 04 and 05). */
export interface ClientTokens {
  /** `rejected`: a token that the service did not accept; it is not given again. */
  get(rejected?: string): Promise<string>;
  /** This process does not give the token again: a new one was refused like the one before it. */
  reject(token: string): void;
}

/** One fetch per lifetime of the token: single flight in this process, and by a lease over all processes. */
export function createClientTokens(options: AuthAndSignOptions, provider: Provider): ClientTokens {
  const shared = sharedToken(options, provider);
  let kept: ClientToken | undefined;
  let inFlight: Promise<ClientToken> | undefined;
  let refused: string | undefined;

  return {
    reject: (token) => {
      refused = token;
    },
    get: async (rejected = refused) => {
      if (kept !== undefined && isUsable(kept, options.clock.now(), rejected)) return kept.accessToken;
      inFlight ??= shared(rejected ?? kept?.accessToken).finally(() => {
        inFlight = undefined;
      });
      kept = await inFlight;
      return kept.accessToken;
    },
  };
}

function sharedToken(
  options: AuthAndSignOptions,
  provider: Provider,
): (old?: string) => Promise<ClientToken> {
  const name = leaseName(options);
  const attempts = Math.ceil(LEASE_MILLIS / (options.leasePollMillis ?? 100));
  return async (old) => {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const stored = await readStored(options, name);
      if (stored !== undefined && isUsable(stored, options.clock.now(), old)) return stored;
      const fetched = await fetchUnderLease(options, provider, name, old);
      if (fetched !== undefined) return fetched;
      await pause(options.leasePollMillis ?? 100);
    }
    throw new JitsuinError('upstream.timeout', 'Another process did not fetch the client token in time.', {
      at: 'token',
    });
  };
}

/** Undefined while another process holds the lease. Whoever held it just before may have left a good token. */
async function fetchUnderLease(
  options: AuthAndSignOptions,
  provider: Provider,
  name: string,
  old: string | undefined,
): Promise<ClientToken | undefined> {
  const { leases, clock } = options;
  const owner = options.random.id();
  const now = clock.now();
  if (!(await leases.acquire(name, owner, now, (now + LEASE_MILLIS) as EpochMillis))) return undefined;
  try {
    const meanwhile = await readStored(options, name);
    if (meanwhile !== undefined && isUsable(meanwhile, clock.now(), old)) return meanwhile;
    const token = await clientCredentials(options, provider);
    await leases.write(name, owner, toUtf8(token.accessToken), token.usableUntil);
    return token;
  } finally {
    await leases.release(name, owner);
  }
}

async function clientCredentials(options: AuthAndSignOptions, provider: Provider): Promise<ClientToken> {
  const { tokenEndpoint } = await provider.metadata();
  const now = options.clock.now();
  const grant = { grant_type: 'client_credentials', scope: SCOPE_SIGN };
  const { accessToken, expiresAt } = processTokenResponse(
    await tokenRequest(options, tokenEndpoint, grant, 'kept'),
    now,
  );
  const margin = Math.min(MARGIN_MILLIS, (expiresAt - now) / 10);
  return { accessToken, usableUntil: Math.floor(expiresAt - margin) as EpochMillis };
}

async function readStored(options: AuthAndSignOptions, name: string): Promise<ClientToken | undefined> {
  const stored = await options.leases.read(name);
  return stored && { accessToken: fromUtf8(stored.value), usableUntil: stored.expiresAt };
}

function isUsable(token: ClientToken, now: EpochMillis, rejected: string | undefined): boolean {
  return now < token.usableUntil && token.accessToken !== rejected;
}

/** One token per issuer and client; hashed, so that the name has a bounded length and alphabet. */
function leaseName(options: AuthAndSignOptions): string {
  const identity = createHash('sha256')
    .update(JSON.stringify([options.issuer, options.clientId]))
    .digest('hex');
  return `client-token:${identity.slice(0, 32)}`;
}
