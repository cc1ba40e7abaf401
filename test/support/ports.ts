import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the ports from which systems take those of outgoing connections (Linux: from 32768 on). */
const LOWEST = 10_000;
const HIGHEST = 32_000;

/**
 * Ports on loopback, all different, that nothing listens at and that no outgoing connection is given: a server that is
 * stopped and started again gets its port back. Drawn at random, so that test files at the same time do not meet.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = randomInt(LOWEST, HIGHEST);
    if (!ports.includes(port) && (await isFree(port))) ports.push(port);
  }
  return ports;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
