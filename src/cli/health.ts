import type { Command } from './command.ts';
import { declareCommand } from './declare-command.ts';

/** Where a role listens that was told no port, in a container. */
const DEFAULT_PORT = '8080';
const PATIENCE = 4_000;

export const health: Command = declareCommand({
  name: 'health',
  about: `Asks the process that runs beside it whether it can do its work: GET /readyz at JITSUIN_MANAGEMENT_PORT, or at
JITSUIN_PORT (default here: ${DEFAULT_PORT}) on 127.0.0.1. For the health checks of containers and service managers.`,
  options: {
    url: { type: 'string', value: 'URL', means: 'ask this address instead; any answer below 400 will do' },
    json: { type: 'boolean', means: 'print one JSON object: url, healthy, says' },
  },
  more: 'Exit status: 0 it can, 1 it cannot.',
  async run(values, _operands, io) {
    const port = io.env['JITSUIN_MANAGEMENT_PORT'] || io.env['JITSUIN_PORT'] || DEFAULT_PORT;
    const url = values.url ?? `http://127.0.0.1:${port}/readyz`;
    const { healthy, says } = await ask(url);
    io.stdout(values.json ? `${JSON.stringify({ url, healthy, says })}\n` : `${says}\n`);
    return healthy ? 0 : 1;
  },
});

async function ask(url: string): Promise<{ readonly healthy: boolean; readonly says: string }> {
  try {
    const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(PATIENCE) });
    await answer.body?.cancel();
    return { healthy: answer.status < 400, says: `${url} answered ${answer.status}` };
  } catch {
    return { healthy: false, says: `${url} does not answer` };
  }
}
