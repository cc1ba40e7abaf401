import { describe, expect, it } from 'vitest';
import { mark, search } from './marks.ts';

/** The search itself: what it could not find would be no proof. */
describe('the search for marked values', () => {
  const name = '模擬 花子𠮷';
  const text = Buffer.from(name);
  const long = `${'MARK'.padEnd(40, 'x')}the-middle-of-a-token-that-is-long${'y'.repeat(40)}`;
  const around = (octets: Uint8Array) => Buffer.concat([Buffer.from('{"a":"'), octets, Buffer.from('"}')]);

  it.each([
    ['as it is', around(text)],
    ['hex', around(Buffer.from(text.toString('hex')))],
    ['HEX', around(Buffer.from(text.toString('hex').toUpperCase()))],
    [
      'JSON escapes',
      around(
        Buffer.from(
          JSON.stringify(name).replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16)}`),
        ),
      ),
    ],
    ['percent', around(Buffer.from(encodeURIComponent(name)))],
    ['UTF-16', around(Buffer.from(name, 'utf16le'))],
    ...[0, 1, 2, 3].map(
      (n) =>
        [
          `base64 at ${n}`,
          around(Buffer.from(Buffer.concat([Buffer.alloc(n, 1), text, Buffer.from('!')]).toString('base64'))),
        ] as const,
    ),
    ...[0, 1, 2].map(
      (n) =>
        [
          `base64url at ${n}`,
          around(Buffer.from(Buffer.concat([Buffer.alloc(n, 255), text]).toString('base64url'))),
        ] as const,
    ),
  ] as const)('finds %s', (_form, octets) => {
    expect(search([{ name: 'log', octets }], [mark('attribute', 'name', name)])).toEqual(['log: name']);
  });

  it('finds a piece of a long value, and nothing where nothing is', () => {
    const marks = [mark('token', 'access token', long)];
    expect(search([{ name: 'log', octets: Buffer.from(long.slice(30, 90)) }], marks)).toEqual([
      'log: access token',
    ]);
    expect(search([{ name: 'log', octets: Buffer.from('nothing') }], marks)).toEqual([]);
    expect(search([{ name: 'log', octets: Buffer.from(long), allowed: ['token'] }], marks)).toEqual([]);
  });

  it('refuses to search for what would be found by chance', () => {
    expect(() => mark('attribute', 'gender', '1')).toThrow();
  });
});
