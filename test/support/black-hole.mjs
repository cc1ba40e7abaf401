// Listens at [::1]:PORT and never accepts: once its queue is full, whoever connects hears nothing at all, as behind a route that
// swallows packets.
import { createServer } from 'node:net';

const server = createServer();
server.listen({ host: '::1', port: Number(process.argv[2]), backlog: 1 }, () => {
  process.stdout.write('ready\n', () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
});
