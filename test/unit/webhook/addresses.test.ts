import { describe, expect, it } from 'vitest';
import {
  createWebhookAddresses,
  guardedLookup,
  permittedUrl,
} from '../../../src/adapters/webhook/addresses.ts';
import { isPublicAddress } from '../../../src/adapters/webhook/public-address.ts';

const code = (expected: string) => expect.objectContaining({ code: expected });
const resolvesTo =
  (...addresses: readonly string[]) =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

describe('isPublicAddress', () => {
  it.each([
    '1.1.1.1',
    '8.8.8.8',
    '172.15.0.1',
    '172.32.0.1',
    '100.63.0.1',
    '100.128.0.1',
    '2606:4700:4700::1111',
    '2400::1',
  ])('%s is', (address) => expect(isPublicAddress(address)).toBe(true));
  it.each([
    ...[
      '0.0.0.0',
      '10.0.0.1',
      '100.64.0.1',
      '127.0.0.1',
      '127.1.2.3',
      '169.254.169.254',
      '172.16.0.1',
      '172.31.255.255',
    ],
    ...[
      '192.0.0.1',
      '192.0.2.1',
      '192.168.1.1',
      '198.18.0.1',
      '198.51.100.1',
      '203.0.113.1',
      '224.0.0.1',
      '255.255.255.255',
    ],
    ...[
      '::',
      '::1',
      '::ffff:127.0.0.1',
      '::ffff:8.8.8.8',
      '::127.0.0.1',
      '64:ff9b::7f00:1',
      'fc00::1',
      'fd12::1',
      'fe80::1',
    ],
    ...[
      'fec0::1',
      'ff02::1',
      '2001::1',
      '2001:db8::1',
      '2002:7f00:1::',
      '3fff::1',
      'localhost',
      '',
      '1.1.1',
      '0x7f.1',
    ],
  ])('%s is not', (address) => expect(isPublicAddress(address)).toBe(false));
});

describe('at registration (A11)', () => {
  const rules = { loopback: 'refused', resolve: resolvesTo('1.1.1.1') } as const;

  it('https on port 443 of a name with public addresses only', async () => {
    await expect(
      createWebhookAddresses(rules).requirePublic('https://hooks.example/a?b=c'),
    ).resolves.toBeUndefined();
  });

  it.each([
    ['http://hooks.example/', 'webhook.url'],
    ['https://hooks.example:8443/', 'webhook.url'],
    ['https://user@hooks.example/', 'webhook.url'],
    ['https://:p@hooks.example/', 'webhook.url'],
    ['https://hooks.example/#f', 'webhook.url'],
    ['file:///etc/passwd', 'webhook.url'],
    ['ftp://hooks.example/', 'webhook.url'],
    ['//hooks.example', 'webhook.url'],
    ['https://', 'webhook.url'],
    ['http://localhost/', 'webhook.url'],
    ['https://127.0.0.1/', 'webhook.address'],
    ['https://2130706433/', 'webhook.address'],
    ['https://0x7f.1/', 'webhook.address'],
    ['https://017700000001/', 'webhook.address'],
    ['https://127.1/', 'webhook.address'],
    ['https://１２７.0.0.1/', 'webhook.address'],
    ['https://[::1]/', 'webhook.address'],
    ['https://[::ffff:127.0.0.1]/', 'webhook.address'],
    ['https://[::ffff:a00:1]/', 'webhook.address'],
    ['https://169.254.169.254/latest/meta-data/', 'webhook.address'],
    ['https://10.0.0.1/', 'webhook.address'],
  ])('%s: refused', async (url, expected) => {
    await expect(createWebhookAddresses(rules).requirePublic(url)).rejects.toThrow(code(expected));
  });

  it.each([
    ['one private address among public ones', resolvesTo('1.1.1.1', '10.0.0.1')],
    ['a mapped address', resolvesTo('::ffff:127.0.0.1')],
    ['none', resolvesTo()],
    ['a failure', async () => Promise.reject(new Error('ENOTFOUND'))],
  ])('a name that resolves to %s: refused', async (_name, resolve) => {
    const addresses = createWebhookAddresses({ loopback: 'refused', resolve });
    await expect(addresses.requirePublic('https://hooks.example/')).rejects.toThrow(code('webhook.address'));
  });

  it('this machine only with the explicit flag, nothing else private then', async () => {
    const allowed = createWebhookAddresses({ loopback: 'allowed', resolve: resolvesTo('127.0.0.1') });
    await expect(allowed.requirePublic('http://127.0.0.1:8080/hook')).resolves.toBeUndefined();
    await expect(allowed.requirePublic('http://localhost:8080/hook')).resolves.toBeUndefined();
    for (const url of ['https://10.0.0.1/', 'http://192.168.0.1/', 'https://169.254.169.254/']) {
      await expect(allowed.requirePublic(url)).rejects.toThrow();
    }
    expect(() => permittedUrl('http://127.0.0.1/', { loopback: 'refused' })).toThrow(code('webhook.address'));
  });
});

describe('at connection', () => {
  const looked = (resolve: Parameters<typeof createWebhookAddresses>[0]['resolve'], all: boolean) =>
    new Promise((settle) => {
      const rules = { loopback: 'refused', ...(resolve === undefined ? {} : { resolve }) } as const;
      guardedLookup(rules)('hooks.example', { all }, (error, address) => settle(error ?? address));
    });

  it('gives what was judged', async () => {
    expect(await looked(resolvesTo('1.1.1.1'), false)).toBe('1.1.1.1');
    expect(await looked(resolvesTo('1.1.1.1', '2400::1'), true)).toEqual([
      { address: '1.1.1.1', family: 4 },
      { address: '2400::1', family: 6 },
    ]);
  });

  it('a name that was public at registration and is private now (DNS rebinding): refused', async () => {
    for (const all of [true, false]) {
      expect(await looked(resolvesTo('127.0.0.1'), all)).toMatchObject({ code: 'webhook.address' });
      expect(await looked(resolvesTo('1.1.1.1', '169.254.169.254'), all)).toMatchObject({
        code: 'webhook.address',
      });
    }
  });
});
