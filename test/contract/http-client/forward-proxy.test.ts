import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import {
  type AddressInfo,
  connect,
  type LookupFunction,
  type Socket,
  type Server as TcpServer,
} from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isDirect } from '../../../src/adapters/http-client/forward-proxy.ts';
import { createHttpClient, type HttpClientOptions } from '../../../src/adapters/http-client/http-client.ts';
import { guardedLookup } from '../../../src/adapters/webhook/addresses.ts';
import type { HttpRequest } from '../../../src/ports/http-client.ts';
import { type Authority, makeAuthority } from './certificates.ts';

/** Nothing is there but what the proxy leads to. */
const HOST = '198.51.100.7';
const URL_THERE = `https://${HOST}/token`;
const folder = mkdtempSync(join(tmpdir(), 'jitsuin-proxy-'));
const caFile = join(folder, 'ca.pem');
let authority: Authority;
beforeAll(() => {
  authority = makeAuthority('inspecting proxy');
  writeFileSync(caFile, authority.pem);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function listen(server: Server | TcpServer): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

async function service(address = [198, 51, 100, 7]): Promise<number> {
  const server = createTlsServer(authority.issue({ address }), (_request, response) =>
    response.end('{"ok":true}'),
  );
  return listen(server);
}

interface Proxy {
  readonly port: number;
  readonly asked: string[];
}

/** Leads every CONNECT to one port of this machine; 407 without the right credentials. */
async function forwardProxy(
  target: number,
  options: { tls?: boolean; credentials?: string } = {},
): Promise<Proxy> {
  const asked: string[] = [];
  const server = options.tls === true ? createTlsServer(authority.issue()) : createServer();
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    asked.push(String(request.url));
    const given = request.headers['proxy-authorization'];
    const wanted = options.credentials;
    socket.on('error', () => undefined);
    if (wanted !== undefined && given !== `Basic ${Buffer.from(wanted).toString('base64')}`)
      return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
    const onward = connect(target, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    return void onward.on('error', () => socket.destroy());
  });
  return { port: await listen(server), asked };
}

function send(
  proxy: NonNullable<HttpClientOptions['proxy']>,
  changes: Partial<HttpClientOptions> = {},
  request: Partial<HttpRequest> = {},
) {
  const client = createHttpClient({
    allowedHosts: [new URL(request.url ?? URL_THERE).host],
    loopbackHttp: 'refused',
    proxy,
    ...changes,
  });
  closing.push(() => client.close());
  return client.send({ method: 'GET', url: URL_THERE, ...request });
}

const refused = (code: string, text: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(text) });

describe('the forward proxy', () => {
  it('with user and password, and a CA of its own beside the runtime’s: the answer of the service', async () => {
    const proxy = await forwardProxy(await service(), { credentials: 'us#er:pa ss/ü' });
    const httpsProxy = `http://us%23er:pa%20ss%2F%C3%BC@127.0.0.1:${proxy.port}`;
    const answer = await send({ httpsProxy, proxyCaFile: caFile });
    expect([answer.status, Buffer.from(answer.body).toString()]).toEqual([200, '{"ok":true}']);
    expect(proxy.asked).toEqual([`${HOST}:443`]);
  });

  it('that is reached by TLS itself', async () => {
    const proxy = await forwardProxy(await service(), { tls: true });
    const answer = await send({ httpsProxy: `https://127.0.0.1:${proxy.port}`, proxyCaFile: caFile });
    expect(answer.status).toBe(200);
  });

  it('keeps connections, and opens another where one is asked for', async () => {
    const proxy = await forwardProxy(await service());
    const settings = { httpsProxy: `http://127.0.0.1:${proxy.port}`, proxyCaFile: caFile };
    const client = createHttpClient({ allowedHosts: [HOST], loopbackHttp: 'refused', proxy: settings });
    closing.push(() => client.close());
    for (let round = 0; round < 3; round += 1) await client.send({ method: 'GET', url: URL_THERE });
    expect(proxy.asked).toHaveLength(1);
    await client.send({ method: 'GET', url: URL_THERE, connection: 'fresh' });
    expect(proxy.asked).toHaveLength(2);
  });

  it.each([
    ['a wrong password', 'user:other', 'upstream.unreachable', '407'],
    ['an unknown certificate of the service', undefined, 'upstream.tls', ''],
  ])('%s is named', async (_name, credentials, code, text) => {
    const proxy = await forwardProxy(await service(), credentials === undefined ? {} : { credentials });
    const settings = { httpsProxy: `http://user:right@127.0.0.1:${proxy.port}` };
    await expect(send(settings)).rejects.toThrow(refused(code, text));
  });

  it('a certificate for another address is refused inside the tunnel too', async () => {
    const proxy = await forwardProxy(await service([198, 51, 100, 8]));
    const settings = { httpsProxy: `http://127.0.0.1:${proxy.port}`, proxyCaFile: caFile };
    await expect(send(settings)).rejects.toThrow(refused('upstream.tls', ''));
  });

  it('that is not there, does not answer, or goes away: said of the proxy, not of the service', async () => {
    const silent = await listen(createServer().on('connect', () => undefined));
    const rude = await listen(createServer().on('connect', (_request, socket) => socket.destroy()));
    const gone = await forwardProxy(1);
    for (const port of [1, silent, rude, gone.port]) {
      const proxy = { httpsProxy: `http://127.0.0.1:${port}`, proxyCaFile: caFile };
      await expect(send(proxy, { connectTimeoutMillis: 300 }), String(port)).rejects.toThrow(
        refused('upstream.unreachable', 'HTTPS_PROXY'),
      );
    }
  });

  it('a CA file that cannot be read stops the start', async () => {
    const settings = { httpsProxy: 'http://127.0.0.1:1', proxyCaFile: join(folder, 'missing.pem') };
    expect(() =>
      createHttpClient({ allowedHosts: [HOST], loopbackHttp: 'refused', proxy: settings }),
    ).toThrow(expect.objectContaining({ code: 'config.invalid', at: 'JITSUIN_PROXY_CA_FILE' }));
  });

  it('what is excepted goes directly', async () => {
    const proxy = await forwardProxy(await service());
    const settings = { httpsProxy: `http://127.0.0.1:${proxy.port}`, proxyExceptions: ['198.51.100.0/24'] };
    const lookup: LookupFunction = (_name, _options, callback) => callback(new Error('never asked'), '');
    await send(settings, { lookup, connectTimeoutMillis: 100, totalTimeoutMillis: 200 }).catch(
      () => undefined,
    );
    expect(proxy.asked).toEqual([]);
  });
});

describe('webhooks through a forward proxy', () => {
  const url = 'https://hooks.example/in';
  const guard = (address: string) =>
    guardedLookup({ loopback: 'refused', resolve: async () => [{ address, family: 4 }] });

  it.each(['10.0.0.1', '169.254.169.254', '127.0.0.1', '192.168.1.1'])(
    'a name that leads to %s is refused here, and the proxy is never asked',
    async (address) => {
      const proxy = await forwardProxy(await service());
      const settings = { httpsProxy: `http://127.0.0.1:${proxy.port}`, proxyCaFile: caFile };
      await expect(send(settings, { lookup: guard(address) }, { url })).rejects.toThrow(
        expect.objectContaining({ code: 'webhook.address' }),
      );
      expect(proxy.asked).toEqual([]);
    },
  );

  it('the proxy is asked for the address that was judged, never for the name', async () => {
    const proxy = await forwardProxy(await service());
    const settings = { httpsProxy: `http://127.0.0.1:${proxy.port}`, proxyCaFile: caFile };
    // The certificate is not for that name, so that it ends there.
    await send(settings, { lookup: guard('93.184.216.34') }, { url }).catch(() => undefined);
    expect(proxy.asked).toEqual(['93.184.216.34:443']);
  });
});

describe('everything that goes out', () => {
  it('every client that a program makes is given the proxy of the settings', () => {
    const root = join(import.meta.dirname, '../../..');
    const calls = ['src', 'workers'].flatMap((room) =>
      readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .flatMap((name) => {
          const text = readFileSync(join(root, room, name), 'utf8');
          const found =
            text.match(/(?<!function )(?:createHttpClient|openRevocationSource)\((?:[^()]|\([^()]*\))*\)/g) ??
            [];
          return found.map((call) => [`${room}/${name}`, call] as const);
        }),
    );
    expect(calls.length).toBeGreaterThan(9);
    expect(calls.filter(([, call]) => !/\bproxy\b/.test(call))).toEqual([]);
  });
});

describe('NO_PROXY', () => {
  it.each([
    ['localhost', [], true],
    ['127.0.0.1:8443', [], true],
    ['[::1]:8443', [], true],
    ['service.example', [], false],
    ['service.example', ['*'], true],
    ['service.example', ['service.example'], true],
    ['a.service.example', ['service.example'], true],
    ['a.service.example', ['.service.example'], true],
    ['a.service.example', ['*.service.example'], true],
    ['aservice.example', ['service.example'], false],
    ['SERVICE.example', ['Service.Example'], true],
    ['service.example', ['service.example:8443'], false],
    ['service.example:8443', ['service.example:8443'], true],
    ['service.example', ['service.example:443'], true],
    ['10.1.2.3', ['10.0.0.0/8'], true],
    ['11.1.2.3', ['10.0.0.0/8'], false],
    ['10.1.2.3', ['10.1.2.3'], true],
    ['[2001:db8::1]', ['2001:db8::/32'], true],
    ['[2001:db8::1]:8443', ['[2001:db8::1]:8443'], true],
    ['10.example', ['10.0.0.0/8'], false],
  ] as const)('%s with %j', (host, exceptions, direct) => {
    expect(isDirect(host, exceptions)).toBe(direct);
  });
});
