import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { connect, createSecureContext, TLSSocket } from 'node:tls';

/** How much of what a client says first is looked at. */
const REQUEST_LINE = /^[A-Z]+ [^ ?\r\n]+/;

/**
 * A company's proxy that opens TLS: it answers for every host with a certificate of its own authority, reads what is said, and says it
 * to the real host.
 */
export class InspectingProxy {
  readonly url: string;
  /** PEM of its authority. */
  readonly authority: string;
  /** Method and path of the first request of each connection. */
  readonly opened = new Set<string>();
  connections = 0;
  readonly #server: Server;
  readonly #folder: string;
  readonly #sockets = new Set<Duplex>();
  readonly #certificates = new Map<string, ReturnType<typeof createSecureContext>>();

  private constructor(server: Server, folder: string, url: string) {
    this.#server = server;
    this.#folder = folder;
    this.url = url;
    this.authority = join(folder, 'company-ca.pem');
  }

  /** @param address where containers reach this machine */
  static async open(folder: string, address: string): Promise<InspectingProxy> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, address, done));
    const place = server.address();
    if (place === null || typeof place === 'string') throw new Error('no port');
    const proxy = new InspectingProxy(server, folder, `http://${address}:${place.port}`);
    proxy.#issue('company-ca', ['-subj', '/CN=Company CA'], []);
    server.on('connect', ({ url = '' }, socket: Duplex) => proxy.#inspect(url, socket));
    return proxy;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((done) => this.#server.close(done));
  }

  #inspect(target: string, socket: Duplex): void {
    this.connections += 1;
    this.#sockets.add(socket);
    const { hostname, port } = new URL(`https://${target}`);
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    const inside = new TLSSocket(socket, { isServer: true, secureContext: this.#certificateOf(hostname) });
    inside.once('data', (first: Buffer) => {
      const [line] = REQUEST_LINE.exec(first.toString('latin1')) ?? [];
      if (line !== undefined) this.opened.add(line);
      const outside = connect({ host: hostname, port: Number(port || 443), servername: hostname });
      outside.write(first);
      for (const [one, other] of [
        [inside, outside],
        [outside, inside],
      ] as const) {
        one.pipe(other);
        one.on('error', () => other.destroy());
        one.on('close', () => other.destroy());
      }
    });
    inside.on('error', () => socket.destroy());
    socket.on('error', () => inside.destroy());
  }

  #certificateOf(host: string) {
    const known = this.#certificates.get(host);
    if (known !== undefined) return known;
    const issuer = ['-CA', 'company-ca.pem', '-CAkey', 'company-ca.key'];
    const name = ['-addext', `subjectAltName=DNS:${host}`, '-addext', 'basicConstraints=critical,CA:FALSE'];
    this.#issue(host, ['-subj', `/CN=${host}`, ...name], issuer);
    const [key, cert] = ['key', 'pem'].map((kind) => readFileSync(join(this.#folder, `${host}.${kind}`)));
    const context = createSecureContext({ key, cert });
    this.#certificates.set(host, context);
    return context;
  }

  #issue(name: string, subject: readonly string[], issuer: readonly string[]): void {
    const files = ['-keyout', `${name}.key`, '-out', `${name}.pem`];
    const key = ['-newkey', 'rsa:2048', '-nodes', '-days', '2'];
    execFileSync('openssl', ['req', '-x509', ...key, ...files, ...subject, ...issuer], {
      cwd: this.#folder,
      stdio: 'ignore',
    });
  }
}
