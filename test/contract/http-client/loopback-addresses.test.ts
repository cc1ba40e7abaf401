import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createHttpClient } from '../../../src/adapters/http-client/http-client.ts';
import { addressOf, useLoopbackAddresses } from '../../../src/adapters/http-client/loopback-addresses.ts';

afterEach(() => useLoopbackAddresses({}));
const addresses = (text: string) => useLoopbackAddresses({ JITSUIN_LOOPBACK_HOSTS: text });
const placed = (url: string) => addressOf(new URL(url)).href;

describe('JITSUIN_LOOPBACK_HOSTS', () => {
  it('sends what is called localhost to the host of its port, and nothing else', () => {
    addresses('8090=simulator, 80=web.internal');
    expect(placed('http://localhost:8090/a?b=c')).toBe('http://simulator:8090/a?b=c');
    expect(placed('http://127.0.0.1:8090/')).toBe('http://simulator:8090/');
    expect(placed('http://localhost/')).toBe('http://web.internal/');
    for (const other of ['http://localhost:8091/', 'https://localhost:8090/', 'http://example.org:8090/'])
      expect(placed(other)).toBe(other);
  });

  it.each(['8090', '8090=', '=x', '0=x', '70000=x', '8090=a b', '8090=x,,', '8090=http://x', '8090=x:1'])(
    '%s: config.invalid',
    (text) => {
      expect(() => addresses(text)).toThrow(expect.objectContaining({ code: 'config.invalid' }));
    },
  );

  it('nothing is placed where nothing is set', () => {
    addresses('8090=simulator');
    useLoopbackAddresses({});
    expect(placed('http://localhost:8090/')).toBe('http://localhost:8090/');
  });
});

describe('a client with a placed port', () => {
  let server: Server;
  let port = 0;
  const seen: (string | undefined)[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      seen.push(request.headers.host);
      response.end('{}');
    });
    // 127.0.0.2 stands for another machine: nothing listens at this port of 127.0.0.1
    await new Promise<void>((done) => server.listen(0, '127.0.0.2', done));
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => server.close());

  it('connects to that host, and says the name that the URL has', async () => {
    const http = createHttpClient({ allowedHosts: [`localhost:${port}`], loopbackHttp: 'allowed' });
    addresses(`${port}=127.0.0.2`);
    const { status } = await http.send({ method: 'GET', url: `http://localhost:${port}/x` });
    expect([status, seen]).toEqual([200, [`localhost:${port}`]]);
    http.close();
  });

  it('still calls no host that is not on its list, and no plain HTTP where that is refused', async () => {
    addresses(`${port}=127.0.0.2`);
    for (const http of [
      createHttpClient({ allowedHosts: ['localhost:1'], loopbackHttp: 'allowed' }),
      createHttpClient({ allowedHosts: [`localhost:${port}`], loopbackHttp: 'refused' }),
    ]) {
      const asked = http.send({ method: 'GET', url: `http://localhost:${port}/x` });
      await expect(asked).rejects.toMatchObject({ code: 'config.invalid' });
      http.close();
    }
  });
});
