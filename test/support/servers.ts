import { createConnection } from 'node:net';
import { notRunUnless } from './not-run.ts';

/** Servers of the test half that needs them. `JITSUIN_REQUIRE_SERVERS=1` makes their absence a failure. */
export const TEST_DATABASE_URL =
  process.env['JITSUIN_TEST_DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/test';
export const TEST_REDIS_URL = process.env['JITSUIN_TEST_REDIS_URL'] ?? 'redis://127.0.0.1:6379';

/** True when the server of this URL listens. Otherwise says in one loud line which half did not run, or throws when it must. */
export async function serverReachable(url: string, half: string): Promise<boolean> {
  if (await listens(new URL(url))) return true;
  const how = `nothing listens at ${new URL(url).host}; eval "$(scripts/servers.sh up)"`;
  notRunUnless('JITSUIN_REQUIRE_SERVERS', half, how);
  return false;
}

function listens({ hostname, port, protocol }: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({
      host: hostname,
      port: Number(port || (protocol.startsWith('redis') ? 6379 : 5432)),
    });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(2_000, () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}
