import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:http2';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld } from '../../../src/cli/world/create-world.ts';
import type { World } from '../../../src/cli/world/world-options.ts';
import { notRunUnless } from '../../support/not-run.ts';
import { freePorts } from '../../support/ports.ts';
import { root } from './sample-process.ts';

const SP = join(root, 'dist/sp/src/cli/sp-main.js');
if (!existsSync(SP)) throw new Error('run "npm run build" first');
const MEBIBYTE = 1_048_576;

interface Proxy {
  readonly name: string;
  /** Writes its configuration, the shipped file with these ports and certificates, and gives the command that runs it. */
  command(folder: string, places: { readonly tls: number; readonly backend: number }): readonly string[];
}

const shipped = (file: string) => readFileSync(join(root, 'samples/server', file), 'utf8');

const PROXIES: readonly Proxy[] = [
  {
    name: 'nginx',
    command: (folder, { tls, backend }) => {
      const site = shipped('nginx/jitsuin.conf')
        .replaceAll(/listen \[::\]:443.*\n/g, '')
        .replaceAll('listen 443', `listen 127.0.0.1:${tls}`)
        .replaceAll('127.0.0.1:3000', `127.0.0.1:${backend}`)
        .replaceAll('sp.example', 'localhost')
        .replaceAll('/etc/ssl/jitsuin', folder);
      writeFileSync(join(folder, 'site.conf'), site);
      const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
        .map((name) => `${name}_temp_path ${folder}/${name};`)
        .join('\n');
      const user = process.getuid?.() === 0 ? 'user root;\n' : '';
      const main = `${user}pid ${folder}/nginx.pid;\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n${temporary}\ninclude ${folder}/site.conf;\n}\n`;
      writeFileSync(join(folder, 'nginx.conf'), main);
      return ['nginx', '-p', folder, '-c', join(folder, 'nginx.conf'), '-g', 'daemon off;'];
    },
  },
  {
    name: 'caddy',
    command: (folder, { tls, backend }) => {
      const site = shipped('caddy/Caddyfile')
        .replace(
          'sp.example {',
          `https://localhost:${tls} {\n\ttls ${folder}/fullchain.pem ${folder}/privkey.pem`,
        )
        .replaceAll('127.0.0.1:3000', `127.0.0.1:${backend}`);
      writeFileSync(join(folder, 'Caddyfile'), `{\n\tadmin off\n\tauto_https disable_redirects\n}\n${site}`);
      return ['caddy', 'run', '--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile'];
    },
  },
];

const missing = PROXIES.filter(({ name }) => {
  const env = { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` };
  return spawnSync(name, [name === 'nginx' ? '-v' : 'version'], { env }).status !== 0;
});
for (const { name } of missing)
  notRunUnless('JITSUIN_REQUIRE_PROXIES', `a role behind ${name}`, 'apt-get install nginx-light caddy');

describe.each(PROXIES.filter((proxy) => !missing.includes(proxy)))(
  'a role behind $name',
  { timeout: 60_000 },
  (proxy) => {
    const folder = mkdtempSync(join(tmpdir(), `jitsuin-${proxy.name}-`));
    const started: ChildProcess[] = [];
    let world: World;
    let tls = 0;
    let backend = 0;
    let role: ChildProcess;

    const start = (
      [program = '', ...args]: readonly string[],
      env: Readonly<Record<string, string>> = {},
    ) => {
      const child = spawn(program, args, {
        env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin`, HOME: folder, ...env },
        stdio: 'ignore',
      });
      started.push(child);
      return child;
    };
    const startRole = () =>
      start([process.execPath, SP, 'serve', '--env-file', world.envFiles.sp], {
        JITSUIN_PORT: String(backend),
      });

    beforeAll(async () => {
      const [simulator = 0, gov = 0, pf = 0, free = 0, other = 0] = await freePorts(5);
      tls = free;
      backend = other;
      const url = (port: number) => `http://localhost:${port}`;
      world = await createWorld({
        dir: join(folder, 'world'),
        seed: 'proxies',
        host: '127.0.0.1',
        simulatorUrl: url(simulator),
        spUrl: `https://localhost:${tls}`,
        govUrl: url(gov),
        pfUrl: url(pf),
      });
      const certificate = ['-keyout', join(folder, 'privkey.pem'), '-out', join(folder, 'fullchain.pem')];
      const subject = [
        '-subj',
        '/CN=localhost',
        '-addext',
        'subjectAltName=DNS:localhost',
        '-days',
        '1',
        '-nodes',
      ];
      execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', ...subject, ...certificate], {
        stdio: 'ignore',
      });
      start(proxy.command(folder, { tls, backend }));
      role = startRole();
      await ready();
    }, 60_000);
    afterAll(async () => {
      const ended = started.map((child) => new Promise<void>((done) => child.once('exit', () => done())));
      const running = started.map((child) => child.exitCode === null && child.signalCode === null);
      for (const child of started) child.kill('SIGTERM');
      await Promise.all(ended.filter((_, index) => running[index]));
      rmSync(folder, { recursive: true, force: true });
    });

    interface Answer {
      readonly status: number;
      readonly type: string;
      readonly body: string;
      /** Milliseconds from the request to the first octets of the body. */
      readonly firstAfter: number;
      readonly lastAfter: number;
    }

    function ask(
      path: string,
      options: { readonly headers?: Record<string, string>; readonly body?: Buffer } = {},
    ) {
      const { headers = {}, body } = options;
      const began = performance.now();
      return new Promise<Answer>((done, failed) => {
        const ca = readFileSync(join(folder, 'fullchain.pem'));
        const method = body === undefined ? 'GET' : 'POST';
        const outgoing = request(
          {
            host: '127.0.0.1',
            servername: 'localhost',
            port: tls,
            path,
            method,
            ca,
            agent: false,
            headers: { host: `localhost:${tls}`, ...headers },
          },
          (incoming) => {
            const chunks: Buffer[] = [];
            let firstAfter = 0;
            incoming.on('data', (chunk: Buffer) => {
              if (chunks.length === 0) firstAfter = performance.now() - began;
              chunks.push(chunk);
            });
            incoming.on('error', failed);
            incoming.on('end', () =>
              done({
                status: incoming.statusCode ?? 0,
                type: incoming.headers['content-type'] ?? '',
                body: Buffer.concat(chunks).toString('utf8'),
                firstAfter,
                lastAfter: performance.now() - began,
              }),
            );
          },
        );
        outgoing.on('error', failed);
        outgoing.end(body);
      });
    }

    async function ready(): Promise<void> {
      const end = Date.now() + 30_000;
      for (;;) {
        const status = await ask('/livez').then(
          (answer) => answer.status,
          () => 0,
        );
        if (status === 200) return;
        if (Date.now() > end) throw new Error(`not ready behind ${proxy.name}: ${status}`);
        await new Promise((again) => setTimeout(again, 200));
      }
    }

    const submit = (body: Buffer, key: string) =>
      ask('/v1/applications', {
        headers: {
          authorization: `Bearer ${world.spApiKey}`,
          'content-type': 'application/xml',
          'content-length': String(body.length),
          'idempotency-key': key,
        },
        body,
      });

    it('answers over HTTP/2, and takes an application whose addresses are those in front', async () => {
      const session = connect(`https://localhost:${tls}`, {
        ca: readFileSync(join(folder, 'fullchain.pem')),
      });
      const stream = session.request({ ':path': '/livez' });
      const status = await new Promise((done, failed) => {
        stream.once('response', (headers) => done(headers[':status']));
        stream.once('error', failed);
      });
      session.destroy();
      expect(status).toBe(200);
      const file = readFileSync(join(root, 'samples/applications/rare-kanji-notification.xml'));
      const { status: created, body } = await submit(file, 'first');
      expect([created, JSON.parse(body)]).toMatchObject([
        201,
        { sign_url: expect.stringMatching(new RegExp(`^https://localhost:${tls}/`)) },
      ]);
    });

    it('lets the role itself refuse what is too long, with its own problem document', async () => {
      const { status, type, body } = await submit(Buffer.alloc(5 * MEBIBYTE + 1_024, 0x20), 'long');
      expect([status, type]).toEqual([413, expect.stringContaining('application/problem+json')]);
      expect(JSON.parse(body)).toMatchObject({ status: 413 });
    });

    it('a role that is restarted is a gap of seconds: afterwards everything goes on by itself', async () => {
      role.kill('SIGTERM');
      await new Promise<void>((done) => role.once('exit', () => done()));
      expect((await ask('/readyz')).status).toBe(502);
      role = startRole();
      await ready();
    });

    it('an event stream comes line by line', async () => {
      role.kill('SIGTERM');
      await new Promise<void>((done) => role.once('exit', () => done()));
      const server: Server = createServer((_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('event: state\ndata: one\n\n');
        setTimeout(() => response.end('event: state\ndata: two\n\n'), 1_500);
      });
      await new Promise<void>((done) => server.listen(backend, '127.0.0.1', done));
      expect((server.address() as AddressInfo).port).toBe(backend);
      const { status, body, firstAfter, lastAfter } = await ask('/applications/x/events');
      await new Promise((done) => server.close(done));
      expect([status, body]).toEqual([200, expect.stringContaining('data: two')]);
      expect(lastAfter - firstAfter).toBeGreaterThan(1_000);
    });
  },
);
