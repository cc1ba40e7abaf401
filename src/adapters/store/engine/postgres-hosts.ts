import { JitsuinError } from '../../../core/errors.ts';

/** Which of several servers will do; names as libpq has them. */
export type SessionAttributes = 'any' | 'read-write' | 'primary';

export interface PostgresHosts {
  /** A URL of one host each, in their order. */
  readonly urls: readonly string[];
  readonly wanted: SessionAttributes;
}

const URL_PARTS = /^(postgres(?:ql)?:\/\/(?:[^/?]*@)?)([^/?@]*)(.*)$/;
const WANTED = 'target_session_attrs';

/**
 * Splits `postgres://user@one:5432,two:5432/db?target_session_attrs=read-write`. What writes has no use for a
 * replica, so several hosts without that word mean `read-write`.
 * @throws JitsuinError `config.invalid`
 */
export function postgresHosts(text: string): PostgresHosts {
  const [, before = '', list = '', after = ''] = URL_PARTS.exec(text) ?? [];
  const [path = '', query = ''] = after.split('?', 2);
  const words = new URLSearchParams(query);
  const asked = words.get(WANTED);
  words.delete(WANTED);
  const rest = words.size === 0 ? path : `${path}?${words}`;
  const hosts = list.split(',');
  const urls =
    hosts.length === 1 ? [`${before}${list}${rest}`] : hosts.map((host) => `${before}${host}${rest}`);
  if (urls.length > 1 && !urls.every((url) => URL.canParse(url))) throw unreadable('one of its hosts');
  return { urls, wanted: wantedOf(asked, urls.length) };
}

/** Names and ports alone, to be said; empty where it is not sure what is a host and what a password. */
export function hostNames(text: string): string {
  const [, , list = '', after = ''] = URL_PARTS.exec(text) ?? [];
  return after.includes('@') ? '' : list;
}

function wantedOf(asked: string | null, hosts: number): SessionAttributes {
  if (asked === null) return hosts > 1 ? 'read-write' : 'any';
  if (asked === 'any' || asked === 'read-write' || asked === 'primary') return asked;
  throw unreadable(`${WANTED} (any, read-write or primary; what jitsuin does is writing)`);
}

function unreadable(what: string): JitsuinError {
  return new JitsuinError('config.invalid', `DATABASE_URL cannot be read: ${what}.`, { at: 'DATABASE_URL' });
}
