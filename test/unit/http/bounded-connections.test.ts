import { createServer, request as httpRequest } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { systemRandom } from '../../../src/adapters/random.ts';
import type { EpochMillis } from '../../../src/core/brand.ts';
import { octetsBody } from '../../../src/http/body.ts';
import { boundedConnections } from '../../../src/http/bounded-connections.ts';
import { concurrencyLimit } from '../../../src/http/concurrency-limit.ts';
import { createEdge } from '../../../src/http/edge.ts';
import { type Listening, listen } from '../../../src/http/listen.ts';

const random = systemRandom({ now: () => 0 as EpochMillis });
const log = { info: () => {}, warn: () => {}, error: () => {} };
const open: (() => Promise<unknown>)[] = [];

async function serve(routes: Parameters<typeof createEdge>[1]): Promise<Listening> {
  const listening = await listen(createEdge({ log, random }, routes), { host: '127.0.0.1', port: 0 });
  open.push(() => listening.close(50));
  return listening;
}

/** What one connection answers to these octets until it is ended by the server. */
function sent(port: number, octets: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(octets));
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
  });
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

describe('one connection is bounded', () => {
  it('5,000 pipelined requests end it before more than 16 of them are worked on', async () => {
    let worked = 0;
    const { port } = await serve((app) => {
      app.get('/', async (_request, response) => {
        worked += 1;
        await new Promise((resolve) => setImmediate(resolve));
        response.json({});
      });
    });
    await sent(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(5_000));
    expect(worked).toBeLessThanOrEqual(16);
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
  });

  it('a few pipelined requests are answered in their order', async () => {
    const { port } = await serve((app) => {
      app.get('/:n', (request, response) => {
        response.send(`<${request.params.n}>`);
      });
    });
    const requests = ['1', '2', '3'].map((n) => `GET /${n} HTTP/1.1\r\nHost: a\r\n\r\n`);
    requests.push('GET /4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect((await sent(port, requests.join(''))).match(/<\d>/g)).toEqual(['<1>', '<2>', '<3>', '<4>']);
  });

  it('a reader that takes nothing of its answer is cut', async () => {
    const server = createServer();
    let ended: (() => void) | undefined;
    const closed = new Promise<void>((resolve) => {
      ended = resolve;
    });
    boundedConnections(
      server,
      (_request, response) => {
        response.once('close', () => ended?.());
        response.end(Buffer.alloc(64 * 1024 * 1024));
      },
      50,
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    open.push(() => new Promise((resolve) => server.close(resolve)));
    const { port } = server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'));
    socket.pause();
    socket.on('error', () => {});
    await closed;
    socket.destroy();
  });

  it.each(['Host: b', 'host: a', 'Authorization: Bearer x\r\nAuthorization: Bearer y'])(
    'two headers of which there is one are refused: %j',
    async (header) => {
      const { port } = await serve((app) => {
        app.get('/', (_request, response) => {
          response.json({});
        });
      });
      const answer = await sent(port, `GET / HTTP/1.1\r\nHost: a\r\n${header}\r\nConnection: close\r\n\r\n`);
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    },
  );
});

describe('a body is bounded before it is read', () => {
  it('a declared length over the limit is answered 413 while none of the body was sent', async () => {
    const { port } = await serve((app) => {
      app.post('/', octetsBody(10, ['text/plain']), (_request, response) => {
        response.json({});
      });
    });
    const answer = await sent(
      port,
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('http.body-size');
  });

  it('who sends the whole of it before reading finds the answer all the same; who sends for ever is cut', async () => {
    const limit = 200_000;
    const { port } = await serve((app) => {
      app.post('/', octetsBody(limit, ['text/plain']), (_request, response) => {
        response.json({});
      });
    });
    const send = (declared: number, octets: number) =>
      new Promise<{ answer: string; error: string; sent: number }>((done) => {
        const socket = connect({ port, host: '127.0.0.1', noDelay: true });
        let answer = '';
        let error = '';
        const head = `POST / HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: ${declared}\r\n\r\n`;
        socket.write(head);
        let rest = octets;
        const writing = setInterval(() => {
          if (rest <= 0) return;
          socket.write(Buffer.alloc(Math.min(rest, 20_000)));
          rest -= 20_000;
        }, 5);
        socket.on('data', (chunk: Buffer) => {
          answer += chunk.toString('latin1');
        });
        socket.on('error', (thrown: NodeJS.ErrnoException) => {
          error = thrown.code ?? '';
        });
        socket.on('close', () => {
          clearInterval(writing);
          done({ answer, error, sent: octets - rest });
        });
      });
    const whole = await send(limit + 20_000, limit + 20_000);
    expect([whole.error, whole.sent, whole.answer]).toEqual([
      '',
      limit + 20_000,
      expect.stringMatching(/^HTTP\/1\.1 413 /),
    ]);
    const endless = await send(100_000_000, 100_000_000);
    expect(endless.sent).toBeLessThan(50_000_000);
  });

  it('who finds no place is answered 429 without its body; a place is given back at the end', async () => {
    const { port, url } = await serve((app) => {
      app.post('/', concurrencyLimit(1), octetsBody(10, ['text/plain']), (_request, response) => {
        response.json({});
      });
    });
    const head = { method: 'POST', port, host: '127.0.0.1', headers: { 'Content-Type': 'text/plain' } };
    const first = httpRequest(head);
    first.on('error', () => {});
    first.flushHeaders();
    const again = () => fetch(url, { method: 'POST', body: 'x', headers: { 'Content-Type': 'text/plain' } });
    await expect.poll(async () => (await again()).status).toBe(429);
    first.destroy();
    await expect.poll(async () => (await again()).status).toBe(200);
  });
});
