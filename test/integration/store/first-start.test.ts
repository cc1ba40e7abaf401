import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSealKey } from '../../../src/adapters/keys/sealer-file.ts';
import { startChild } from '../../support/child.ts';

const CHILD = new URL('./first-start-child.ts', import.meta.url);
const ROUNDS = Number(process.env['JITSUIN_TEST_FIRST_STARTS'] ?? '25');

describe('the first start of several processes on one new SQLite file', () => {
  it('lets every one of them open it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'jitsuin-first-'));
    createSealKey(join(folder, 'seal-key.json'));
    const env = { CHILD_FOLDER: folder, CHILD_ROUNDS: String(ROUNDS) };
    const children = [1, 2, 3].map(() => startChild(CHILD, env));
    await Promise.all(children.map((child) => child.said(1)));
    for (let round = 0; round < ROUNDS; round += 1) {
      writeFileSync(join(folder, `go-${round}`), '');
      await Promise.all(children.map((child) => child.said(round + 2)));
      for (const child of children) expect(child.lines[round + 1]).toBe('open');
    }
    for (const child of children) expect(await child.ended(10_000)).toBe(0);
    rmSync(folder, { recursive: true, force: true });
  }, 90_000);
});
