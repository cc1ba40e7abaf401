import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** libxml2 in C, driven through Python's ctypes in a process of its own; undefined where it is not installed. */
export async function startLibxml2(): Promise<Libxml2 | undefined> {
  const child = spawn('python3', [join(import.meta.dirname, 'libxml2.py')], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.on('error', () => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done === true) return undefined;
  const { version } = JSON.parse(first.value) as { version: string };
  return new Libxml2(child, lines, version);
}

export class Libxml2 {
  readonly version: string;
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;
  private readonly directory = mkdtempSync(join(tmpdir(), 'jitsuin-bench-'));

  constructor(child: ChildProcess, lines: AsyncIterator<string>, version: string) {
    this.child = child;
    this.lines = lines;
    this.version = version;
  }

  /** Milliseconds for parse and C14N 1.0 (without a hash), averaged over `repeat` runs. */
  async run(octets: Uint8Array, repeat: number): Promise<number> {
    const file = join(this.directory, 'document.xml');
    writeFileSync(file, octets);
    this.child.stdin?.write(`${JSON.stringify({ file, repeat })}\n`);
    const answer = await this.lines.next();
    return (JSON.parse(answer.value) as { milliseconds: number }).milliseconds;
  }

  stop(): void {
    this.child.stdin?.end();
  }
}
