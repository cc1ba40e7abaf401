import { parseArgs } from 'node:util';
import type { Command } from './command.ts';

/** Where a role listens that was told no port, in a container. */
const DEFAULT_PORT = '8080';
const PATIENCE = 4_000;

export const health: Command = {
  name: 'health',
  usage: `Usage: jitsuin health [--url URL] [--env-file FILE] [--json]

Asks the process that runs beside it whether it can do its work: GET /readyz at JITSUIN_MANAGEMENT_PORT, or at JITSUIN_PORT
(default here: ${DEFAULT_PORT}) on 127.0.0.1. For the health checks of containers and service managers.

  --url URL   ask this address instead; any answer below 400 will do
  --json      print one JSON object: url, healthy, says

Exit status: 0 it can, 1 it cannot.`,
  async run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: { url: { type: 'string' }, json: { type: 'boolean', default: false } },
    });
    const port = io.env['JITSUIN_MANAGEMENT_PORT'] || io.env['JITSUIN_PORT'] || DEFAULT_PORT;
    const url = values.url ?? `http://127.0.0.1:${port}/readyz`;
    const { healthy, says } = await ask(url);
    io.stdout(values.json ? `${JSON.stringify({ url, healthy, says })}\n` : `${says}\n`);
    return healthy ? 0 : 1;
  },
};

async function ask(url: string): Promise<{ readonly healthy: boolean; readonly says: string }> {
  try {
    const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(PATIENCE) });
    await answer.body?.cancel();
    return { healthy: answer.status < 400, says: `${url} answered ${answer.status}` };
  } catch {
    return { healthy: false, says: `${url} does not answer` };
  }
}
