import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { withEnvFile } from '../../../src/cli/env-file-option.ts';
import { simulator } from '../../../src/cli/simulator-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'jitsuin-simulator-command-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('an environment file is not taken silently: the message says how a world’s simulator is started', async () => {
  const file = join(folder, 'simulator.env');
  writeFileSync(file, 'JITSUIN_PORT=8091\n');
  const said = { stdout: () => undefined, stderr: () => undefined };
  const bare = { ...said, isTty: false, env: {}, signal: AbortSignal.abort() };
  const { rest, io } = withEnvFile(['--env-file', file, '--port', '0'], bare);
  await expect(simulator.run(rest, io)).rejects.toThrow(`jitsuin serve --role simulator --env-file ${file}`);
});
