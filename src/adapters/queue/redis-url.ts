import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { defined } from '../../core/defined.ts';
import { JitsuinError } from '../../core/errors.ts';

export interface RedisHost {
  readonly host: string;
  readonly port: number;
}

interface RedisAccount {
  readonly username?: string;
  readonly password?: string;
}

/** The sentinels' name for the master, and their own account where they have one. */
export interface RedisSentinel extends RedisAccount {
  readonly name: string;
}

/** What a URL says of a Redis. */
export interface RedisPlace extends RedisAccount {
  /** Nodes of a cluster, sentinels, or the one server. */
  readonly hosts: readonly RedisHost[];
  /** Number of the database; 0 unless the URL names one. */
  readonly db: number;
  readonly tls?: ConnectionOptions;
  readonly sentinel?: RedisSentinel;
}

const URL_PARTS = /^(rediss?)(\+sentinel)?:\/\/(?:([^/?@]*)@)?([^/?@]+)(?:\/([^?]*))?(?:\?(.*))?$/;
const REDIS_PORT = 6379;
const SENTINEL_PORT = 26_379;
/** Files of TLS, in the words that redis-py and Celery have for them in a URL. */
const TLS_FILES = { ssl_ca_certs: 'ca', ssl_certfile: 'cert', ssl_keyfile: 'key' } as const;
const SENTINEL_ACCOUNT = ['sentinel_username', 'sentinel_password'] as const;
const WORDS: readonly string[] = [...Object.keys(TLS_FILES), ...SENTINEL_ACCOUNT];

/**
 * Reads `redis://user:password@host:port/db`, with several hosts between commas (nodes of a cluster), and
 * `redis+sentinel://user:password@sentinel,sentinel/name/db`; `rediss` is TLS.
 * @throws JitsuinError `config.invalid`
 */
export function redisPlace(text: string): RedisPlace {
  const [, scheme, sentinel, account, list = '', path = '', query] = URL_PARTS.exec(text) ?? [];
  if (scheme === undefined) throw unreadable('it is no redis://host:port/number');
  const words = new URLSearchParams(query);
  for (const word of words.keys()) {
    if (!WORDS.includes(word)) throw unreadable(`"${word}" is not known there (known: ${WORDS.join(', ')})`);
  }
  const [name, db] = sentinel === undefined ? [undefined, path] : path.split('/', 2);
  if (name === '') throw unreadable('after the sentinels comes /NAME, what they call the master');
  const [username, password] = (account ?? '').split(/:(.*)/s).map(decoded);
  return defined({
    hosts: list.split(',').map((one) => hostOf(one, sentinel === undefined ? REDIS_PORT : SENTINEL_PORT)),
    db: databaseOf(db),
    username: username || undefined,
    password: password || undefined,
    tls: scheme === 'rediss' ? tlsOf(words) : undefined,
    sentinel: name === undefined ? undefined : sentinelOf(name, words),
  });
}

/** Hosts and ports alone, to be said. */
export function redisHosts(text: string): string {
  return redisPlace(text)
    .hosts.map(({ host, port }) => `${host}:${port}`)
    .join(', ');
}

function hostOf(text: string, usual: number): RedisHost {
  const [, bracketed, plain, port] = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined) throw unreadable('one of its hosts');
  return { host, port: Number(port ?? usual) };
}

function databaseOf(text = ''): number {
  if (!/^\d{0,5}$/.test(text)) throw unreadable('what stands after / is a number of a database');
  return Number(text);
}

function sentinelOf(name: string, words: URLSearchParams): RedisSentinel {
  return defined({
    name: decoded(name),
    username: words.get('sentinel_username') || undefined,
    password: words.get('sentinel_password') || undefined,
  });
}

function tlsOf(words: URLSearchParams): ConnectionOptions {
  const read = Object.entries(TLS_FILES).flatMap(([word, member]) => {
    const file = words.get(word);
    return file === null ? [] : [[member, fileOf(word, file)]];
  });
  return Object.fromEntries(read);
}

function fileOf(word: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    throw unreadable(`${word} names ${file}, which cannot be read`);
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw unreadable('% in a user or password is written %25');
  }
}

function unreadable(what: string): JitsuinError {
  return new JitsuinError('config.invalid', `REDIS_URL cannot be read: ${what}.`, { at: 'REDIS_URL' });
}
