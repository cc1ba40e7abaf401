import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createFileOutput, createStreamOutput } from '../../../src/adapters/log/standard-output.ts';

const child = join(import.meta.dirname, 'standard-output-child.ts');

/** Starts the child with this standard output; gives what it told. */
async function told(
  stdout: 'pipe' | number,
  meddle: (stdout: NodeJS.ReadableStream | null) => void = () => undefined,
) {
  const running = spawn(process.execPath, ['--import', 'tsx', child], { stdio: ['ignore', stdout, 'pipe'] });
  meddle(running.stdout);
  let text = '';
  running.stderr?.on('data', (piece: Buffer) => {
    text += piece.toString();
  });
  const [status] = await once(running, 'exit');
  return Object.assign({ status }, JSON.parse(text) as { ticks: number; dropped: number });
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 50));

describe('standard output as the place of a log', () => {
  it('a reader that stands stops nothing: lines beyond a bound are dropped and counted', async () => {
    const { status, ticks, dropped } = await told('pipe', (stdout) => void stdout?.pause());
    expect(status).toBe(0);
    expect(ticks).toBeGreaterThan(15);
    expect(dropped).toBeGreaterThan(100);
  });

  it('a reader that went away ends nothing', async () => {
    const { status, ticks, dropped } = await told('pipe', (stdout) => {
      (stdout as unknown as { destroy(): void }).destroy();
    });
    expect(status).toBe(0);
    expect(ticks).toBeGreaterThan(15);
    expect(dropped).toBeGreaterThan(0);
  });

  it('a full disk stops nothing, and every line is counted', async () => {
    const full = openSync('/dev/full', 'w');
    const output = createFileOutput(full);
    for (let n = 0; n < 1_000; n += 1) output.write(`line ${n}\n`);
    await settled();
    closeSync(full);
    expect(output.dropped()).toBe(1_000);
  });

  it('writes every line of a file in its order, once', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'jitsuin-output-'));
    const descriptor = openSync(join(folder, 'log'), 'a');
    const output = createFileOutput(descriptor);
    const lines = Array.from({ length: 5_000 }, (_, n) => `行 ${n} ${'x'.repeat(40)}\n`);
    for (const line of lines) output.write(line);
    await expect.poll(() => readFileSync(join(folder, 'log'), 'utf8') === lines.join('')).toBe(true);
    closeSync(descriptor);
    rmSync(folder, { recursive: true });
    expect(output.dropped()).toBe(0);
  });

  it('keeps so much for a slow place and no more; what comes later is taken again', async () => {
    let take: () => void = () => undefined;
    const stream = new Writable({
      decodeStrings: false,
      write: (_line, _encoding, done) => {
        take = done;
      },
    });
    const output = createStreamOutput(stream, 20);
    for (let n = 0; n < 4; n += 1) output.write('12345678\n');
    expect(output.dropped()).toBe(2);
    take();
    await settled();
    output.write('12345678\n');
    expect(output.dropped()).toBe(2);
  });
});
