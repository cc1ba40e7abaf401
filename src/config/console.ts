import { isIP } from 'node:net';
import { z } from 'zod';
import { JitsuinError } from '../core/errors.ts';
import { type Environment, readEnvironment, secureUrl } from './relying-party.ts';

/** Where the operator's console listens, and what its browsers call it. */
export interface ConsoleConfig {
  readonly host: string;
  readonly port: number;
  /** Scheme, host and port: the origin of its passkeys. */
  readonly origin: string;
  /** The host name alone. */
  readonly rpId: string;
}

const schema = z.object({
  JITSUIN_CONSOLE_HOST: z.string().min(1).default('127.0.0.1'),
  JITSUIN_CONSOLE_PORT: z.coerce.number().int().min(1).max(65_535).optional(),
  JITSUIN_CONSOLE_URL: z.url().optional(),
});

const AT = 'JITSUIN_CONSOLE_URL';

/**
 * The console has a port of its own and is not there without one.
 * @throws JitsuinError `config.invalid`: not https (plain http on this machine where that is allowed), or an address in the
 *   place of a name, to which no passkey can belong
 */
export function readConsoleConfig(
  env: Environment,
  loopbackHttp: 'refused' | 'allowed',
): { readonly console?: ConsoleConfig } {
  const read = readEnvironment(schema, env);
  const { JITSUIN_CONSOLE_HOST: host, JITSUIN_CONSOLE_PORT: port } = read;
  if (port === undefined) return {};
  const url = new URL(secureUrl(read.JITSUIN_CONSOLE_URL ?? `http://localhost:${port}`, AT, loopbackHttp));
  if (url.pathname !== '/')
    throw new JitsuinError('config.invalid', `${AT} is an origin only: the console lies at /console there.`, {
      at: AT,
    });
  if (isIP(url.hostname.replace(/^\[|\]$/g, '')) !== 0)
    throw new JitsuinError(
      'config.invalid',
      `${AT} needs a host name: passkeys belong to names, not addresses.`,
      {
        at: AT,
      },
    );
  return { console: { host, port, origin: url.origin, rpId: url.hostname } };
}
