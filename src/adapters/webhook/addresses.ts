import { type LookupAddress, lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { JitsuinError } from '../../core/errors.ts';
import type { WebhookAddresses } from '../../ports/webhook-addresses.ts';
import { isLoopbackAddress, isPublicAddress } from './public-address.ts';

/** Resolves a name to every address it has, as `dns.lookup` with `all`. */
type Resolve = (name: string) => Promise<readonly LookupAddress[]>;

export interface AddressRules {
  /** `allowed`: this machine too, over http and on any port; for development and tests. */
  readonly loopback: 'refused' | 'allowed';
  /** Default: the system's resolver. */
  readonly resolve?: Resolve;
}

/** Judge of URLs at registration. A name is resolved and every address of it must be public. */
export function createWebhookAddresses(rules: AddressRules): WebhookAddresses {
  return {
    requirePublic: async (text) => {
      const host = literalOf(permittedUrl(text, rules).hostname);
      if (isIP(host) !== 0) return requirePermitted([host], rules);
      const found = await addressesOf(host, rules);
      requirePermitted(
        found.map(({ address }) => address),
        rules,
      );
    },
  };
}

/** The URL, judged without any resolution. @throws JitsuinError `webhook.url`, `webhook.address` */
export function permittedUrl(text: string, rules: AddressRules): URL {
  if (!URL.canParse(text)) throw refusedUrl('The URL cannot be read.');
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    throw refusedUrl('The URL must have no user and no fragment.');
  const host = literalOf(url.hostname);
  if (isIP(host) !== 0) requirePermitted([host], rules);
  if (isOwnMachine(host, rules) && ['http:', 'https:'].includes(url.protocol)) return url;
  if (url.protocol !== 'https:' || url.port !== '') throw refusedUrl('The URL must be https on port 443.');
  return url;
}

/**
 * The lookup of each connection: whatever the name resolves to now is judged now, so that a name that was public at
 * registration leads nowhere else later.
 */
export function guardedLookup(rules: AddressRules): LookupFunction {
  return (hostname, options, callback) => {
    addressesOf(hostname, rules).then(
      (found) => {
        try {
          requirePermitted(
            found.map(({ address }) => address),
            rules,
          );
        } catch (thrown) {
          callback(asSystemError(thrown), '');
          return;
        }
        const [first] = found;
        if (options.all === true) callback(null, [...found]);
        else callback(null, first?.address ?? '', first?.family);
      },
      (thrown: unknown) => callback(asSystemError(thrown), ''),
    );
  };
}

function asSystemError(thrown: unknown): NodeJS.ErrnoException {
  return thrown instanceof Error ? thrown : new Error('lookup failed');
}

async function addressesOf(
  name: string,
  { resolve = systemResolve }: AddressRules,
): Promise<readonly LookupAddress[]> {
  const found = await resolve(name).catch(() => []);
  if (found.length === 0) throw notPublic();
  return found;
}

function systemResolve(name: string): Promise<readonly LookupAddress[]> {
  return new Promise((resolve, reject) => {
    lookup(name, { all: true, verbatim: true }, (error, found) =>
      error === null ? resolve(found) : reject(error),
    );
  });
}

function requirePermitted(addresses: readonly string[], rules: AddressRules): void {
  const permitted = (address: string) =>
    isPublicAddress(address) || (rules.loopback === 'allowed' && isLoopbackAddress(address));
  if (addresses.every(permitted)) return;
  throw notPublic();
}

/** The same for a name that is not there and for one inside: nobody learns which inner names exist. */
function notPublic(): JitsuinError {
  return new JitsuinError('webhook.address', 'The address is not one of the public internet.', { at: 'url' });
}

function isOwnMachine(host: string, { loopback }: AddressRules): boolean {
  return loopback === 'allowed' && (host === 'localhost' || isLoopbackAddress(host));
}

/** `[::1]` of a URL is `::1` elsewhere. */
function literalOf(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}

function refusedUrl(message: string): JitsuinError {
  return new JitsuinError('webhook.url', message, { at: 'url' });
}
