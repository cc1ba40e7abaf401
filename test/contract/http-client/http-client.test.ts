import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  isIPv6,
  type Socket,
  type Server as TcpServer,
} from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createHttpClient, type HttpClientOptions } from '../../../src/adapters/http-client/http-client.ts';
import { JitsuinError } from '../../../src/core/errors.ts';
import type { HttpRequest } from '../../../src/ports/http-client.ts';
import { type Authority, makeAuthority, type ServerCertificate } from './certificates.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function listen(server: Server | TcpServer): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Makes [::1]:port a place where connections are neither accepted nor refused. */
async function blackHole(port: number): Promise<void> {
  const child = spawn(process.execPath, [
    join(import.meta.dirname, '../../support/black-hole.mjs'),
    String(port),
  ]);
  closing.push(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const fill = async () => {
    const socket = connect(port, '::1');
    closing.push(() => socket.destroy());
    const stands = once(socket, 'connect').then(() => true);
    return Promise.race([stands, setTimeout(500, false)]);
  };
  // its queue holds few
  for (let n = 0; n < 20; n += 1) if (!(await fill())) return;
  throw new Error('the queue of the black hole never filled');
}

function clientFor(host: string, changes: Partial<HttpClientOptions> = {}) {
  const client = createHttpClient({ allowedHosts: [host], loopbackHttp: 'allowed', ...changes });
  closing.push(() => client.close());
  return client;
}

const get = (url: string): HttpRequest => ({ method: 'GET', url });

async function refusal(promise: Promise<unknown>): Promise<JitsuinError> {
  const thrown: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof JitsuinError) return thrown;
  throw new Error(`Not refused with our error: ${String(thrown)}`);
}

describe('one request', () => {
  it('sends method, headers and body, gives status, headers and octets', async () => {
    const host = await listen(
      createServer((incoming, outgoing) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk) => chunks.push(chunk));
        incoming.on('end', () => {
          outgoing.writeHead(201, {
            'x-method': incoming.method,
            'x-type': incoming.headers['content-type'],
          });
          outgoing.end(Buffer.concat(chunks));
        });
      }),
    );
    const headers = { 'content-type': 'text/plain' };
    const body = new Uint8Array([1, 2, 255]);
    const answer = await clientFor(host).send({ method: 'POST', url: `http://${host}/`, headers, body });
    expect(answer).toMatchObject({
      status: 201,
      headers: { 'x-method': 'POST', 'x-type': 'text/plain' },
      body,
    });
  });

  it('does not follow a redirect', async () => {
    let requests = 0;
    const host = await listen(
      createServer((_, outgoing) => {
        requests += 1;
        outgoing.writeHead(302, { location: '/elsewhere' }).end();
      }),
    );
    expect(await clientFor(host).send(get(`http://${host}/`))).toMatchObject({ status: 302 });
    expect(requests).toBe(1);
  });

  it('bounds the answer, declared or not', async () => {
    const host = await listen(createServer((_, outgoing) => outgoing.end(Buffer.alloc(2_000))));
    const client = clientFor(host, { maxResponseOctets: 1_999 });
    expect(await refusal(client.send(get(`http://${host}/`)))).toMatchObject({ code: 'upstream.response' });
    expect((await client.send({ ...get(`http://${host}/`), maxResponseOctets: 2_000 })).body).toHaveLength(
      2_000,
    );
  });

  it('serves many requests over few connections', async () => {
    let connections = 0;
    const server = createServer((_, outgoing) => outgoing.end('x'));
    server.on('connection', () => {
      connections += 1;
    });
    const host = await listen(server);
    const client = clientFor(host, { maxSockets: 2 });
    await Promise.all(Array.from({ length: 50 }, () => client.send(get(`http://${host}/`))));
    expect(connections).toBe(2);
  });
});

describe('where it may go', () => {
  it.each([
    ['another host', 'https://other.example/'],
    ['another port', 'https://op.simulated.example:8443/'],
    ['plain http', 'http://op.simulated.example/'],
    ['user information', 'https://a:b@op.simulated.example/'],
    ['no URL', 'nonsense'],
    ['a suffix', 'https://op.simulated.example.evil.example/'],
  ])('%s is refused before anything is sent', async (_, url) => {
    expect(await refusal(clientFor('op.simulated.example').send(get(url)))).toMatchObject({
      code: 'config.invalid',
    });
  });

  it('http on loopback only by the flag', async () => {
    const host = await listen(createServer((_, outgoing) => outgoing.end()));
    const refused = clientFor(host, { loopbackHttp: 'refused' });
    expect(await refusal(refused.send(get(`http://${host}/`)))).toMatchObject({ code: 'config.invalid' });
    expect(await clientFor(host).send(get(`http://${host}/`))).toMatchObject({ status: 200 });
  });
});

describe('Q13: faults of the network', () => {
  it('nobody listens', async () => {
    const thrown = await refusal(clientFor('127.0.0.1:1').send(get('http://127.0.0.1:1/')));
    expect(thrown).toMatchObject({ code: 'upstream.unreachable', at: 'connect' });
  });

  it('the name does not resolve', async () => {
    const thrown = await refusal(clientFor('no.invalid').send(get('https://no.invalid/')));
    expect(thrown).toMatchObject({ code: 'upstream.unreachable', at: 'connect' });
    expect(thrown.message).not.toContain('no.invalid');
  });

  it('the line is cut in the middle of the answer', async () => {
    const cut: RequestListener = (_, outgoing) => {
      outgoing.writeHead(200, { 'content-length': '100' });
      outgoing.write('half', () => outgoing.destroy());
    };
    const host = await listen(createServer(cut));
    expect(await refusal(clientFor(host).send(get(`http://${host}/`)))).toMatchObject({
      code: 'upstream.unreachable',
      at: 'response',
    });
  });

  it('no answer at all, or a dripping one, ends at the total deadline', async () => {
    const drip: RequestListener = (incoming, outgoing) => {
      if (incoming.url === '/silent') return;
      const timer = setInterval(() => outgoing.write('.'), 10);
      outgoing.on('close', () => clearInterval(timer));
    };
    const host = await listen(createServer(drip));
    const client = clientFor(host, { totalTimeoutMillis: 150 });
    for (const path of ['/silent', '/drip']) {
      const started = Date.now();
      const thrown = await refusal(client.send(get(`http://${host}${path}`)));
      expect(thrown).toMatchObject({ code: 'upstream.timeout', at: 'response' });
      // without the deadline neither would ever end
      expect(Date.now() - started).toBeLessThan(15_000);
    }
  });

  it('a TLS handshake that stalls ends at the connect deadline', async () => {
    const host = await listen(createTcpServer(() => {}));
    const thrown = await refusal(
      clientFor(host, { connectTimeoutMillis: 100 }).send(get(`https://${host}/`)),
    );
    expect(thrown).toMatchObject({ code: 'upstream.timeout', at: 'connect' });
  });

  it('where nothing is configured: 3 s until a connection stands, 10 s in all', async () => {
    const stalled = await listen(createTcpServer(() => {}));
    const silent = await listen(createServer(() => {}));
    const lasted = async (host: string, url: string) => {
      const started = performance.now();
      const { code, at } = await refusal(clientFor(host).send(get(url)));
      return { code, at, seconds: Math.floor((performance.now() - started + 50) / 1_000) };
    };
    const [connect, total] = await Promise.all([
      lasted(stalled, `https://${stalled}/`),
      lasted(silent, `http://${silent}/`),
    ]);
    expect(connect).toMatchObject({ code: 'upstream.timeout', at: 'connect' });
    expect(total).toMatchObject({ code: 'upstream.timeout', at: 'response' });
    expect(connect.seconds).toBeGreaterThanOrEqual(3);
    expect(connect.seconds).toBeLessThan(8);
    expect(total.seconds).toBeGreaterThanOrEqual(10);
    expect(total.seconds).toBeLessThan(20);
  });

  const six = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));

  it.skipIf(!six)(
    'an IPv6 route that swallows everything: the IPv4 address answers; without one the connect deadline ends it',
    async () => {
      const host = await listen(createServer((_, outgoing) => outgoing.end('x')));
      const port = Number(host.split(':')[1]);
      await blackHole(port);
      const addresses = { both: ['::1', '127.0.0.1'], hole: ['::1'] };
      const client = (found: readonly string[]) =>
        clientFor(`localhost:${port}`, {
          connectTimeoutMillis: 1_500,
          lookup: (_name, _options, callback) =>
            callback(
              null,
              found.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 })),
            ),
        });
      const url = `http://localhost:${port}/`;
      expect(await client(addresses.both).send(get(url))).toMatchObject({ status: 200 });
      expect(await refusal(client(addresses.hole).send(get(url)))).toMatchObject({
        code: 'upstream.timeout',
        at: 'connect',
      });
    },
  );

  it('what is not HTTP is no answer', async () => {
    const host = await listen(createTcpServer((socket) => socket.end('SSH-2.0-x\r\n\r\n')));
    expect(await refusal(clientFor(host).send(get(`http://${host}/`)))).toMatchObject({
      code: 'upstream.response',
    });
  });

  it('a kept connection that the peer closed is asked again once; a fresh one never', async () => {
    let requests = 0;
    const host = await listen(
      createServer((incoming, outgoing) => {
        requests += 1;
        if (requests % 2 === 0) incoming.socket.destroy();
        else outgoing.end('x');
      }),
    );
    const client = clientFor(host, { maxSockets: 1 });
    await client.send(get(`http://${host}/`));
    expect(await client.send(get(`http://${host}/`))).toMatchObject({ status: 200 });
    expect(requests).toBe(3);
    expect(await refusal(client.send({ ...get(`http://${host}/`), connection: 'fresh' }))).toMatchObject({
      code: 'upstream.unreachable',
      at: 'response',
    });
    expect(requests).toBe(4);
  });
});

describe('TLS', () => {
  let authority: Authority;
  beforeAll(() => {
    authority = makeAuthority('simulated root');
  });

  async function serve(
    certificate: ServerCertificate,
    limits: { maxVersion?: 'TLSv1.1'; minVersion?: 'TLSv1' } = {},
  ) {
    const ciphers = limits.maxVersion === undefined ? {} : { ciphers: 'DEFAULT@SECLEVEL=0' };
    const seen: (string | null)[] = [];
    const server = createTlsServer({ ...certificate, ...limits, ...ciphers }, (_, outgoing) =>
      outgoing.end('x'),
    );
    server.on('secureConnection', (socket) => seen.push(socket.getProtocol()));
    server.on('tlsClientError', () => {});
    return { host: await listen(server), seen };
  }

  it('1.3, with the connection kept', async () => {
    const { host, seen } = await serve(authority.issue());
    const client = clientFor(host, { trustedRoots: [authority.pem] });
    await client.send(get(`https://${host}/`));
    expect(await client.send(get(`https://${host}/`))).toMatchObject({ status: 200 });
    expect(seen).toEqual(['TLSv1.3']);
  });

  it('is refused below 1.2', async () => {
    const { host } = await serve(authority.issue(), { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' });
    const client = clientFor(host, { trustedRoots: [authority.pem] });
    expect(await refusal(client.send(get(`https://${host}/`)))).toMatchObject({ code: 'upstream.tls' });
  });

  it.each([
    ['an unknown root', () => makeAuthority('other root').issue()],
    ['an expired certificate', (own: Authority) => own.issue({ notAfter: Date.now() - 1_000 })],
    ['a certificate of another host', (own: Authority) => own.issue({ address: [127, 0, 0, 2] })],
  ] as const)('%s is a named error, and no switch of the environment changes that', async (_, issue) => {
    const { host, seen } = await serve(issue(authority));
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      const client = clientFor(host, { trustedRoots: [authority.pem] });
      expect(await refusal(client.send(get(`https://${host}/`)))).toMatchObject({
        code: 'upstream.tls',
        at: 'connect',
      });
    } finally {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
    }
    expect(seen).toEqual([]);
  });

  it('a server that speaks no TLS', async () => {
    const host = await listen(createServer((_, outgoing) => outgoing.end()));
    expect(await refusal(clientFor(host).send(get(`https://${host}/`)))).toMatchObject({
      code: 'upstream.tls',
    });
  });
});
