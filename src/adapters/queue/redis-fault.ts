import { JitsuinError } from '../../core/errors.ts';
import { lacks, refusedCommand } from './redis-rights.ts';
import { redisHosts } from './redis-url.ts';

const TIMED_OUT = /ETIMEDOUT|timed? ?out|Socket timeout/i;

/** What Redis or the way to it said → what it means and what to do. First match wins. */
const FAULTS: readonly (readonly [RegExp, string])[] = [
  [/^WRONGPASS|invalid username-password/i, 'Redis refuses the user or the password of REDIS_URL.'],
  [
    /^NOAUTH|called without any password configured/i,
    'Redis wants a password (or none), and REDIS_URL says otherwise.',
  ],
  [
    /DB index is out of range|SELECT is not allowed/i,
    'REDIS_URL names a database number that does not exist there (a cluster has 0 alone).',
  ],
  [/^READONLY/, 'REDIS_URL names a read-only replica.'],
  [/No such master/, 'The sentinels of REDIS_URL know no master of the name that stands after their hosts.'],
  [
    /unknown command 'sentinel'/i,
    'REDIS_URL says redis+sentinel, but that port is no sentinel (they have 26379).',
  ],
  [
    /^MOVED|^CROSSSLOT|^CLUSTERDOWN|Failed to refresh slots/i,
    'The Redis cluster is not whole, or its nodes cannot be reached from here.',
  ],
  [/^MISCONF/, 'Redis cannot write to its disk and takes nothing (MISCONF).'],
  [/^OOM/, 'Redis has no memory left (OOM).'],
  [/^LOADING/, 'Redis is still loading its data.'],
  [/ECONNREFUSED/, 'Nothing listens at the address of REDIS_URL.'],
  [/ENOTFOUND|EAI_AGAIN/, 'The host name of REDIS_URL is not known.'],
  [/EHOSTUNREACH|ENETUNREACH/, 'There is no way to the host of REDIS_URL.'],
  [
    /wrong version number|EPROTO|packet length too long/i,
    'REDIS_URL says rediss (TLS), but that port speaks without TLS.',
  ],
  [
    /certificate|CERT_|ERR_TLS/i,
    'The TLS certificate of Redis is not trusted, or names another host; ?ssl_ca_certs=/path/ca.pem names a CA of ' +
      'your own.',
  ],
  [
    /Connection is closed|ECONNRESET|socket hang up/i,
    'Redis closes the connection at once: perhaps it wants TLS (rediss).',
  ],
  [TIMED_OUT, 'Redis does not answer at REDIS_URL.'],
];

/** The driver's own words stay inside: they may hold what the URL holds. */
export function redisFault(thrown: unknown, url: string): JitsuinError {
  if (thrown instanceof JitsuinError) return thrown;
  const words = wordsOf(thrown);
  const refusal = words.find((word) => word.startsWith('NOPERM') || word.startsWith('ACL failure'));
  if (refusal !== undefined) return lacks(refusedCommand(refusal) ?? 'its keys');
  const found = FAULTS.find(([pattern]) => words.some((word) => pattern.test(word)));
  // a server without TLS waits for the rest of what it takes for a command
  const silent = url.startsWith('rediss') ? ' Perhaps that port speaks without TLS.' : '';
  const says = found?.[1] ?? 'Redis cannot carry the queue; the reason is not known to jitsuin.';
  const hint = words.some((word) => TIMED_OUT.test(word)) ? silent : '';
  return new JitsuinError('queue.unavailable', `${says} (${redisHosts(url)})${hint}`, { at: 'REDIS_URL' });
}

function wordsOf(thrown: unknown): readonly string[] {
  if (!(thrown instanceof Error)) return [];
  const code = 'code' in thrown ? [String(thrown.code)] : [];
  const inner = 'lastNodeError' in thrown ? wordsOf(thrown.lastNodeError) : [];
  return [
    ...inner,
    ...code,
    thrown.message,
    ...(thrown instanceof AggregateError ? thrown.errors.flatMap(wordsOf) : []),
  ];
}
