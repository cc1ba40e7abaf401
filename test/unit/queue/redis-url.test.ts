import { describe, expect, it } from 'vitest';
import { redisHosts, redisPlace } from '../../../src/adapters/queue/redis-url.ts';

const refused = (word: RegExp) =>
  expect.objectContaining({ code: 'config.invalid', at: 'REDIS_URL', message: expect.stringMatching(word) });

describe('redisPlace', () => {
  it.each([
    ['redis://one', { hosts: [{ host: 'one', port: 6379 }], db: 0 }],
    ['redis://one:7000/3', { hosts: [{ host: 'one', port: 7000 }], db: 3 }],
    ['redis://one/', { hosts: [{ host: 'one', port: 6379 }], db: 0 }],
    ['redis://:p%40%3A%25@[::1]:1', { hosts: [{ host: '::1', port: 1 }], db: 0, password: 'p@:%' }],
    ['redis://u:a:b@one', { hosts: [{ host: 'one', port: 6379 }], db: 0, username: 'u', password: 'a:b' }],
    [
      'redis://a:1,b',
      {
        hosts: [
          { host: 'a', port: 1 },
          { host: 'b', port: 6379 },
        ],
        db: 0,
      },
    ],
    ['rediss://one', { hosts: [{ host: 'one', port: 6379 }], db: 0, tls: {} }],
    [
      'redis+sentinel://:pw@a,b:1/the%20queue/4?sentinel_username=w&sentinel_password=x%3D',
      {
        hosts: [
          { host: 'a', port: 26_379 },
          { host: 'b', port: 1 },
        ],
        db: 4,
        password: 'pw',
        sentinel: { name: 'the queue', username: 'w', password: 'x=' },
      },
    ],
    [
      'rediss+sentinel://a/m',
      { hosts: [{ host: 'a', port: 26_379 }], db: 0, tls: {}, sentinel: { name: 'm' } },
    ],
  ])('%s', (text, place) => {
    expect(redisPlace(text)).toEqual(place);
  });

  it('reads the files of TLS', () => {
    const { tls } = redisPlace('rediss://one?ssl_ca_certs=package.json');
    expect(String(tls?.ca)).toContain('"jitsuin"');
  });

  it.each([
    ['http://one', /no redis:/],
    ['redis://', /no redis:/],
    ['redis://one/name', /number of a database/],
    ['redis://a,,b', /one of its hosts/],
    ['redis://a:port', /one of its hosts/],
    ['redis+sentinel://a', /what they call the master/],
    ['redis+sentinel://a/', /what they call the master/],
    ['redis+sentinel://a/m/x', /number of a database/],
    ['redis://one?timeout=3', /"timeout" is not known there/],
    ['redis://:100%@one', /written %25/],
    ['rediss://one?ssl_certfile=/no/such', /ssl_certfile names \/no\/such, which cannot be read/],
  ])('%s is refused', (text, word) => {
    expect(() => redisPlace(text)).toThrow(refused(word));
    expect(() => redisPlace(text)).not.toThrow(/100%/);
  });

  it('says hosts and ports, never an account', () => {
    expect(redisHosts('redis+sentinel://user:secret@a:1,b/m?sentinel_password=hidden')).toBe('a:1, b:26379');
  });
});
