import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { openPostgresPool, WORKING } from '../../../src/adapters/store/engine/postgres-pool.ts';
import { freePorts } from '../../support/ports.ts';

const closing: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** One message of PostgreSQL's protocol, version 3: type, length, body. */
function message(type: string, body: string | Buffer = ''): Buffer {
  const octets = Buffer.from(body);
  const head = Buffer.alloc(5);
  head.write(type, 0, 'latin1');
  head.writeInt32BE(octets.length + 4, 1);
  return Buffer.concat([head, octets]);
}

const READY = message('Z', 'I');
const GREETING = Buffer.concat([message('R', Buffer.alloc(4)), READY]);
const GOING_DOWN = message('E', 'SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0');

/** Something that greets as PostgreSQL does and then behaves as the test says. */
async function postgresLike(greeted: (socket: Socket, connection: number) => void): Promise<string> {
  const [port = 0] = await freePorts(1);
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    connections += 1;
    const connection = connections;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => greeted(socket, connection));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `postgres://postgres@127.0.0.1:${port}/postgres`;
}

describe('a PostgreSQL that goes (Q8)', () => {
  it('in the very moment in which a connection stands: the query fails, the process does not', async () => {
    const uncaught: unknown[] = [];
    const catches = (thrown: unknown) => void uncaught.push(thrown);
    process.on('uncaughtException', catches);
    closing.push(() => void process.off('uncaughtException', catches));
    // a process that was busy reads both in one piece
    const pool = openPostgresPool(
      await postgresLike((socket) => void socket.end(Buffer.concat([GREETING, GOING_DOWN]))),
      'public',
      1,
    );
    const client = await pool.connect();
    await expect(client.query('select 1', [])).rejects.toThrow();
    client.release();
    await pool.end();
    expect(uncaught).toEqual([]);
  });

  it('and is silent: the connection is given up after its statement, not lent to the next', async () => {
    const silence = 200;
    const url = await postgresLike((socket, connection) => {
      socket.write(GREETING);
      if (connection > 1)
        socket.on('data', () => void socket.write(Buffer.concat([message('C', 'SELECT 1\0'), READY])));
    });
    const pool = openPostgresPool(url, 'public', 1, { ...WORKING, silenceMillis: silence });
    const first = await pool.connect();
    await expect(first.query('begin', [])).rejects.toThrow('Query read timeout');
    await expect(first.query('rollback', [])).rejects.toThrow('Connection terminated');
    first.release();
    const second = await pool.connect();
    await expect(second.query('select 1', [])).resolves.toMatchObject({ command: 'SELECT' });
    second.release();
    await pool.end();
  });
});
