import { defined } from '../core/defined.ts';
import { ALGORITHM_ENDS, type AlgorithmEnds } from '../core/digest/algorithm-ends.ts';
import { JitsuinError } from '../core/errors.ts';
import { DAY_MILLIS } from '../core/spans.ts';
import type { Environment } from './names.ts';
import { type ReadingOptions, readSettings } from './read.ts';
import type { Settings } from './table.ts';
import { PROCESS } from './variables/process.ts';
import { TIME_STAMPING } from './variables/verifier.ts';

/** Settings that belong together, as the records that the programs pass on. */

export interface LogConfig {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Where each process writes a file a day; absent: standard output, and the platform keeps it. */
  readonly directory?: string;
  /** Days after which a file is deleted. */
  readonly days: number;
}

export interface LogPart {
  readonly log: LogConfig;
}

export function logPart(read: Settings<'sp' | 'gov' | 'pf'>): LogPart {
  return { log: defined({ level: read.logLevel, days: read.logDays / DAY_MILLIS, directory: read.logDir }) };
}

export interface ManagementPart {
  /** Where operators find health and metrics; each process needs its own. Absent: nowhere. */
  readonly management?: { readonly host: string; readonly port: number };
}

export function managementPart(read: Settings<'sp' | 'gov' | 'pf'>): ManagementPart {
  if (read.managementPort === undefined) return {};
  return { management: { host: read.managementHost, port: read.managementPort } };
}

/** Where the staff's console listens, and what its browsers call it. */
interface ConsoleConfig {
  readonly host: string;
  readonly port: number;
  /** Scheme, host and port: the origin of its passkeys. */
  readonly origin: string;
  /** Path below which it lies at that origin, without a slash at its end; empty for most. */
  readonly basePath: string;
  /** The host name alone. */
  readonly rpId: string;
}

export interface ConsolePart {
  /** Absent: none. */
  readonly console?: ConsoleConfig;
}

/** The console has a port of its own and is not there without one. */
export function consolePart(read: ConsoleSettings): ConsolePart {
  const { consoleHost: host, consolePort: port } = read;
  if (port === undefined) return {};
  const { origin, pathname, hostname: rpId } = new URL(read.consoleUrl ?? `http://localhost:${port}`);
  return { console: { host, port, origin, basePath: pathname.replace(/\/+$/, ''), rpId } };
}

/** The console's part alone, for commands that need no more. @throws JitsuinError `config.invalid` */
export function readConsoleConfig(
  env: Environment,
  role: 'sp' | 'gov' | 'pf',
  options: Omit<ReadingOptions, 'only'> = {},
): ConsolePart {
  return consolePart(readSettings(role, env, { ...options, only: PROCESS.variables, needed: 'no' }));
}

type ConsoleSettings = Pick<Settings<'sp' | 'gov' | 'pf'>, 'consoleHost' | 'consolePort' | 'consoleUrl'>;

export interface TsaConfig {
  readonly url: string;
  /** PEM of the roots of the TSA. */
  readonly trustFile: string;
  /** Where it is said whether certificates of the TSA were revoked; OCSP counts where it is given. */
  readonly revocation: { readonly ocspUrl?: string; readonly crlUrl?: string; readonly crlDir?: string };
  readonly policy?: string;
  /** Milliseconds after which evidence is covered by a time-stamp. */
  readonly period: number;
  /** Milliseconds before the end of a TSA certificate or of an algorithm at which what stands on it is renewed. */
  readonly renewBefore: number;
  /** When hashes and kinds of keys end, as far as it is known or the operator says so. */
  readonly algorithmEnds: AlgorithmEnds;
}

export interface TsaPart {
  /** RFC 3161 over HTTP; absent: evidence gets no time-stamps. */
  readonly tsa?: TsaConfig;
}

export function tsaPart(read: Settings<'gov' | 'pf'>): TsaPart {
  const { tsaUrl: url, tsaTrustFile: trustFile } = read;
  if (url === undefined || trustFile === undefined) return {};
  return {
    tsa: defined({
      url,
      trustFile,
      revocation: defined({ ocspUrl: read.tsaOcspUrl, crlUrl: read.tsaCrlUrl, crlDir: read.tsaCrlDir }),
      period: read.tsaPeriod,
      renewBefore: read.tsaRenewBefore,
      algorithmEnds: read.algorithmEnds ?? ALGORITHM_ENDS,
      policy: read.tsaPolicy,
    }),
  };
}

/**
 * `sha256=2035-12-31,rsa-2048=2030-12-31`, as JITSUIN_ALGORITHM_ENDS has it.
 * @throws JitsuinError `config.invalid`
 */
export function readAlgorithmEnds(text: string | undefined): AlgorithmEnds {
  if (text === undefined) return ALGORITHM_ENDS;
  const { kind } = TIME_STAMPING.variables.JITSUIN_ALGORITHM_ENDS;
  const parsed = kind.parse(text, { plainHttp: 'refused' });
  if ('value' in parsed) return parsed.value;
  const at = 'JITSUIN_ALGORITHM_ENDS';
  throw new JitsuinError('config.invalid', `${at} ${parsed.fault}; expected: ${kind.accepts.en}.`, { at });
}
