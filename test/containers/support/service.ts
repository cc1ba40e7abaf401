import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';

interface Backend {
  readonly address: string;
  readonly port: number;
}

/** An authority of its own and a certificate for one address, as a cluster's ingress has one. */
export function makeCertificate(folder: string, address: string): void {
  const openssl = (...args: readonly string[]) =>
    execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  const key = ['-newkey', 'rsa:2048', '-nodes', '-days', '2'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=ingress CA');
  const issued = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-keyout', 'tls.key', '-out', 'tls.pem'];
  const subject = ['-subj', `/CN=${address}`, '-addext', `subjectAltName=IP:${address}`];
  openssl('req', '-x509', ...key, ...issued, ...subject, '-addext', 'basicConstraints=critical,CA:FALSE');
}

/** TLS in front of a Service: each connection goes to the next of its endpoints. */
export class Ingress {
  readonly port: number;
  readonly #server: Server;
  #backends: readonly Backend[] = [];
  #next = 0;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async open(folder: string): Promise<Ingress> {
    const [cert, key] = ['tls.pem', 'tls.key'].map((name) => readFileSync(join(folder, name)));
    const server = createServer({ cert, key });
    await new Promise<void>((done) => server.listen(0, '0.0.0.0', done));
    const place = server.address();
    if (place === null || typeof place === 'string') throw new Error('no port');
    const ingress = new Ingress(server, place.port);
    server.on('secureConnection', (incoming) => {
      const backend = ingress.#take();
      if (backend === undefined) {
        incoming.destroy();
        return;
      }
      const outgoing = connect(backend.port, backend.address);
      for (const [one, other] of [
        [incoming, outgoing],
        [outgoing, incoming],
      ] as const) {
        one.pipe(other);
        one.on('error', () => other.destroy());
        one.on('close', () => other.destroy());
      }
    });
    server.on('tlsClientError', () => undefined);
    return ingress;
  }

  set backends(backends: readonly Backend[]) {
    this.#backends = backends;
  }

  close(): void {
    this.#server.close();
  }

  #take(): Backend | undefined {
    this.#next += 1;
    return this.#backends[this.#next % this.#backends.length];
  }
}
