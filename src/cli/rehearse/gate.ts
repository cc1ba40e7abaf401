import { connect, createServer, type Socket } from 'node:net';

/** Something that stands before a server and can be away. */
export interface Gate {
  readonly port: number;
  /** While it is away nothing answers, and what was open is cut. */
  away(away: boolean): void;
  close(): Promise<void>;
}

/** Octets go through unchanged between a loopback port and the server. */
export async function openGate(
  listen: number,
  to: { readonly host: string; readonly port: number },
): Promise<Gate> {
  const sockets = new Set<Socket>();
  let isAway = false;
  const server = createServer((near) => {
    if (isAway) return void near.destroy();
    const far = connect(to.port, to.host);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(listen, '127.0.0.1', resolve);
  });
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : listen,
    away: (away) => {
      isAway = away;
      if (away) cut();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cut();
      }),
  };
}
