import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A TypeScript file of the tests run as a process of its own, speaking in lines. */
export interface TestChild {
  readonly lines: readonly string[];
  /** Resolves when the child has said this many lines; rejects when it ends before. */
  said(count: number): Promise<void>;
  /** SIGKILL: no handler, no finally, no flush. */
  kill(): Promise<void>;
  /** Exit status, or undefined when it had to be killed after `limitMillis`. */
  ended(limitMillis: number): Promise<number | undefined>;
}

/** `memoryMegabytes`: the heap at which the process dies. */
export function startChild(
  file: URL,
  env: Readonly<Record<string, string>>,
  memoryMegabytes?: number,
): TestChild {
  const memory = memoryMegabytes === undefined ? [] : [`--max-old-space-size=${memoryMegabytes}`];
  const child = spawn(process.execPath, [...memory, '--import', 'tsx', file.pathname], {
    env: { ...process.env, ...env },
    // a process that dies of its memory says so at length
    stdio: ['ignore', 'pipe', memoryMegabytes === undefined ? 'inherit' : 'ignore'],
  });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const look of waiting) look();
  };
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    wake();
  });
  const exited = exitOf(child);
  void exited.then(wake);
  let open = true;
  void exited.then(() => {
    open = false;
  });
  return {
    lines,
    said: (count) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (lines.length < count && open) return;
          waiting.delete(look);
          if (lines.length >= count) resolve();
          else reject(new Error(`The child ended after ${lines.length} of ${count} lines.`));
        };
        waiting.add(look);
        void exited.then(() => setImmediate(look));
        look();
      }),
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    ended: async (limitMillis) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), limitMillis);
      const status = await exited;
      clearTimeout(timer);
      return status ?? undefined;
    },
  };
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('close', (status) => resolve(status)));
}
